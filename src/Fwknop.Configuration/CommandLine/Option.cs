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
    /// <summary>True when a value must follow.</summary>
    public bool TakesArgument => ArgumentName is not null;
}
