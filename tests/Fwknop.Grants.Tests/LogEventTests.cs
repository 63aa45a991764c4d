using System.Net;
using Fwknop.Protocol;

namespace Fwknop.Grants.Tests;

/// <summary>What the listener says a line is about: one spelling, a closed set of names, values of the right type and size, or nothing at all.</summary>
public sealed class LogEventTests
{
    private static readonly Dictionary<LogFieldType, string> Examples = new()
    {
        [LogFieldType.Text] = "J. Doe 100% <a>=b",
        [LogFieldType.Word] = "too_old",
        [LogFieldType.Number] = "-7",
        [LogFieldType.Address] = "2001:db8::1",
        [LogFieldType.Network] = "192.0.2.0/24",
        [LogFieldType.Time] = "2026-01-31T08:15:30Z",
        [LogFieldType.Ports] = "tcp/22,udp/53",
    };

    [Fact]
    public void Comes_back_as_it_was_written()
    {
        foreach (LogEventKind kind in LogEventKind.All.Where(kind => kind.IsListeners))
        {
            LogEvent about = new(kind);
            foreach (LogField field in kind.Fields)
            {
                about.With(field, Examples[field.Type]);
            }

            Assert.Equal(kind.Fields.Count, about.Values.Count);
            string line = new LogLine(LogLevel.Warning, "the text > and more", about).ToString();
            LogLine read = LogLine.Parse(line);
            Assert.Equal((LogLevel.Warning, "the text > and more", kind), (read.Level, read.Text, read.Event!.Kind));
            Assert.Equal(about.Values, read.Event.Values);
            Assert.Equal(line, read.ToString());
        }
    }

    [Theory]
    [InlineData(1_800_000_000, "2027-01-15T08:00:00Z")]
    [InlineData(0, "1970-01-01T00:00:00Z")]
    [InlineData(253_402_300_799, "9999-12-31T23:59:59Z")]
    [InlineData(253_402_300_800, "9999-12-31T23:59:59Z")]
    [InlineData(999_999_999_999_999, "9999-12-31T23:59:59Z")]
    [InlineData(long.MaxValue, "9999-12-31T23:59:59Z")]
    [InlineData(long.MinValue, "0001-01-01T00:00:00Z")]
    public void A_time_beyond_the_calendar_is_its_end(long epoch, string expected)
    {
        Assert.Equal(expected, LogField.TimeText(epoch));
        Assert.True(LogField.Expires.Accepts(expected));
    }

    [Fact]
    public void Has_one_form_on_the_wire()
    {
        LogEvent about = new LogEvent(LogEventKind.PacketRefused)
            .With(LogField.Source, PackedAddress.From(IPAddress.Parse("10.0.0.1")))
            .With(LogField.Reason, "username")
            .With(LogField.StanzaName, (string?)null)
            .With(LogField.User, "J. Doe\n>100%")
            .With(LogField.Ports, [PortSpec.Tcp(22), PortSpec.Udp(53)])
            .With(LogField.Seconds, 7);
        Assert.Equal(
            "<4 packet.refused source=10.0.0.1 reason=username user=J.%20Doe?%3E100%25 ports=tcp/22,udp/53 seconds=7>text",
            new LogLine(LogLevel.Warning, "text", about).ToString());
    }

    [Theory]
    [InlineData("no such event", "<4 packet.stolen source=10.0.0.1>x")]
    [InlineData("an event of the daemon", "<6 grant.opened source=10.0.0.1>x")]
    [InlineData("another", "<6 rule.added>x")]
    [InlineData("no name", "<4 >x")]
    [InlineData("two blanks", "<4  packet.replayed>x")]
    [InlineData("blank at the end", "<4 packet.replayed >x")]
    [InlineData("no end", "<4 packet.replayed source=10.0.0.1 x")]
    [InlineData("a field of another event", "<4 packet.replayed user=a>x")]
    [InlineData("a field twice", "<4 packet.replayed source=10.0.0.1 source=10.0.0.2>x")]
    [InlineData("another order", "<4 packet.replayed port=1 source=10.0.0.1>x")]
    [InlineData("no such field", "<4 packet.replayed level=3>x")]
    [InlineData("no value", "<4 packet.replayed source>x")]
    [InlineData("empty address", "<4 packet.replayed source=>x")]
    [InlineData("no address", "<4 packet.replayed source=localhost>x")]
    [InlineData("address in another form", "<4 packet.replayed source=010.0.0.1>x")]
    [InlineData("address with a zone", "<4 packet.replayed source=fe80::1%25eth0>x")]
    [InlineData("number with blanks", "<4 packet.replayed port=%201>x")]
    [InlineData("number with a plus", "<4 packet.replayed port=+1>x")]
    [InlineData("number with zeros", "<4 packet.replayed port=01>x")]
    [InlineData("number too large", "<4 packet.replayed port=9223372036854775808>x")]
    [InlineData("no number", "<4 packet.replayed port=22,\"level\":\"err\">x")]
    [InlineData("no time", "<4 packet.replayed first_seen=yesterday>x")]
    [InlineData("no word", "<4 packet.refused reason=Port>x")]
    [InlineData("no port", "<4 packet.refused ports=tcp/22,>x")]
    [InlineData("quotes in a port", "<4 packet.refused ports=tcp/22\">x")]
    [InlineData("escaped without need", "<4 packet.refused user=%61>x")]
    [InlineData("escape in small letters", "<4 packet.refused user=%3e>x")]
    [InlineData("cut escape", "<4 packet.refused user=%2>x")]
    [InlineData("control character", "<4 packet.refused user=a\u001bb>x")]
    [InlineData("control character (C1)", "<4 packet.refused user=a\u009bb>x")]
    [InlineData("level that is none", "<5 packet.replayed>x")]
    public void Takes_nothing_else(string what, string line)
    {
        LogLine read = LogLine.Parse(line);
        Assert.True(read.Event is null && read.Level == LogLevel.Error, what);
        Assert.StartsWith(line[..3], read.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Bounds_values_and_their_number()
    {
        string longest = new('x', LogField.MaxText);
        Assert.NotNull(LogLine.Parse($"<4 packet.refused user={longest}>x").Event);
        Assert.Null(LogLine.Parse($"<4 packet.refused user={longest}x>x").Event);
        Assert.Equal(longest, Assert.Single(new LogEvent(LogEventKind.PacketRefused).With(LogField.User, longest + "x").Values).Value);

        string ports = string.Join(',', Enumerable.Repeat("tcp/22", GrantRequest.MaxPorts));
        Assert.NotNull(LogLine.Parse($"<4 packet.refused ports={ports}>x").Event);
        Assert.Null(LogLine.Parse($"<4 packet.refused ports={ports},tcp/22>x").Event);
    }

    [Fact]
    public void The_longest_line_fits_into_what_is_read()
    {
        foreach (LogEventKind kind in LogEventKind.All.Where(kind => kind.IsListeners))
        {
            LogEvent about = new(kind);
            foreach (LogField field in kind.Fields)
            {
                about.With(field, field.Type switch
                {
                    LogFieldType.Text => new string('>', LogField.MaxText),
                    LogFieldType.Ports => string.Join(',', Enumerable.Repeat(new string('x', 32), GrantRequest.MaxPorts)),
                    _ => Examples[field.Type],
                });
            }

            string line = new LogLine(LogLevel.Warning, new string('x', 5000), about).ToString();
            Assert.Equal(kind.Fields.Count, about.Values.Count);
            Assert.InRange(line.Length, 4096, LogLine.MaxWritten);
        }
    }

    [Fact]
    public void A_value_of_another_type_is_left_out_and_no_error() =>
        Assert.Empty(new LogEvent(LogEventKind.PacketRefused).With(LogField.Source, "not an address").With(LogField.Reason, "Not a word").Values);

    [Fact]
    public void A_field_that_the_event_does_not_have_is_a_mistake_of_the_program()
    {
        Assert.Throws<ArgumentException>(() => new LogEvent(LogEventKind.PacketReplayed).With(LogField.User, "alice"));
        Assert.Throws<ArgumentException>(() => new LogEvent(LogEventKind.PacketRefused).With(LogField.User, "alice").With(LogField.Source, "10.0.0.1"));
    }

    [Fact]
    public void Names_are_unique_and_of_one_form()
    {
        Assert.All(LogEventKind.All, kind => Assert.Matches(@"\A[a-z]+\.[a-z_]+\z", kind.Name));
        Assert.Equal(LogEventKind.All.Count, LogEventKind.All.Select(kind => kind.Name).Distinct().Count());
        Assert.All(LogEventKind.All, kind => Assert.DoesNotContain(kind.Fields, field => field.Name is "time" or "level" or "event" or "message"));
        Assert.All(LogEventKind.All, kind => Assert.Equal(kind.Fields.Count, kind.Fields.Distinct().Count()));
    }

    [Fact]
    public void Random_words_end_nothing()
    {
        Random random = new(4);
        string[] words = ["<4 packet.refused", " source=10.0.0.1", " user=", "%", "=", ">", " ", "<6>", "\u0085", "reason=port", "\ud800", "ports=tcp/22"];
        for (int i = 0; i < 20_000; i++)
        {
            string line = string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => words[random.Next(words.Length)]));
            LogLine read = LogLine.Parse(line);
            Assert.DoesNotContain(read.Text, char.IsControl);
            Assert.True(read.Event is null || read.ToString().StartsWith(line[..line.IndexOf('>', StringComparison.Ordinal)], StringComparison.Ordinal));
        }
    }
}
