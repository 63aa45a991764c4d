namespace Fwknop.Configuration.CommandLine;

/// <summary>One row of an <see cref="OptionTable{TSettings}"/>: the names of an option, its argument, its help, what it does.</summary>
/// <param name="ShortName">The letter after a single dash, or null.</param>
/// <param name="LongNames">The names after two dashes; the first is the main name, the others are aliases.</param>
/// <param name="ArgumentName">What the help calls the argument; null for an option that takes none.</param>
/// <param name="Help">One or more sentences; the help wraps them.</param>
/// <param name="Set">Stores the value.</param>
public sealed record Option<TSettings>(
    char? ShortName,
    IReadOnlyList<string> LongNames,
    string? ArgumentName,
    string Help,
    OptionSetter<TSettings> Set)
{
    /// <summary>True when a value follows; it must, unless <see cref="IsArgumentOptional"/>.</summary>
    public bool TakesArgument => ArgumentName is not null;

    /// <summary>
    /// Only <c>--name=value</c>, a value glued to the letter and a number that is the next word give a value; otherwise it is empty. With getopt's
    /// optional_argument the number would be a word of its own, and ignored.
    /// </summary>
    public bool IsArgumentOptional { get; init; }

    /// <summary>The value is the first word of a command to run: all words after it belong to the command, whatever they look like.</summary>
    public bool TakesRest { get; init; }

    /// <summary>Where an abbreviated name fits one other option too, it means that one: our options leave the reference's prefixes alone.</summary>
    public bool GivesWay { get; init; }
}
