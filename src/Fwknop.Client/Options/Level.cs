namespace Fwknop.Client;

/// <summary>Where a setting comes from; a higher level beats a lower one (client.md 6.4).</summary>
internal enum Level
{
    BuiltIn,
    Default,
    Stanza,
    CommandLine,
}
