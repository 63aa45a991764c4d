using System.Text;

namespace Fwknop.Client;

/// <summary>Words in one line: blanks separate, single quotes hold together what belongs together (client.md 7, decision).</summary>
internal static class ShellWords
{
    /// <summary>Each word followed by one blank, quoted only where it must be.</summary>
    public static string Join(IEnumerable<string> words)
    {
        StringBuilder line = new();
        foreach (string word in words)
        {
            bool isPlain = word.Length > 0 && word.All(letter => letter != '\'' && !char.IsWhiteSpace(letter));
            line.Append(isPlain ? word : Quote(word)).Append(' ');
        }

        return line.ToString();
    }

    /// <summary>In single quotes, for the shells of POSIX.</summary>
    public static string Quote(string word) => $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    /// <summary>
    /// Splits a line. One in which a quote is never closed comes from a program that does not quote: it is split at blanks alone.
    /// </summary>
    public static List<string> Split(ReadOnlySpan<char> line)
    {
        List<string> words = [];
        return TrySplitQuoted(line, words) ? words : [.. line.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];
    }

    private static bool TrySplitQuoted(ReadOnlySpan<char> line, List<string> words)
    {
        StringBuilder word = new();
        bool isOpen = false;
        bool isWord = false;
        for (int i = 0; i < line.Length; i++)
        {
            char letter = line[i];
            bool isEscapedQuote = !isOpen && line[i..].StartsWith(@"\'", StringComparison.Ordinal);
            if (isEscapedQuote)
            {
                word.Append('\'');
                isWord = true;
                i++;
            }
            else if (letter == '\'')
            {
                isOpen = !isOpen;
                isWord = true;
            }
            else if (!isOpen && char.IsWhiteSpace(letter))
            {
                Complete(words, word, ref isWord);
            }
            else
            {
                word.Append(letter);
                isWord = true;
            }
        }

        Complete(words, word, ref isWord);
        return !isOpen;
    }

    private static void Complete(List<string> words, StringBuilder word, ref bool isWord)
    {
        if (isWord)
        {
            words.Add(word.ToString());
            word.Clear();
            isWord = false;
        }
    }
}
