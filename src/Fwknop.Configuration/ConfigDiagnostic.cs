namespace Fwknop.Configuration;

/// <summary>One finding about a configuration. Never holds a key or any part of one.</summary>
/// <param name="File">The file as named by the user, or <see cref="CommandLineSource"/>.</param>
/// <param name="Line">From 1; 0 when the finding is about the whole file.</param>
/// <param name="Severity">Error, warning or information.</param>
/// <param name="Text">The message; where the reference has a message for the case, its exact text.</param>
public sealed record ConfigDiagnostic(string File, int Line, ConfigSeverity Severity, string Text)
{
    /// <summary>What <see cref="File"/> says for a value given on the command line.</summary>
    public const string CommandLineSource = "command line";

    /// <summary>Where the file was included, such as <c>access.conf, line 5</c>, up to the first file; null for that one.</summary>
    public string? IncludedFrom { get; init; }

    /// <summary>The message with file and line, added only where the text does not name them itself.</summary>
    public override string ToString()
    {
        bool namesPlace = Line > 0
            ? Text.Contains(FormattableString.Invariant($"{File} at line {Line}"), StringComparison.Ordinal)
            : Text.Contains(File, StringComparison.Ordinal);
        string place = namesPlace ? "" : Line > 0 ? FormattableString.Invariant($"{File}, line {Line}") : File;
        string origin = IncludedFrom is null ? "" : $"included from {IncludedFrom}";
        return (place, origin) switch
        {
            ("", "") => Text,
            ("", _) => $"{Text} ({origin})",
            (_, "") => $"{Text} ({place})",
            _ => $"{Text} ({place}, {origin})",
        };
    }
}
