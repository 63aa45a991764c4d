namespace Fwknop.Configuration.Server;

/// <summary>FIREWALL_TYPE: which firewall opens the ports.</summary>
public enum FirewallType
{
    /// <summary>nftables where GUARD_PORTS or NFT_INSERT is set, else what FIREWALL_EXE is by its name, else iptables.</summary>
    Auto,

    /// <summary>nftables through its library.</summary>
    Nftables,

    /// <summary>iptables and ip6tables, FIREWALL_EXE.</summary>
    Iptables,

    /// <summary>Sets of ipset with timeouts, which rules of iptables look into.</summary>
    Ipset,

    /// <summary>firewalld through firewall-cmd.</summary>
    Firewalld,

    /// <summary>ipfw of FreeBSD and its relatives.</summary>
    Ipfw,

    /// <summary>PF of OpenBSD and its relatives through pfctl.</summary>
    Pf,

    /// <summary>None: grants are logged and nothing is opened.</summary>
    None,
}
