using Fwknop.Native.FileSystem;
using Fwknop.Native.Libc;
using Fwknop.TestSupport;

namespace Fwknop.Native.Tests.FileSystem;

public sealed class OpenedFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_known_is_known_of_the_file_that_is_open()
    {
        string path = _folder.Write("file", "content");
        File.SetUnixFileMode(path, UnixFileMode.UserRead);
        using OpenedFile? file = OpenedFile.TryOpen(path, out _);
        File.Delete(path);
        Directory.CreateDirectory(path);
        Assert.Equal((UnixFileMode.UserRead, true, true), (file!.Ownership.Mode, file.Ownership.IsRegular, file.Ownership.IsOurs));
        Assert.Equal("content", new StreamReader(file.Content).ReadToEnd());
    }

    [Fact]
    public void A_file_is_opened_in_the_folder_that_was_looked_at()
    {
        string path = _folder.Write("folder/file", "content");
        using OpenedFile? file = OpenedFile.TryOpenIn(Path.GetDirectoryName(path)!, "file", out _);
        Assert.True(FileOwnership.TryGet(_folder.FilePath("folder"), out FileOwnership folder, out _));
        Assert.Equal((folder, "content"), (file!.Folder!.Value, new StreamReader(file.Content).ReadToEnd()));
    }

    [ProgramFact("mkfifo")]
    public void A_pipe_that_nobody_writes_to_is_not_waited_for()
    {
        string path = _folder.FilePath("pipe");
        ProcessRun.RunChecked(new ProcessCommand("mkfifo", path));
        using OpenedFile? file = OpenedFile.TryOpen(path, out _);
        Assert.True(file!.Ownership.IsPipe);
    }

    [Fact]
    public void What_cannot_be_opened_has_a_reason()
    {
        Assert.Null(OpenedFile.TryOpen(_folder.FilePath("missing"), out Errno error));
        Assert.True(error.IsNoSuchFile);
        Assert.Null(OpenedFile.TryOpenIn(_folder.FilePath("missing"), "file", out error));
        Assert.True(error.IsNoSuchFile);
        Assert.Null(OpenedFile.TryOpenIn(_folder.Path, "missing", out error));
        Assert.True(error.IsNoSuchFile);
    }
}
