namespace Fwknop.Configuration.CommandLine;

/// <summary>Stores an option's value in the settings.</summary>
/// <param name="settings">What the command line fills.</param>
/// <param name="value">The value as given; the empty string for an option without argument.</param>
/// <returns>Null when the value is accepted, else the whole message for the user.</returns>
public delegate string? OptionSetter<in TSettings>(TSettings settings, string value);
