namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>
/// Our chains, by the names that those of fwknop's iptables rules have, so that log lines read the same; and what a table of ours is for.
/// </summary>
[Flags]
internal enum NftChains
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>FWKNOP_INPUT: what is for this host.</summary>
    Input = 1,

    /// <summary>FWKNOP_FORWARD: what goes through it.</summary>
    Forward = 2,

    /// <summary>FWKNOP_PREROUTING, FWKNOP_POSTROUTING and FWKNOP_MASQUERADE: other destinations, other sources.</summary>
    Nat = 4,
}
