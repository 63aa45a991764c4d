using System.Text;

namespace Fwknop.OpenPgp;

/// <summary>One line of gpg's status output: <c>[GNUPG:] KEYWORD ARGUMENT…</c> (GnuPG's DETAILS, "Format of the --status-fd output").</summary>
/// <param name="Keyword">Such as <c>GOODSIG</c>.</param>
/// <param name="Arguments">Separated by single blanks.</param>
internal sealed record StatusLine(string Keyword, IReadOnlyList<string> Arguments)
{
    private const string Mark = "[GNUPG:] ";

    /// <summary>Reads the whole output; what is no status line is passed over.</summary>
    public static IReadOnlyList<StatusLine> ParseAll(ReadOnlySpan<byte> output)
    {
        List<StatusLine> lines = [];
        foreach (string line in Encoding.UTF8.GetString(output).Split('\n'))
        {
            if (line.StartsWith(Mark, StringComparison.Ordinal))
            {
                string[] words = line[Mark.Length..].Split(' ');
                lines.Add(new StatusLine(words[0], words[1..]));
            }
        }

        return lines;
    }

    /// <summary>An argument, or an empty text.</summary>
    public string Argument(int index) => index < Arguments.Count ? Arguments[index] : "";
}
