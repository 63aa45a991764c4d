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

    /// <summary>The message with file and line, added only where the text does not name them itself.</summary>
    public override string ToString()
    {
        if (Line > 0)
        {
            return Text.Contains(FormattableString.Invariant($"{File} at line {Line}"), StringComparison.Ordinal)
                ? Text
                : FormattableString.Invariant($"{Text} ({File}, line {Line})");
        }

        return Text.Contains(File, StringComparison.Ordinal) ? Text : $"{Text} ({File})";
    }
}
