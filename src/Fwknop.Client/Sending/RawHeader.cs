using System.Net;

namespace Fwknop.Client;

/// <summary>What is not the same in all raw packets of a transport.</summary>
internal sealed record RawHeader
{
    /// <summary>udpraw, tcpraw or icmp.</summary>
    public required SpaTransport Transport { get; init; }

    /// <summary>IPv4; 0.0.0.0 lets the kernel fill in its own.</summary>
    public required IPAddress Source { get; init; }

    /// <summary>IPv4.</summary>
    public required IPAddress Destination { get; init; }

    public ushort SourcePort { get; init; }

    public ushort DestinationPort { get; init; }

    /// <summary>Identification of the IP header; 0 lets the kernel choose.</summary>
    public required ushort Id { get; init; }

    public byte IcmpType { get; init; }

    public byte IcmpCode { get; init; }

    /// <summary>Identifier of an echo request.</summary>
    public ushort EchoId { get; init; }
}
