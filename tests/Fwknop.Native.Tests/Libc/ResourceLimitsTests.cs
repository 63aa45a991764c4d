using Fwknop.Native.Libc;

namespace Fwknop.Native.Tests.Libc;

/// <summary>What the kernel says of the limits of a process that has got some.</summary>
public sealed class ResourceLimitsTests
{
    private static readonly ResourceLimits Limits = new() { CpuSeconds = 5, MemoryBytes = 512 << 20, FileBytes = 1 << 20 };

    [Fact]
    public void They_are_in_force()
    {
        string limits = Apply("");
        Assert.Matches(@"Max cpu time\s+5\s+5\s", limits);
        Assert.Matches(@"Max address space\s+536870912\s+536870912\s", limits);
        Assert.Matches(@"Max file size\s+1048576\s+1048576\s", limits);
        Assert.Matches(@"Max core file size\s+0\s+0\s", limits);
    }

    [Fact]
    public void Lower_ones_stay()
    {
        string limits = Apply("ulimit -St 2; ulimit -Ht 3");
        Assert.Matches(@"Max cpu time\s+2\s+3\s", limits);
    }

    private static string Apply(string before)
    {
        string script = $"{before}\necho begun; cat >/dev/null; cat /proc/$$/limits";
        using ChildProgram child = ChildProgram.TryStart(new ChildStart("/bin/sh", ["-c", script], ["PATH=/usr/bin:/bin"]) { HasPipes = true }, out _)!;
        using StreamReader output = new(child.Output);
        Assert.Equal("begun", output.ReadLine());
        Assert.True(Limits.TryApply(child.Id, out Errno error), error.Text);
        child.Input.Close();
        return output.ReadToEnd();
    }
}
