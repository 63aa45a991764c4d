namespace Fwknop.Configuration.CommandLine;

/// <summary>Why a command line is refused. The reference prints its help after the first kind only.</summary>
public enum CommandLineErrorKind
{
    /// <summary>The words do not fit the options: unknown, ambiguous, missing or surplus argument.</summary>
    Usage,

    /// <summary>An option's value was not accepted.</summary>
    Value,
}
