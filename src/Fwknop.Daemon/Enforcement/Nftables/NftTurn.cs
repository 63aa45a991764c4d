namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>What becomes of the destination of a connection.</summary>
internal enum NftTurn
{
    /// <summary>It stays.</summary>
    Keep,

    /// <summary>Another address, and port.</summary>
    Dnat,

    /// <summary>Another port of this host, by whichever of its addresses.</summary>
    Redirect,
}
