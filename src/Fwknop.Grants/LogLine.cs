using System.Net;

namespace Fwknop.Grants;

/// <summary>
/// One log line as the listener writes it to its standard error: <c>&lt;6&gt;text</c>, or with what it is about <c>&lt;4 event field=value&gt;text</c>.
/// </summary>
/// <param name="Level">Severity.</param>
/// <param name="Text">One line; control characters are replaced.</param>
/// <param name="Event">What it is about; null for a line without an event of its own.</param>
public sealed record LogLine(LogLevel Level, string Text, LogEvent? Event = null)
{
    /// <summary>More than a line has with the longest text and the longest values, all of them escaped.</summary>
    public const int MaxWritten = 16384;

    private const int MaxLength = 4096;

    /// <summary>One line; control characters are replaced.</summary>
    public string Text { get; } = Clean(Text);

    /// <summary>True when lines of the level are shown: up to info, and one level more for each <c>-v</c> (server.md 11).</summary>
    public static bool IsShown(LogLevel level, int verbosity) => (int)level <= (int)LogLevel.Info + verbosity;

    /// <summary>The beginning of lines about a packet and a stanza: <c>[10.0.0.1] (stanza #1)</c>.</summary>
    public static string Prefix(PackedAddress source, int stanza) => $"[{source}] (stanza #{stanza})";

    /// <summary>The same with the address that is granted.</summary>
    public static string Prefix(IPAddress address, int stanza) => $"[{address}] (stanza #{stanza})";

    /// <summary>Lines a listener of ours writes; anything else on its standard error comes from the runtime and is an error.</summary>
    public static LogLine Parse(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        bool hasLevel = line.Length >= 3 && line[0] == '<' && Enum.IsDefined((LogLevel)(line[1] - '0'));
        if (hasLevel && line[2] == '>')
        {
            return new LogLine((LogLevel)(line[1] - '0'), line[3..]);
        }

        int end = hasLevel && line[2] == ' ' ? line.IndexOf('>', StringComparison.Ordinal) : -1;
        return end > 0 && LogEvent.TryParse(line[3..end]) is { } about
            ? new LogLine((LogLevel)(line[1] - '0'), line[(end + 1)..], about)
            : new LogLine(LogLevel.Error, line);
    }

    /// <summary>A text as part of a line: no control characters, and no more than a line may have.</summary>
    public static string Clean(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Clean(text, MaxLength);
    }

    /// <summary>The line as it is written.</summary>
    public override string ToString() => Event is null ? $"<{(int)Level}>{Text}" : $"<{(int)Level} {Event}>{Text}";

    /// <summary>What a packet or a broken process put into a line must not forge another one, nor fill the log.</summary>
    internal static string Clean(string text, int maxLength)
    {
        string bounded = text.Length > maxLength ? text[..maxLength] : text;
        return bounded.Any(char.IsControl) ? string.Concat(bounded.Select(c => char.IsControl(c) ? '?' : c)) : bounded;
    }
}
