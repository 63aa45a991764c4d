namespace Fwknop.Configuration;

/// <summary>How much a finding matters.</summary>
public enum ConfigSeverity
{
    /// <summary>Worth knowing; nothing is wrong.</summary>
    Info,

    /// <summary>Probably not what was meant, but the program runs.</summary>
    Warning,

    /// <summary>The configuration is not used.</summary>
    Error,
}
