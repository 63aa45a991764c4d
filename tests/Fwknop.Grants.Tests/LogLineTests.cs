namespace Fwknop.Grants.Tests;

public sealed class LogLineTests
{
    [Theory]
    [InlineData("plain", "<6>text", LogLevel.Info, "text")]
    [InlineData("no level", "text", LogLevel.Error, "text")]
    [InlineData("unknown level", "<9>text", LogLevel.Error, "<9>text")]
    [InlineData("escape", "<4>a\u001b[2Jb", LogLevel.Warning, "a?[2Jb")]
    [InlineData("line break", "<4>a\rforged", LogLevel.Warning, "a?forged")]
    [InlineData("8-bit escape alone", "<4>a\u009b2Jb", LogLevel.Warning, "a?2Jb")]
    [InlineData("8-bit line break alone", "<4>a\u0085forged", LogLevel.Warning, "a?forged")]
    public void Nothing_in_a_line_acts_on_the_terminal(string what, string line, LogLevel level, string text)
    {
        Assert.NotEmpty(what);
        LogLine read = LogLine.Parse(line);
        Assert.Equal((level, text), (read.Level, read.Text));
        Assert.Equal($"<{(int)level}>{text}", new LogLine(level, line[0] == '<' && line[1] != '9' ? line[3..] : line).ToString());
    }
}
