using System.Net;
using Fwknop.Grants;

namespace Fwknop.Listener.Capture;

/// <summary>
/// What a packet says of itself, its lengths checked, nothing in it trusted. <see cref="Payload"/> is valid until the next packet is read.
/// </summary>
internal readonly ref struct Datagram
{
    /// <summary>Behind the transport header; may be empty.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    public PackedAddress SourceBits { get; init; }

    public PackedAddress DestinationBits { get; init; }

    /// <summary>0 for ICMP.</summary>
    public ushort SourcePort { get; init; }

    /// <summary>0 for ICMP.</summary>
    public ushort DestinationPort { get; init; }

    public IpProtocol Protocol { get; init; }

    public Reception Reception { get; init; }

    /// <summary>Which source of the listener received it, by number: one packet may pass several.</summary>
    public byte Point { get; init; }

    /// <summary>Allocates: for packets that have been authenticated, and for the log.</summary>
    public IPAddress Source => SourceBits.ToIPAddress();

    /// <summary>Allocates, as <see cref="Source"/>.</summary>
    public IPAddress Destination => DestinationBits.ToIPAddress();
}
