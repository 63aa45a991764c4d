namespace Fwknop.EndToEnd.Tests;

/// <summary>The ways a daemon can live with a machine's firewall.</summary>
public enum Firewall
{
    /// <summary>No other firewall: fwknopd's own nftables table keeps the ports shut.</summary>
    NftablesGuard,

    /// <summary>In front of an administrator's nftables chain that drops everything.</summary>
    NftablesInsert,

    /// <summary>In front of an administrator's iptables and ip6tables chains that drop everything.</summary>
    Iptables,

    /// <summary>The same with the older interface to the kernel.</summary>
    IptablesLegacy,

    /// <summary>As <see cref="Iptables"/>, with sets of ipset that a rule in front of them looks up.</summary>
    Ipset,
}
