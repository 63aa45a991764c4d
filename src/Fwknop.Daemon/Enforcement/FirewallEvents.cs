using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement;

/// <summary>What log lines about a firewall as a whole are about.</summary>
internal static class FirewallEvents
{
    /// <summary>It did not do what it was to do.</summary>
    /// <param name="error">Its own words.</param>
    public static LogEvent Failed(string error) => new LogEvent(LogEventKind.FirewallFailed).With(LogField.Error, error);

    /// <summary>What another program has removed is made again.</summary>
    public static LogEvent Repaired() => new(LogEventKind.FirewallRepaired);
}
