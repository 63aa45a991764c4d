using System.Text.RegularExpressions;

namespace Fwknop.Client.Tests;

internal sealed record ClientRunResult(int Status, string Output, string Error)
{
    /// <summary>A field of the first dump.</summary>
    public string Field(string label)
    {
        Match match = Regex.Match(Output, $"^ *{Regex.Escape(label)}: (.*)$", RegexOptions.Multiline);
        Assert.True(match.Success, $"no '{label}' in: {Output}{Error}");
        return match.Groups[1].Value;
    }
}
