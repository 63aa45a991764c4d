namespace Fwknop.Configuration.Server;

/// <summary>FIREWALL_TYPE: which firewall opens the ports.</summary>
public enum FirewallType
{
    /// <summary>Choose by the other settings and by what the system has.</summary>
    Auto,

    /// <summary>nftables through its library.</summary>
    Nftables,

    /// <summary>iptables and ip6tables, FIREWALL_EXE.</summary>
    Iptables,

    /// <summary>None: grants are logged and nothing is opened.</summary>
    None,
}
