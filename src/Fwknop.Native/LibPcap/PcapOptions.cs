namespace Fwknop.Native.LibPcap;

/// <summary>How to capture on an interface.</summary>
public sealed record PcapOptions
{
    /// <summary>Name of the interface; "any" is all of them.</summary>
    public required string Interface { get; init; }

    /// <summary>Bytes kept of each frame.</summary>
    public required int SnapLength { get; init; }

    /// <summary>In libpcap's language; empty: every packet.</summary>
    public string Filter { get; init; } = "";

    public bool Promiscuous { get; init; }

    /// <summary>Also what this machine sends.</summary>
    public bool AnyDirection { get; init; }
}
