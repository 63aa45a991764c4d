namespace Fwknop.Configuration.CommandLine;

/// <summary>What a command line said besides what its options stored in the settings.</summary>
/// <param name="Words">Words that are neither options nor their values; the caller decides what they mean.</param>
/// <param name="Rest">The words after the value of an option that takes the rest of the line.</param>
/// <param name="Errors">Everything wrong with the command line, in order; empty when all is well.</param>
public sealed record CommandLineResult(
    IReadOnlyList<string> Words,
    IReadOnlyList<string> Rest,
    IReadOnlyList<CommandLineError> Errors)
{
    /// <summary>True when the words themselves did not fit, so that the help is due.</summary>
    public bool NeedsUsage => Errors.Any(error => error.Kind == CommandLineErrorKind.Usage);
}
