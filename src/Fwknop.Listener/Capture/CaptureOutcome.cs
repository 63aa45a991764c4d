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
    /// The interface has been set down (said once). The source stays open and gives packets when the interface is up again. With EXIT_AT_INTF_DOWN
    /// the caller may end here.
    /// </summary>
    InterfaceDown,

    /// <summary>The interface is up again (said once).</summary>
    InterfaceUp,

    /// <summary>No packet will come any more; <see cref="IPacketSource.Failure"/> tells why.</summary>
    Failed,
}
