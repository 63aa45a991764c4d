namespace Fwknop.EndToEnd.Tests;

/// <summary>The ways a daemon can live with firewalld.</summary>
public enum FirewalldWay
{
    /// <summary>Rich rules in the default zone; firewalld uses nftables.</summary>
    Zone,

    /// <summary>Direct rules; firewalld uses nftables.</summary>
    DirectNftables,

    /// <summary>Direct rules; firewalld uses iptables.</summary>
    DirectIptables,
}
