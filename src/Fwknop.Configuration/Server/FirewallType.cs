namespace Fwknop.Configuration.Server;

/// <summary>FIREWALL_TYPE: which firewall opens the ports.</summary>
public enum FirewallType
{
    /// <summary>nftables where GUARD_PORTS or NFT_INSERT is set, else iptables.</summary>
    Auto,

    /// <summary>nftables through its library.</summary>
    Nftables,

    /// <summary>iptables and ip6tables, FIREWALL_EXE.</summary>
    Iptables,

    /// <summary>None: grants are logged and nothing is opened.</summary>
    None,
}
