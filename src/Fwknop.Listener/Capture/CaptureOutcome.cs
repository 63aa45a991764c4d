namespace Fwknop.Listener.Capture;

/// <summary>What asking a source for the next packet gave.</summary>
internal enum CaptureOutcome
{
    /// <summary>Nothing there now: wait.</summary>
    Empty = 0,
    Datagram,

    /// <summary>A frame came that holds no datagram for us: ask again.</summary>
    Refused,

    /// <summary>
    /// The interface has been set down or is gone (said once). The source stays and takes it up again when it is back. With EXIT_AT_INTF_DOWN the caller
    /// may end here.
    /// </summary>
    InterfaceLost,

    /// <summary>An interface that the source waited for is captured now (said once).</summary>
    InterfaceUp,

    /// <summary>No packet will come any more; <see cref="IPacketSource.Report"/> tells why.</summary>
    Failed,
}
