using System.Globalization;
using Fwknop.Grants;

namespace Fwknop.Listener.Explaining;

/// <summary>What <c>--explain</c> shows, line by line, in blocks that are indented by what they belong to.</summary>
internal sealed class Report(TextWriter output)
{
    private const int Indent = 2;

    /// <summary>A time as it is shown.</summary>
    /// <param name="epoch">Seconds since 1970.</param>
    public static string Time(long epoch) =>
        DateTimeOffset.FromUnixTimeSeconds(epoch).ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>Writes a line. What a packet put into it forges no other, and nothing on a terminal.</summary>
    /// <param name="depth">0 for a packet, 1 for what is found about it, 2 for what a stanza finds.</param>
    /// <param name="text">The line.</param>
    public void Write(int depth, string text)
    {
        output.Write(new string(' ', depth * Indent));
        output.Write(LogLine.Clean(text));
        output.Write('\n');
    }
}
