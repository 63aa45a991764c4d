namespace Fwknop.EndToEnd.Tests;

/// <summary>The ways a daemon on a gateway can live with its firewall.</summary>
public enum GatewayFirewall
{
    /// <summary>No other firewall: fwknopd's own nftables table keeps ports shut, and whatever has a route is passed on.</summary>
    NftablesGuard,

    /// <summary>In front of an administrator's nftables chains that drop what comes in and what is passed on.</summary>
    NftablesInsert,

    /// <summary>In front of an administrator's iptables and ip6tables chains that drop both.</summary>
    Iptables,

    /// <summary>The same with the older interface to the kernel.</summary>
    IptablesLegacy,

    /// <summary>As <see cref="Iptables"/>, with sets of ipset for what they can hold.</summary>
    Ipset,

    /// <summary>Docker publishes ports of the hosts inside for everybody; a guard keeps one of them shut.</summary>
    DockerGuard,

    /// <summary>Docker publishes them, and an administrator who shuts them for those outside names his chains in NFT_INSERT.</summary>
    DockerInsert,

    /// <summary>The same with iptables in front of his chains.</summary>
    DockerIptables,
}
