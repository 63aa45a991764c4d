namespace Fwknop.Grants.Tests;

/// <summary>What a packet or a broken listener writes must forge no line, set no terminal, fill no disk.</summary>
public sealed class LogLineTests
{
    [Theory]
    [InlineData("info", "<6>all is well", LogLevel.Info, "all is well")]
    [InlineData("error", "<3>no", LogLevel.Error, "no")]
    [InlineData("warning", "<4>doubt", LogLevel.Warning, "doubt")]
    [InlineData("debug", "<7>detail", LogLevel.Debug, "detail")]
    [InlineData("empty text", "<6>", LogLevel.Info, "")]
    [InlineData("no level: the runtime's words", "Unhandled exception.", LogLevel.Error, "Unhandled exception.")]
    [InlineData("empty line", "", LogLevel.Error, "")]
    [InlineData("level that is none of ours", "<5>x", LogLevel.Error, "<5>x")]
    [InlineData("level 0", "<0>x", LogLevel.Error, "<0>x")]
    [InlineData("letter for a level", "<a>x", LogLevel.Error, "<a>x")]
    [InlineData("cut short", "<6", LogLevel.Error, "<6")]
    [InlineData("two digits", "<66>x", LogLevel.Error, "<66>x")]
    [InlineData("blank in front", " <6>x", LogLevel.Error, " <6>x")]
    [InlineData("a second level is text", "<6><3>x", LogLevel.Info, "<3>x")]
    [InlineData("carriage return", "<6>a\rb", LogLevel.Info, "a?b")]
    [InlineData("line feed", "<6>a\nGot SIGTERM", LogLevel.Info, "a?Got SIGTERM")]
    [InlineData("escape sequence", "<6>\u001b[2Jx", LogLevel.Info, "?[2Jx")]
    [InlineData("zero byte", "<6>a\0b", LogLevel.Info, "a?b")]
    [InlineData("delete", "<6>a\u007fb", LogLevel.Info, "a?b")]
    [InlineData("escape sequence in one character (C1)", "<6>a\u009b2Jb", LogLevel.Info, "a?2Jb")]
    [InlineData("next line (C1)", "<6>a\u0085b", LogLevel.Info, "a?b")]
    [InlineData("letters beyond ASCII stay", "<6>Jürgen ✓", LogLevel.Info, "Jürgen ✓")]
    public void Reads(string what, string line, LogLevel level, string text)
    {
        LogLine read = LogLine.Parse(line);
        Assert.True(read == new LogLine(level, text), $"{what}: {read.Level} '{read.Text}'");
    }

    [Theory]
    [InlineData(LogLevel.Info, "a", "<6>a")]
    [InlineData(LogLevel.Error, "a\nb\r\n<6>c", "<3>a?b??<6>c")]
    [InlineData(LogLevel.Warning, "\u0085\u001b", "<4>??")]
    public void Writes(LogLevel level, string text, string line)
    {
        Assert.Equal(line, new LogLine(level, text).ToString());
        Assert.Equal(line[3..], new LogLine(level, text).Text);
    }

    [Theory]
    [InlineData(4096, 4096)]
    [InlineData(4097, 4096)]
    [InlineData(1_000_000, 4096)]
    public void Bounds_the_length(int length, int expected)
    {
        Assert.Equal(expected, LogLine.Parse("<6>" + new string('x', length)).Text.Length);
        Assert.Equal(expected, LogLine.Parse(new string('x', length)).Text.Length);
        Assert.Equal(expected + "<6>".Length, new LogLine(LogLevel.Info, new string('x', length)).ToString().Length);
    }

    [Fact]
    public void Every_control_character_is_replaced()
    {
        for (char character = '\0'; character <= '\u00ff'; character++)
        {
            string text = LogLine.Parse($"<6>{character}").Text;
            Assert.Equal(char.IsControl(character) ? "?" : character.ToString(), text);
        }
    }

    [Theory]
    [InlineData(LogLevel.Error, 0, true)]
    [InlineData(LogLevel.Info, 0, true)]
    [InlineData(LogLevel.Debug, 0, false)]
    [InlineData(LogLevel.Debug, 1, true)]
    public void Shows_levels_up_to_info_and_one_more_for_each_v(LogLevel level, int verbosity, bool shown) =>
        Assert.Equal(shown, LogLine.IsShown(level, verbosity));
}
