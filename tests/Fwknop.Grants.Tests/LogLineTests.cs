namespace Fwknop.Grants.Tests;

/// <summary>Log lines between the processes: what comes out of a packet must stay one line of its own level.</summary>
public sealed class LogLineTests
{
    [Theory]
    [InlineData("plain text", "<6>plain text")]
    [InlineData("line\n<3>forged", "<6>line?<3>forged")]
    [InlineData("tab\tand return\r", "<6>tab?and return?")]
    [InlineData("escape \u001b[2J", "<6>escape ?[2J")]
    [InlineData("delete \u007f", "<6>delete ?")]
    [InlineData("next line \u0085, 8-bit escape \u009b2J", "<6>next line ?, 8-bit escape ?2J")]
    [InlineData("zero \0", "<6>zero ?")]
    [InlineData("M\u00fcller", "<6>M\u00fcller")]
    public void Control_characters_are_replaced(string text, string line) => Assert.Equal(line, new LogLine(LogLevel.Info, text).ToString());

    [Theory]
    [InlineData("<7>text", LogLevel.Debug, "text")]
    [InlineData("<3>", LogLevel.Error, "")]
    [InlineData("<5>no level of ours", LogLevel.Error, "<5>no level of ours")]
    [InlineData("Unhandled exception.", LogLevel.Error, "Unhandled exception.")]
    [InlineData("<6>\u009b2J", LogLevel.Info, "?2J")]
    [InlineData("", LogLevel.Error, "")]
    public void What_is_no_line_of_the_listener_is_an_error(string line, LogLevel level, string text) =>
        Assert.Equal(new LogLine(level, text), LogLine.Parse(line));

    [Fact]
    public void Length_is_bounded() => Assert.Equal(4096 + 3, new LogLine(LogLevel.Info, new string('x', 100_000)).ToString().Length);

    [Theory]
    [InlineData(LogLevel.Info, 0, true)]
    [InlineData(LogLevel.Debug, 0, false)]
    [InlineData(LogLevel.Debug, 1, true)]
    [InlineData(LogLevel.Error, 0, true)]
    public void Levels_up_to_info_are_shown_and_one_more_for_each_v(LogLevel level, int verbosity, bool shown) =>
        Assert.Equal(shown, LogLine.IsShown(level, verbosity));
}
