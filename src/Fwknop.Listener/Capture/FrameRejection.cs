namespace Fwknop.Listener.Capture;

/// <summary>Why a frame holds no datagram for us. One member, one reason.</summary>
internal enum FrameRejection
{
    None = 0,

    /// <summary>The capture's link type is none of those server.md 5.2 names.</summary>
    LinkType,

    /// <summary>The frame ends within its link header.</summary>
    LinkHeader,

    /// <summary>More than two VLAN tags.</summary>
    VlanDepth,

    /// <summary>Neither IPv4 nor IPv6.</summary>
    NotIp,

    /// <summary>The frame ends within the fixed IP header.</summary>
    IpHeader,

    /// <summary>The version in the IP header is not that of the link header, or neither 4 nor 6.</summary>
    IpVersion,

    /// <summary>An IPv4 header length below 20 bytes or beyond the packet.</summary>
    IpHeaderLength,

    /// <summary>An IP length below the header's, or beyond what was on the wire, or 0 (jumbograms, offloaded segments).</summary>
    IpLength,

    /// <summary>The packet is longer than what the capture keeps of a frame (MAX_SNIFF_BYTES).</summary>
    CutByCapture,

    /// <summary>Any fragment, the first and IPv6 "atomic" ones too: what is missing cannot be checked.</summary>
    Fragment,

    /// <summary>::ffff:a.b.c.d in an IPv6 header: it would pass for an IPv4 address.</summary>
    MappedAddress,

    /// <summary>Too many IPv6 extension headers, one in the wrong place, or one beyond the packet.</summary>
    ExtensionHeader,

    /// <summary>A transport other than UDP, TCP and ICMP.</summary>
    Transport,

    /// <summary>The packet ends within the transport header.</summary>
    TransportHeader,

    /// <summary>The UDP length is not that of the IP packet's content.</summary>
    UdpLength,

    /// <summary>A TCP data offset below 20 bytes or beyond the packet.</summary>
    TcpHeaderLength,

    /// <summary>A datagram on the UDP socket that is longer than any packet.</summary>
    DatagramLength,
}
