using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Lifecycle;

public sealed class RunDirectoryTests
{
    [Theory]
    [InlineData("")]
    [InlineData("/")]
    public void Is_made_for_its_owner_alone_with_the_folders_above_it(string ending)
    {
        using TemporaryFolder folder = new();
        RunDirectory.Ensure(folder.FilePath("a/b/run") + ending, new DaemonLog(TextWriter.Null, verbosity: 0));
        Assert.All(["a", "a/b", "a/b/run"], made => Assert.Equal((UnixFileMode)0x1c0, File.GetUnixFileMode(folder.FilePath(made))));
    }

    [RootTheory("chown")]
    [InlineData("ours", "0:0", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, null)]
    [InlineData("of another user, who may not even let others in", "62000:0", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, "belongs to another user (user id 62000)")]
    [InlineData("writable for a group", "0:62000", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupWrite, "can be written by other users")]
    public void Nobody_else_decides_what_root_writes_to(string what, string owner, UnixFileMode mode, string? refusal)
    {
        Assert.NotEmpty(what);
        using TemporaryFolder folder = new();
        string path = Directory.CreateDirectory(folder.FilePath("run")).FullName;
        File.SetUnixFileMode(path, mode);
        Assert.Equal(0, ProcessRun.Run("chown", owner, path).ExitCode);

        DaemonLog log = new(TextWriter.Null, verbosity: 0);
        if (refusal is null)
        {
            RunDirectory.Ensure(path, log);
        }
        else
        {
            Assert.Contains(refusal, Assert.Throws<StartupException>(() => RunDirectory.Ensure(path, log)).Message, StringComparison.Ordinal);
        }
    }
}
