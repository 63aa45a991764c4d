namespace Fwknop.Configuration.Server;

/// <summary>
/// The chains of fwknop and what is done with them (server.md 3.2, 9.2.1): the variables of iptables. nftables goes by them, too, where
/// they are about forwarding.
/// </summary>
public sealed record ChainSettings
{
    /// <summary>IPT_INPUT_ACCESS.</summary>
    public ChainSpec Input { get; init; } = ChainSpec.Of("ACCEPT", "filter", "INPUT", "FWKNOP_INPUT");

    /// <summary>IPT_OUTPUT_ACCESS.</summary>
    public ChainSpec Output { get; init; } = ChainSpec.Of("ACCEPT", "filter", "OUTPUT", "FWKNOP_OUTPUT");

    /// <summary>IPT_FORWARD_ACCESS.</summary>
    public ChainSpec Forward { get; init; } = ChainSpec.Of("ACCEPT", "filter", "FORWARD", "FWKNOP_FORWARD");

    /// <summary>IPT_DNAT_ACCESS.</summary>
    public ChainSpec Dnat { get; init; } = ChainSpec.Of("DNAT", "nat", "PREROUTING", "FWKNOP_PREROUTING");

    /// <summary>IPT_SNAT_ACCESS.</summary>
    public ChainSpec Snat { get; init; } = ChainSpec.Of("SNAT", "nat", "POSTROUTING", "FWKNOP_POSTROUTING");

    /// <summary>IPT_MASQUERADE_ACCESS.</summary>
    public ChainSpec Masquerade { get; init; } = ChainSpec.Of("MASQUERADE", "nat", "POSTROUTING", "FWKNOP_MASQUERADE");

    /// <summary>ENABLE_IPT_OUTPUT: answers are let out by rules of their own.</summary>
    public bool HasOutput { get; init; }

    /// <summary>ENABLE_IPT_FORWARDING: packets may ask for ports of hosts behind this one.</summary>
    public bool Forwards { get; init; }

    /// <summary>ENABLE_IPT_LOCAL_NAT: packets may ask for other ports of this host.</summary>
    public bool ForwardsLocally { get; init; }

    /// <summary>ENABLE_IPT_SNAT: what is forwarded gets another source address.</summary>
    public bool TranslatesSource { get; init; }

    /// <summary>ENABLE_IPT_COMMENT_CHECK.</summary>
    public bool ChecksComment { get; init; } = true;

    /// <summary>FLUSH_IPT_AT_INIT.</summary>
    public bool FlushesAtInit { get; init; } = true;

    /// <summary>FLUSH_IPT_AT_EXIT.</summary>
    public bool FlushesAtExit { get; init; } = true;
}
