namespace Fwknop.Native.LibPcap;

/// <summary>How an attempt to open a capture went.</summary>
public sealed record PcapOpening
{
    /// <summary>The log line of server.md 5.1; empty when the capture is open.</summary>
    public string Error { get; init; } = "";

    /// <summary>The interface does not exist or is not up: nothing is wrong with what was asked for.</summary>
    public bool MayComeLater { get; init; }

    /// <summary>For the verbose log: capture works nevertheless.</summary>
    public string? Warning { get; init; }
}
