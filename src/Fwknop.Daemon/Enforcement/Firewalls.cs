using System.Diagnostics;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement.Firewalld;
using Fwknop.Daemon.Enforcement.Ipfw;
using Fwknop.Daemon.Enforcement.Ipset;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Daemon.Enforcement.Nftables;
using Fwknop.Daemon.Enforcement.Pf;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement;

/// <summary>Chooses the back end by the configuration (FIREWALL_TYPE).</summary>
internal static class Firewalls
{
    // The variables of fwknopd.conf that decide about the firewall begin with one of these.
    private static readonly string[] Prefixes =
        ["FIREWALL_", "GUARD_", "NFT_", "FLUSH_", "IPT_", "ENABLE_IPT_", "ENABLE_RULE_PREPEND", "SNAT_", "FIREWD_", "ENABLE_FIREWD_", "IPFW_", "PF_"];

    /// <summary>Makes it; nothing is changed yet.</summary>
    /// <exception cref="StartupException">The settings leave nothing to open.</exception>
    /// <exception cref="FirewallException">The back end's library is missing, or FIREWALL_EXE is another program.</exception>
    public static IFirewall Create(ServerConfig config, IFirewallLog log)
    {
        return config.UsedFirewall switch
        {
            FirewallType.None => new NoFirewall(log),
            FirewallType.Iptables => new IptablesFirewall(IptablesOf(config), log),
            FirewallType.Ipset => new IpsetFirewall(
                new IpsetSettings { Executable = IpsetSettings.ProgramBeside(config.FirewallExe), Iptables = IptablesOf(config) }, log),
            FirewallType.Nftables when config.GuardPorts is null && config.NftInsert.Count == 0 => throw new StartupException(
                "[*] FIREWALL_TYPE nftables needs GUARD_PORTS (ports that fwknopd keeps shut itself, such as 'GUARD_PORTS tcp/22') "
                + "or NFT_INSERT (a chain of yours that drops, such as 'NFT_INSERT inet filter input')"),
            FirewallType.Nftables => CreateNftables(config, log),
            FirewallType.Firewalld => FirewalldBackEnd.Create(config, log),
            FirewallType.Ipfw => new IpfwFirewall(config.Ipfw, config.FirewallExe, log),
            FirewallType.Pf => new PfFirewall(config.PfAnchor, config.FirewallExe, log),
            _ => throw new UnreachableException($"{config.UsedFirewall}"),
        };
    }

    /// <summary>True when two readings of the configuration ask for the same firewall, so that what is there can stay.</summary>
    public static bool AreSame(ServerConfig one, ServerConfig other) => Relevant(one).SequenceEqual(Relevant(other));

    /// <summary>Says that it is in place, and what it is.</summary>
    public static void TellReady(IFirewall firewall, IFirewallLog log) =>
        log.Info($"Firewall: {firewall.Description}", new LogEvent(LogEventKind.FirewallReady).With(LogField.Firewall, firewall.Description));

    private static IEnumerable<KeyValuePair<string, string?>> Relevant(ServerConfig config) =>
        config.Settings.Where(setting => Prefixes.Any(prefix => setting.Key.StartsWith(prefix, StringComparison.Ordinal)));

    private static NftablesFirewall CreateNftables(ServerConfig config, IFirewallLog log) => config.Iptables.HasOutput
        ? throw new StartupException(
            "[*] ENABLE_IPT_OUTPUT needs iptables: let a chain of yours at hook output accept established connections, and set ENABLE_IPT_OUTPUT N")
        : new NftablesFirewall(
            new NftablesSettings
            {
                GuardPorts = config.GuardPorts?.Without(null) ?? [],
                InsertAt = config.NftInsert,
                Nat = config.Nat,
                FlushAtInit = config.FlushesNftablesAtInit,
                FlushAtExit = config.FlushesNftablesAtExit,
            },
            log);

    private static IptablesSettings IptablesOf(ServerConfig config) => new()
    {
        Programs = IptablesPrograms.Find(config.FirewallExe),
        Chains = config.Iptables,
        Prepend = config.PrependsRules,
    };
}
