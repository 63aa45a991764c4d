namespace Fwknop.Configuration.Server;

/// <summary>The programs that FIREWALL_EXE may name.</summary>
internal static class FirewallPrograms
{
    private const string FirewallCmd = "firewall-cmd";
    private const string Ipfw = "ipfw";
    private const string Pfctl = "pfctl";

    /// <summary>Which firewall a program is of, by its name (server.md 9).</summary>
    public static FirewallType TypeOf(string? executable) => Path.GetFileName(executable) switch
    {
        FirewallCmd => FirewallType.Firewalld,
        Ipfw => FirewallType.Ipfw,
        Pfctl => FirewallType.Pf,
        _ => FirewallType.Iptables,
    };

    /// <summary>Where its program usually is.</summary>
    public static string UsualPath(FirewallType type) => type switch
    {
        FirewallType.Firewalld => $"/usr/bin/{FirewallCmd}",
        FirewallType.Ipfw => $"/sbin/{Ipfw}",
        FirewallType.Pf => $"/sbin/{Pfctl}",
        _ => ServerConfig.DefaultFirewallExe,
    };
}
