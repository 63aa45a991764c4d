using Fwknop.Configuration;
using Fwknop.Configuration.Server;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>How grants reach nftables. Exactly one of <see cref="GuardPorts"/> and <see cref="InsertAt"/> has entries.</summary>
internal sealed record NftablesSettings
{
    /// <summary>GUARD_PORTS: ports that our own table keeps shut unless granted, in ranges that do not overlap.</summary>
    public IReadOnlyList<PortRange> GuardPorts { get; init; } = [];

    /// <summary>NFT_INSERT: chains of the administrator that our rule goes in front of.</summary>
    public IReadOnlyList<NftHook> InsertAt { get; init; } = [];

    /// <summary>What may be forwarded: its chains are there from the beginning.</summary>
    public NatSettings Nat { get; init; } = NatSettings.Off;

    /// <summary>FLUSH_NFT_AT_INIT: forget the grants of an earlier run.</summary>
    public bool FlushAtInit { get; init; } = true;

    /// <summary>FLUSH_NFT_AT_EXIT: take everything of ours away at a clean stop.</summary>
    public bool FlushAtExit { get; init; } = true;
}
