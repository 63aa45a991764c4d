using System.Net.Sockets;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Logging;

public sealed class SyslogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string SocketPath => _folder.FilePath("log");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(LogLevel.Error, 3, 2, "<27>Nov  2 03:04:05 fwknopd[7]: text")]
    [InlineData(LogLevel.Warning, 3, 12, "<28>Nov 12 03:04:05 fwknopd[7]: text")]
    [InlineData(LogLevel.Info, 16, 2, "<134>Nov  2 03:04:05 fwknopd[7]: text")]
    [InlineData(LogLevel.Debug, 23, 2, "<191>Nov  2 03:04:05 fwknopd[7]: text")]
    public void A_line_has_priority_time_identity_and_process(LogLevel level, int facility, int day, string expected) =>
        Assert.Equal(expected, Syslog.Format(level, facility, new DateTime(2026, 11, day, 3, 4, 5), "fwknopd", 7, "text"));

    [Fact]
    public void Sends_one_datagram_a_line()
    {
        using SyslogServer server = SyslogServer.Start(SocketPath);
        using DaemonLog log = new(0, new Syslog(SocketPath, 3, "spa"));

        log.Warning("two\nlines");
        log.Debug("not shown");
        log.Info("the end");

        server.WaitFor("the end");
        Assert.Equal(
            [$"spa[{Environment.ProcessId}]: two", $"spa[{Environment.ProcessId}]: lines", $"spa[{Environment.ProcessId}]: the end"],
            server.Lines.Select(line => line[(line.IndexOf("spa", StringComparison.Ordinal))..]));
    }

    [Fact]
    public void Finds_a_server_that_was_restarted_and_loses_nothing()
    {
        using SyslogServer server = SyslogServer.Start(SocketPath);
        using Syslog syslog = new(SocketPath, 3, "spa");
        syslog.Write(LogLevel.Info, "one");
        server.WaitFor("one");

        server.Restart();
        syslog.Write(LogLevel.Info, "two");

        server.WaitFor("two");
        Assert.Equal(2, server.Lines.Count);
    }

    [Fact]
    public void A_server_that_is_missing_is_no_error_and_lines_are_counted()
    {
        using Syslog syslog = new(SocketPath, 3, "spa");
        syslog.Write(LogLevel.Info, "lost");
        syslog.Write(LogLevel.Info, "lost, too");

        using SyslogServer server = SyslogServer.Start(SocketPath);
        syslog.Write(LogLevel.Info, "there");

        server.WaitFor("there");
        Assert.EndsWith("]: 2 log lines were lost", server.Lines[0], StringComparison.Ordinal);
        Assert.Equal(2, server.Lines.Count);
    }

    /// <summary>Linux keeps ten datagrams for a server unless told otherwise (net.unix.max_dgram_qlen).</summary>
    [Fact]
    public void A_burst_is_not_lost()
    {
        using SyslogServer server = SyslogServer.Start(SocketPath);
        using Syslog syslog = new(SocketPath, 3, "spa");
        for (int i = 0; i < 2000; i++)
        {
            syslog.Write(LogLevel.Info, $"line {i}");
        }

        server.WaitFor("line 1999");
        Assert.Equal(2000, server.Lines.Count);
    }

    [Fact]
    public void A_server_that_does_not_read_holds_up_nothing()
    {
        using Socket deaf = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        deaf.Bind(new UnixDomainSocketEndPoint(SocketPath));
        using Syslog syslog = new(SocketPath, 3, "spa");
        Thread writer = new(() =>
        {
            for (int i = 0; i < 5000; i++)
            {
                syslog.Write(LogLevel.Info, new string('x', 1000));
            }
        });
        writer.Start();
        Assert.True(writer.Join(TimeSpan.FromSeconds(10)));
    }
}
