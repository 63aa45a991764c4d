using System.Text;

namespace Fwknop.Daemon.Enforcement.Firewalld;

/// <summary>A line for iptables-restore as a command of its own.</summary>
/// <param name="Arguments">Those of iptables.</param>
internal sealed record DirectLine(string[] Arguments)
{
    /// <summary>What is run when it fails: a chain that is there already is emptied.</summary>
    public string[]? Otherwise { get; private init; }

    /// <summary>What brings back what was before; null where nothing does.</summary>
    public string[]? Undo { get; private init; }

    /// <summary>
    /// The lines of one table. Between two of them rules are as they are then, so rules are added before others are removed: what is renewed is
    /// never shut. Where chains go, all is done as it stands.
    /// </summary>
    public static IEnumerable<DirectLine> InOrder(string table, IReadOnlyList<string> lines)
    {
        bool chainsGo = lines.Any(line => line.StartsWith("-F ", StringComparison.Ordinal) || line.StartsWith("-X ", StringComparison.Ordinal));
        return lines.OrderBy(line => chainsGo || line[0] == ':' ? 0 : line.StartsWith("-D ", StringComparison.Ordinal) ? 2 : 1).Select(line => Of(table, line));
    }

    /// <summary>Splits as iptables-restore does: a word in quotation marks may have blanks, and a character behind <c>\</c> stands for itself there.</summary>
    public static string[] Split(string line)
    {
        List<string> words = [];
        StringBuilder word = new();
        bool isQuoted = false;
        bool isWord = false;
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '"')
            {
                (isQuoted, isWord) = (!isQuoted, true);
            }
            else if (line[i] == ' ' && !isQuoted)
            {
                EndWord();
            }
            else
            {
                i += isQuoted && line[i] == '\\' && i + 1 < line.Length ? 1 : 0;
                word.Append(line[i]);
                isWord = true;
            }
        }

        EndWord();
        return [.. words];

        void EndWord()
        {
            if (isWord)
            {
                words.Add(word.ToString());
            }

            word.Clear();
            isWord = false;
        }
    }

    private static DirectLine Of(string table, string line)
    {
        string[] words = Split(line);
        string chain = words.Length > 1 ? words[1] : "";
        string[] inTable = ["-t", table];
        return words[0] switch
        {
            [':', .. string name] => new([.. inTable, "-N", name]) { Otherwise = [.. inTable, "-F", name], Undo = [.. inTable, "-X", name] },
            "-A" => new([.. inTable, .. words]) { Undo = [.. inTable, "-D", .. words[1..]] },
            "-I" => new([.. inTable, .. words]) { Undo = [.. inTable, "-D", chain, .. words[(int.TryParse(words[2], out _) ? 3 : 2)..]] },

            // Jumps come first where they are; the order of the rules of ours makes no difference.
            "-D" => new([.. inTable, .. words]) { Undo = [.. inTable, "-I", .. words[1..]] },
            "-X" => new([.. inTable, .. words]) { Undo = [.. inTable, "-N", chain] },
            _ => new([.. inTable, .. words]),
        };
    }
}
