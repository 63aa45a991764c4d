namespace Fwknop.Configuration.CommandLine;

/// <summary>An option as it stood on the command line.</summary>
/// <param name="Option">The row of the table.</param>
/// <param name="Value">Its value; the empty string for an option without argument.</param>
public sealed record GivenOption<TSettings>(Option<TSettings> Option, string Value);
