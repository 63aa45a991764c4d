using Fwknop.Native.Libc;
using Fwknop.TestSupport;

namespace Fwknop.Native.Tests.Libc;

/// <summary>A child with pipes; what one without them finds is told by the tests of the daemon's commands.</summary>
public sealed class ChildProgramTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public void Its_pipes_carry_bytes_and_end()
    {
        using ChildProgram child = Start("cat; echo wrong >&2; exit 3");
        child.Input.Write("abc"u8);
        child.Input.Close();

        Assert.Equal("abc", Read(child.Output));
        Assert.Equal("wrong\n", Read(child.Errors));
        Assert.True(child.WaitForEnd(Long));
        Assert.Equal(3, child.Status);
    }

    /// <summary>The runtime ignores SIGPIPE; 141 is its default action. And a signal that ends it is told as shells do.</summary>
    [Theory]
    [InlineData("kill -PIPE $$", 141)]
    [InlineData("kill -TERM $$", 143)]
    public void Its_signals_have_their_usual_effect(string script, int status)
    {
        using ChildProgram child = Start(script);

        Assert.True(child.WaitForEnd(Long));
        Assert.Equal(status, child.Status);
    }

    [Fact]
    public void It_gets_what_it_is_lent_and_nothing_else()
    {
        using TemporaryFolder folder = new();
        using Descriptor other = Descriptor.TryOpenRegular("/etc/passwd")!;
        Assert.True(Descriptor.TrySetInherited(other.Number, isInherited: true));
        using Descriptor lent = Descriptor.TryOpenRegular(folder.Write("lent", "content"))!;
        using ChildProgram child = Start("cat <&3; echo; readlink /proc/$$/cwd; ls /proc/$$/fd | tr '\\n' ' '; exec sleep 0", lent);

        string[] lines = Read(child.Output).Split('\n');

        Assert.Equal(["content", "/", "0 1 2 3 "], lines[..3]);
    }

    [Fact]
    public void It_has_a_session_of_its_own()
    {
        using ChildProgram child = Start("cut -d' ' -f5,6 /proc/$$/stat");
        Assert.Equal($"{child.Id} {child.Id}\n", Read(child.Output));
    }

    [Theory]
    [InlineData("/no/such/program", "No such file or directory")]
    [InlineData("/etc/passwd", "Permission denied")]
    public void What_cannot_be_run_is_told(string path, string reason)
    {
        Assert.Null(ChildProgram.TryStart(new ChildStart(path, [], []) { HasPipes = true }, out Errno error));
        Assert.Equal(reason, error.Text);
    }

    [Fact]
    public void Killing_one_that_has_ended_does_nothing()
    {
        using ChildProgram child = Start("exit 0");
        Assert.True(child.WaitForEnd(Long));
        Assert.True(child.TryKill(user: null, out _));
        Assert.Equal(0, child.Status);
    }

    private static ChildProgram Start(string script, Descriptor? lent = null)
    {
        return ChildProgram.TryStart(new ChildStart("/bin/sh", ["-c", script], ["PATH=/usr/bin:/bin"]) { HasPipes = true, Lent = lent is null ? [] : [lent] }, out _)!;
    }

    private static string Read(Stream pipe)
    {
        using StreamReader reader = new(pipe);
        return reader.ReadToEnd();
    }
}
