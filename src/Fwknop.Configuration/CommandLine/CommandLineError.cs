namespace Fwknop.Configuration.CommandLine;

/// <summary>One thing wrong with a command line.</summary>
/// <param name="Kind">Words or value.</param>
/// <param name="Text">The whole message. Usage errors have the exact text of GNU getopt, program name included.</param>
public sealed record CommandLineError(CommandLineErrorKind Kind, string Text);
