using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Native.FileSystem;

namespace Fwknop.Daemon.Tests.Logging;

public sealed class ErrorStreamTests
{
    [Theory]
    [InlineData(false, LogLevel.Debug, "one\ntwo\n")]
    [InlineData(true, LogLevel.Debug, "<6>one\n<3>two\n")]
    [InlineData(false, LogLevel.Warning, "two\n")]
    public void Writes_lines(bool isJournal, LogLevel last, string expected)
    {
        using StringWriter output = new();
        using ErrorStream stream = new(output, isJournal, last);
        stream.Write(LogLevel.Info, "one");
        stream.Write(LogLevel.Error, "two");
        Assert.Equal(expected, output.ToString());
    }

    [Fact]
    public void Knows_the_journal_by_device_and_inode()
    {
        Assert.True(FileOwnership.TryGet("/proc/self/fd/2", out FileOwnership own, out _));
        (ulong device, ulong inode) = (own.Device, own.Identity.Inode);

        Assert.True(ErrorStream.IsJournal($"{device}:{inode}"));
        Assert.False(ErrorStream.IsJournal($"{device}:{inode + 1}"));
        Assert.False(ErrorStream.IsJournal($"{device + 1}:{inode}"));
        Assert.False(ErrorStream.IsJournal(null));
        Assert.False(ErrorStream.IsJournal("x"));
        Assert.False(ErrorStream.IsJournal("1:x"));
    }
}
