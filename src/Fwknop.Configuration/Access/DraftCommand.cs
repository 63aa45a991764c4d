using System.Text;
using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Access;

/// <summary>A command as its line gave it (server.md 8.2). Split at white space and nowhere else: there is no shell, and no quoting.</summary>
internal sealed class DraftCommand(string keyword, string text, Place place)
{
    private const int MaxBytes = 255;

    public bool IsNone => text.StartsWith("NONE", StringComparison.Ordinal);

    public IReadOnlyList<string> Words { get; } = text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Says what is wrong with the command.</summary>
    /// <param name="sourceText">By what messages name the stanza.</param>
    public bool Check(string sourceText)
    {
        bool isShort = Encoding.UTF8.GetByteCount(text) <= MaxBytes;
        if (!isShort)
        {
            place.Error($"[*] {keyword} command is too long: '{sourceText}'");
        }

        bool hasFewWords = Words.Count <= CommandCycle.MaxWords;
        if (!hasFewWords)
        {
            place.Error(FormattableString.Invariant($"[*] {keyword} command has more than {CommandCycle.MaxWords} words: '{sourceText}'"));
        }

        // Which program runs must not depend on a packet.
        bool namesProgram = !Words[0].Contains('$', StringComparison.Ordinal);
        if (!namesProgram)
        {
            place.Error($"[*] {keyword} command must begin with a program, not with a variable: '{sourceText}'");
        }

        return isShort && hasFewWords && namesProgram;
    }
}
