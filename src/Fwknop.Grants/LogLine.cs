namespace Fwknop.Grants;

/// <summary>One log line as the listener writes it to its standard error: <c>&lt;6&gt;text</c>.</summary>
/// <param name="Level">Severity.</param>
/// <param name="Text">One line; control characters are replaced.</param>
public sealed record LogLine(LogLevel Level, string Text)
{
    private const int MaxLength = 4096;

    /// <summary>One line; control characters are replaced.</summary>
    public string Text { get; } = Clean(Text);

    /// <summary>True when lines of the level are shown: up to info, and one level more for each <c>-v</c> (server.md 11).</summary>
    public static bool IsShown(LogLevel level, int verbosity) => (int)level <= (int)LogLevel.Info + verbosity;

    /// <summary>Lines a listener of ours writes; anything else on its standard error comes from the runtime and is an error.</summary>
    public static LogLine Parse(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        bool hasLevel = line.Length >= 3 && line[0] == '<' && line[2] == '>' && Enum.IsDefined((LogLevel)(line[1] - '0'));
        return new LogLine(hasLevel ? (LogLevel)(line[1] - '0') : LogLevel.Error, hasLevel ? line[3..] : line);
    }

    /// <summary>The line as it is written.</summary>
    public override string ToString() => $"<{(int)Level}>{Text}";

    /// <summary>What a packet or a broken process put into a line must not forge another one, nor fill the log.</summary>
    private static string Clean(string text)
    {
        string bounded = text.Length > MaxLength ? text[..MaxLength] : text;
        return bounded.Any(char.IsControl) ? string.Concat(bounded.Select(c => char.IsControl(c) ? '?' : c)) : bounded;
    }
}
