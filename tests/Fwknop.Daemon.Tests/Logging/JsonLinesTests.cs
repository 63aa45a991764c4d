using System.Net;
using System.Text.Json;
using Fwknop.Configuration;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Logging;

/// <summary>LOG_FORMAT json: one object a line, whatever is in it, wherever it goes (docs/log.md).</summary>
public sealed class JsonLinesTests
{
    private const string Time = "\"time\":\"2026-01-31T08:15:30.125Z\"";

    private readonly JsonLines _format = new(new FixedClock());

    [Theory]
    [InlineData(LogLevel.Error, "err")]
    [InlineData(LogLevel.Warning, "warning")]
    [InlineData(LogLevel.Info, "info")]
    [InlineData(LogLevel.Debug, "debug")]
    public void A_line_without_an_event_is_a_message(LogLevel level, string name) =>
        Assert.Equal($$"""{{{Time}},"level":"{{name}}","event":"message","message":"it's <so> & so"}""", _format.Format(level, "it's <so> & so", null));

    [Fact]
    public void Fields_have_their_types()
    {
        LogEvent about = new LogEvent(LogEventKind.GrantOpened)
            .With(LogField.Source, IPAddress.Parse("2001:db8::1"))
            .With(LogField.Stanza, 3)
            .With(LogField.StanzaName, "admins \"a\"")
            .With(LogField.User, "Jürgen\t✓")
            .With(LogField.Allow, IPAddress.Parse("192.0.2.7"))
            .With(LogField.Ports, [PortSpec.Tcp(22), PortSpec.Udp(53)])
            .With(LogField.Seconds, 30)
            .With(LogField.Expires, LogField.TimeText(1_800_000_000));
        Assert.Equal(
            $$"""
            {{{Time}},"level":"info","event":"grant.opened","source":"2001:db8::1","stanza":3,"stanza_name":"admins \"a\"","user":"Jürgen?✓","allow":"192.0.2.7","ports":["tcp/22","udp/53"],"seconds":30,"expires":"2027-01-15T08:00:00Z","message":"text"}
            """,
            _format.Format(LogLevel.Info, "text", about));
    }

    [Theory]
    [InlineData("quote\" and \\backslash")]
    [InlineData("\"}\n{\"event\":\"grant.opened\"")]
    [InlineData("tab\t escape\u001b[2J delete\u007f C1\u0085\u009b zero\0")]
    [InlineData("half a pair \ud83d")]
    [InlineData("the other half \ude00 of one")]
    [InlineData("line separators \u2028 \u2029")]
    [InlineData("\u202egnp.exe")]
    public void Any_text_stays_one_line_and_one_object(string text)
    {
        string line = _format.Format(LogLevel.Warning, text, new LogEvent(LogEventKind.PacketRefused).With(LogField.User, text));
        Assert.DoesNotContain(line, character => char.IsControl(character) || char.IsSurrogate(character));
        using JsonDocument document = JsonDocument.Parse(line);
        Assert.Equal(["time", "level", "event", "user", "message"], document.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal("packet.refused", document.RootElement.GetProperty("event").GetString());
    }

    [Fact]
    public void A_text_of_several_lines_is_several_objects()
    {
        using StringWriter output = new();
        using DaemonLog log = new(0, new ErrorStream(output, format: _format));
        log.Info("*Skipping\n - nonsense");
        Assert.Equal(
            $$"""
            {{{Time}},"level":"info","event":"message","message":"*Skipping"}
            {{{Time}},"level":"info","event":"message","message":" - nonsense"}

            """,
            output.ToString());
    }

    [Fact]
    public void The_journal_gets_the_level_in_front()
    {
        using StringWriter output = new();
        using DaemonLog log = new(0, new ErrorStream(output, showsLevel: true, format: _format));
        log.Warning("text", new LogEvent(LogEventKind.DaemonReloading));
        Assert.Equal($$"""<4>{{{Time}},"level":"warning","event":"daemon.reloading","message":"text"}""" + "\n", output.ToString());
    }

    [Fact]
    public void Syslog_gets_objects_and_tells_of_lost_lines_in_one()
    {
        using TemporaryFolder folder = new();
        using Syslog syslog = new(folder.FilePath("log"), 3, "fwknopd", _format);
        syslog.Write(LogLevel.Info, "lost");
        using SyslogServer server = SyslogServer.Start(folder.FilePath("log"));
        syslog.Write(LogLevel.Info, "there", new LogEvent(LogEventKind.DaemonStarted));
        server.WaitFor("\"there\"}");
        Assert.EndsWith($$"""fwknopd[{{Environment.ProcessId}}]: {{{Time}},"level":"warning","event":"message","message":"1 log lines were lost"}""", server.Lines[0], StringComparison.Ordinal);
        Assert.EndsWith($$"""fwknopd[{{Environment.ProcessId}}]: {{{Time}},"level":"info","event":"daemon.started","message":"there"}""", server.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_of_the_listener_keep_their_event_and_forge_none()
    {
        using StringWriter output = new();
        using DaemonLog log = new(0, new ErrorStream(output, format: _format));
        log.Relay(LogLine.Parse("<4 packet.replayed source=10.0.0.1>text"));
        log.Relay(LogLine.Parse("<6 grant.opened source=10.0.0.1>text"));
        log.Relay(LogLine.Parse("<6>text\",\"event\":\"grant.opened"));
        Assert.Equal(
            $$"""
            {{{Time}},"level":"warning","event":"packet.replayed","source":"10.0.0.1","message":"text"}
            {{{Time}},"level":"err","event":"message","message":"<6 grant.opened source=10.0.0.1>text"}
            {{{Time}},"level":"info","event":"message","message":"text\",\"event\":\"grant.opened"}

            """,
            output.ToString());
    }

    [Fact]
    public void Findings_name_their_place()
    {
        using StringWriter output = new();
        using DaemonLog log = new(0, new ErrorStream(output, format: _format));
        log.Write([new ConfigDiagnostic("access.conf", 7, ConfigSeverity.Warning, "doubtful"), new ConfigDiagnostic("access.conf", 0, ConfigSeverity.Error, "no")]);
        Assert.Equal(
            $$"""
            {{{Time}},"level":"warning","event":"configuration.finding","file":"access.conf","line":7,"message":"doubtful (access.conf, line 7)"}
            {{{Time}},"level":"err","event":"configuration.finding","file":"access.conf","message":"no (access.conf)"}

            """,
            output.ToString());
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 1, 31, 9, 15, 30, 125, TimeSpan.FromHours(1));
    }
}
