using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Daemon.Lifecycle;

namespace Fwknop.Daemon.Enforcement.Firewalld;

/// <summary>Chooses how grants reach firewalld: by rich rules of a zone (FIREWD_ZONE), or by direct rules as the reference makes them.</summary>
internal static class FirewalldBackEnd
{
    private const string DefaultZone = "default";

    /// <summary>Makes it; nothing is changed yet.</summary>
    /// <exception cref="StartupException">The settings ask for what a zone cannot do.</exception>
    /// <exception cref="FirewallException">FIREWALL_EXE is no firewall-cmd.</exception>
    public static IFirewall Create(ServerConfig config, IFirewallLog log)
    {
        if (!Path.IsPathFullyQualified(config.FirewallExe))
        {
            throw FirewallException.OtherProgram("firewall-cmd", config.FirewallExe);
        }

        if (config.FirewalldZone is { } zone)
        {
            return CreateZone(config, zone == DefaultZone ? null : zone, log);
        }

        IptablesSettings settings = new()
        {
            Programs = DirectRules.Of(config.FirewallExe),
            Chains = config.Firewalld,
            Prepend = config.PrependsRules,
        };
        return new IptablesFirewall(settings, log);
    }

    private static FirewalldZone CreateZone(ServerConfig config, string? zone, IFirewallLog log)
    {
        string? notInZone = config.Firewalld.HasOutput ? "ENABLE_FIREWD_OUTPUT" : config.Firewalld.TranslatesSource ? "ENABLE_FIREWD_SNAT" : null;
        return notInZone is not null
            ? throw new StartupException($"[*] {notInZone} needs direct rules of firewalld: leave FIREWD_ZONE unset, or {notInZone} N")
            : new FirewalldZone(
                new ZoneSettings
                {
                    Executable = config.FirewallExe,
                    Zone = zone,
                    FirstPriority = config.FirewalldPriority,
                    FlushesAtInit = config.Firewalld.FlushesAtInit,
                    FlushesAtExit = config.Firewalld.FlushesAtExit,
                },
                log);
    }
}
