using System.Buffers.Binary;
using Fwknop.Grants;

namespace Fwknop.Listener.Capture;

/// <summary>
/// From the bytes of a frame to a datagram (server.md 5.2, corrected as its Q15 says). The first code that hostile bytes meet: no allocation, no exception,
/// and every length is checked against both the packet's own claim and what was captured. Checksums are not looked at: offloading leaves
/// them unset, and the packet's own MAC decides.
/// </summary>
internal static class FrameParser
{
    /// <summary>802.1ad: one service tag and one customer tag.</summary>
    private const int MostVlanTags = 2;

    /// <summary>Our choice: a legitimate packet has one or two.</summary>
    private const int MostExtensionHeaders = 8;

    private const int IPv4HeaderLength = 20;
    private const int IPv6HeaderLength = 40;
    private const int UdpHeaderLength = 8;
    private const int TcpHeaderLength = 20;
    private const int IcmpHeaderLength = 8;

    /// <summary>The protocol number of RFC 4302. What is behind its header is not encrypted.</summary>
    private const byte AuthenticationHeader = 51;

    /// <summary>The link type of packets that begin with their IP header.</summary>
    public const int RawLink = (int)Link.Raw;

    /// <summary>Link-layer header types: DLT_ numbers of Linux, and LINKTYPE_ numbers of files where these differ.</summary>
    private enum Link
    {
        Null = 0,
        Ethernet = 1,
        Ppp = 9,
        Raw = 12,
        PppSerial = 50,
        PppOverEthernet = 51,
        RawInFile = 101,
        Loop = 108,
        LinuxCooked = 113,
        IPv4 = 228,
        IPv6 = 229,
        LinuxCooked2 = 276,
    }

    private enum IpVersion
    {
        Unknown = 0,
        IPv4 = 4,
        IPv6 = 6,
    }

    public static bool Supports(int linkType) => Enum.IsDefined((Link)linkType);

    /// <param name="linkType">DLT_ number of the capture.</param>
    /// <param name="frame">What was kept of the frame.</param>
    /// <param name="originalLength">The frame's length on the wire.</param>
    /// <param name="datagram">Its payload lies in <paramref name="frame"/>.</param>
    /// <param name="why">The reason when there is none.</param>
    public static bool TryParse(int linkType, ReadOnlySpan<byte> frame, int originalLength, out Datagram datagram, out FrameRejection why)
    {
        datagram = default;
        int missing = Math.Max(0, originalLength - frame.Length);
        why = StripLink((Link)linkType, frame, missing, out ReadOnlySpan<byte> packet, out IpVersion version);
        if (why == FrameRejection.None)
        {
            why = StripIp(packet, missing, version, out IpContent carried);
            if (why == FrameRejection.None)
            {
                why = StripTransport(carried, out datagram);
            }
        }

        return why == FrameRejection.None;
    }

    private static FrameRejection StripLink(
        Link link, ReadOnlySpan<byte> frame, int missing, out ReadOnlySpan<byte> packet, out IpVersion version)
    {
        packet = frame;
        version = IpVersion.Unknown;
        switch (link)
        {
            case Link.Raw or Link.RawInFile:
                return FrameRejection.None;
            case Link.IPv4:
                version = IpVersion.IPv4;
                return FrameRejection.None;
            case Link.IPv6:
                version = IpVersion.IPv6;
                return FrameRejection.None;
            case Link.Ethernet: // destination 6, source 6, type or length 2
                return StripEthernet(frame, missing, out packet, out version);
            case Link.LinuxCooked: // packet type 2, device type 2, address length 2, address 8, protocol 2
                return StripEtherType(frame, 14, 16, out packet, out version);
            case Link.LinuxCooked2: // protocol 2, reserved 2, interface 4, device type 2, packet type 1, address length 1, address 8
                return StripEtherType(frame, 0, 20, out packet, out version);
            case Link.Ppp or Link.PppSerial:
                return StripPppFraming(frame, out packet, out version);
            case Link.PppOverEthernet:
                return StripPppSession(frame, out packet, out version);
            case Link.Null or Link.Loop: // address family 4
                return StripAddressFamily(frame, out packet, out version);
            default:
                return FrameRejection.LinkType;
        }
    }

    /// <summary>The type may be a length (IEEE 802.3), with the type behind it.</summary>
    private static FrameRejection StripEthernet(ReadOnlySpan<byte> frame, int missing, out ReadOnlySpan<byte> packet, out IpVersion version)
    {
        const int MostLength = 1500;

        packet = default;
        version = IpVersion.Unknown;
        FrameRejection why = StripTags(frame, 12, 14, out ReadOnlySpan<byte> rest, out ushort type);
        if (why == FrameRejection.None && type <= MostLength)
        {
            why = StripSnap(type, missing, ref rest, out type);
        }

        return why == FrameRejection.None ? FindVersion(type, rest, out packet, out version) : why;
    }

    /// <summary>
    /// LLC: service points AA and AA, unnumbered information 03; SNAP: organisation 00 00 00, type 2 (IEEE 802, RFC 1042). Other LLC frames carry no IP. The length
    /// counts from here to the end of the content; what is beyond it is padding.
    /// </summary>
    private static FrameRejection StripSnap(ushort length, int missing, ref ReadOnlySpan<byte> rest, out ushort type)
    {
        const int HeaderLength = 8;

        type = 0;

        // As longs: the wire length is whatever the capture says.
        if (length < HeaderLength || rest.Length < HeaderLength || length > (long)rest.Length + missing)
        {
            return FrameRejection.LinkHeader;
        }

        if (rest is not [0xAA, 0xAA, 0x03, 0, 0, 0, ..])
        {
            return FrameRejection.NotIp;
        }

        type = BinaryPrimitives.ReadUInt16BigEndian(rest[6..]);
        rest = rest[HeaderLength..Math.Min(length, rest.Length)];
        return FrameRejection.None;
    }

    private static FrameRejection StripEtherType(
        ReadOnlySpan<byte> frame, int typeOffset, int headerLength, out ReadOnlySpan<byte> packet, out IpVersion version)
    {
        packet = default;
        version = IpVersion.Unknown;
        FrameRejection why = StripTags(frame, typeOffset, headerLength, out ReadOnlySpan<byte> rest, out ushort type);
        return why == FrameRejection.None ? FindVersion(type, rest, out packet, out version) : why;
    }

    /// <summary>A type field, then the rest of the header; each VLAN tag in between is control 2, type 2.</summary>
    private static FrameRejection StripTags(
        ReadOnlySpan<byte> frame, int typeOffset, int headerLength, out ReadOnlySpan<byte> rest, out ushort type)
    {
        const ushort CustomerTag = 0x8100;
        const ushort ServiceTag = 0x88A8;
        const ushort OldServiceTag = 0x9100;

        rest = default;
        type = 0;
        if (frame.Length < headerLength)
        {
            return FrameRejection.LinkHeader;
        }

        type = BinaryPrimitives.ReadUInt16BigEndian(frame[typeOffset..]);
        rest = frame[headerLength..];
        for (int tags = 0; type is CustomerTag or ServiceTag or OldServiceTag; tags++)
        {
            if (tags == MostVlanTags)
            {
                return FrameRejection.VlanDepth;
            }

            if (rest.Length < 4)
            {
                return FrameRejection.LinkHeader;
            }

            type = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            rest = rest[4..];
        }

        return FrameRejection.None;
    }

    private static FrameRejection FindVersion(ushort type, ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> packet, out IpVersion version)
    {
        const ushort IPv4 = 0x0800;
        const ushort IPv6 = 0x86DD;
        const ushort PppSession = 0x8864;

        if (type == PppSession)
        {
            return StripPppSession(rest, out packet, out version);
        }

        packet = rest;
        version = type switch
        {
            IPv4 => IpVersion.IPv4,
            IPv6 => IpVersion.IPv6,
            _ => IpVersion.Unknown,
        };
        return version == IpVersion.Unknown ? FrameRejection.NotIp : FrameRejection.None;
    }

    /// <summary>Version and type 1, code 1, session 2, length 2, then PPP without framing. RFC 2516, section 4.</summary>
    private static FrameRejection StripPppSession(ReadOnlySpan<byte> frame, out ReadOnlySpan<byte> packet, out IpVersion version)
    {
        const int HeaderLength = 6;
        const byte VersionAndType = 0x11;
        const byte SessionData = 0;

        packet = default;
        version = IpVersion.Unknown;
        if (frame.Length < HeaderLength || frame[0] != VersionAndType || frame[1] != SessionData)
        {
            return FrameRejection.LinkHeader;
        }

        // What is beyond its length is padding of the Ethernet frame; what is missing is for the IP header to judge.
        ushort length = BinaryPrimitives.ReadUInt16BigEndian(frame[4..]);
        ReadOnlySpan<byte> rest = frame[HeaderLength..];
        return StripPppProtocol(rest[..Math.Min(length, rest.Length)], out packet, out version);
    }

    /// <summary>
    /// HDLC-like framing (RFC 1662) is address FF and control 03 in front, and may be left out. Cisco's has address 0F or 8F, control 1 and an EtherType.
    /// </summary>
    private static FrameRejection StripPppFraming(ReadOnlySpan<byte> frame, out ReadOnlySpan<byte> packet, out IpVersion version)
    {
        if (frame is [0x0F or 0x8F, ..])
        {
            return StripEtherType(frame, 2, 4, out packet, out version);
        }

        return StripPppProtocol(frame is [0xFF, 0x03, ..] ? frame[2..] : frame, out packet, out version);
    }

    /// <summary>Protocol 2, or 1 where it is compressed: only its last byte is odd (RFC 1661, section 2).</summary>
    private static FrameRejection StripPppProtocol(ReadOnlySpan<byte> frame, out ReadOnlySpan<byte> packet, out IpVersion version)
    {
        packet = default;
        version = IpVersion.Unknown;
        bool isCompressed = !frame.IsEmpty && (frame[0] & 1) != 0;
        int length = isCompressed ? 1 : 2;
        if (frame.Length < length)
        {
            return FrameRejection.LinkHeader;
        }

        packet = frame[length..];
        version = (isCompressed ? frame[0] : BinaryPrimitives.ReadUInt16BigEndian(frame)) switch
        {
            0x0021 => IpVersion.IPv4,
            0x0057 => IpVersion.IPv6,
            _ => IpVersion.Unknown,
        };
        return version == IpVersion.Unknown ? FrameRejection.NotIp : FrameRejection.None;
    }

    /// <summary>The number is in the byte order of the machine that captured, and IPv6 has another one on each system.</summary>
    private static FrameRejection StripAddressFamily(ReadOnlySpan<byte> frame, out ReadOnlySpan<byte> packet, out IpVersion version)
    {
        packet = default;
        version = IpVersion.Unknown;
        if (!BinaryPrimitives.TryReadUInt32BigEndian(frame, out uint family))
        {
            return FrameRejection.LinkHeader;
        }

        packet = frame[4..];
        version = (family > ushort.MaxValue ? BinaryPrimitives.ReverseEndianness(family) : family) switch
        {
            2 => IpVersion.IPv4,
            10 or 24 or 28 or 30 => IpVersion.IPv6,
            _ => IpVersion.Unknown,
        };
        return version == IpVersion.Unknown ? FrameRejection.NotIp : FrameRejection.None;
    }

    private static FrameRejection StripIp(ReadOnlySpan<byte> packet, int missing, IpVersion version, out IpContent content)
    {
        content = default;
        if (packet.IsEmpty)
        {
            return FrameRejection.IpHeader;
        }

        IpVersion said = (IpVersion)(packet[0] >> 4);
        if (version != IpVersion.Unknown && said != version)
        {
            return FrameRejection.IpVersion;
        }

        return said switch
        {
            IpVersion.IPv4 => StripIPv4(packet, missing, out content),
            IpVersion.IPv6 => StripIPv6(packet, missing, out content),
            _ => FrameRejection.IpVersion,
        };
    }

    /// <summary>
    /// Version and header length in words 1, service 1, total length 2, identification 2, flags and fragment offset 2, lifetime 1, protocol 1, checksum 2,
    /// source 4, destination 4, options.
    /// </summary>
    private static FrameRejection StripIPv4(ReadOnlySpan<byte> packet, int missing, out IpContent content)
    {
        const int MoreFragmentsAndOffset = 0x3FFF;

        content = default;
        if (packet.Length < IPv4HeaderLength)
        {
            return FrameRejection.IpHeader;
        }

        int headerLength = (packet[0] & 0x0F) * 4;
        ushort totalLength = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        if (headerLength < IPv4HeaderLength)
        {
            return FrameRejection.IpHeaderLength;
        }

        if (CheckLength(totalLength, packet.Length, missing) is var length and not FrameRejection.None)
        {
            return length;
        }

        if (headerLength > totalLength)
        {
            return FrameRejection.IpHeaderLength;
        }

        if ((BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & MoreFragmentsAndOffset) != 0)
        {
            return FrameRejection.Fragment;
        }

        byte protocol = packet[9];
        ReadOnlySpan<byte> rest = packet[headerLength..totalLength];
        if (protocol == AuthenticationHeader)
        {
            if (AuthenticationLength(rest, alignment: 4) is not { } skipped)
            {
                return FrameRejection.ExtensionHeader;
            }

            protocol = rest[0];
            rest = rest[skipped..];
        }

        content = new IpContent
        {
            Source = PackedAddress.Read(packet.Slice(12, 4)),
            Destination = PackedAddress.Read(packet.Slice(16, 4)),
            Protocol = protocol,
            Bytes = rest,
        };
        return content.Protocol == (byte)IpProtocol.IcmpV6 ? FrameRejection.Transport : FrameRejection.None;
    }

    /// <summary>Version, class and flow label 4, payload length 2, next header 1, hop limit 1, source 16, destination 16, extension headers.</summary>
    private static FrameRejection StripIPv6(ReadOnlySpan<byte> packet, int missing, out IpContent content)
    {
        content = default;
        if (packet.Length < IPv6HeaderLength)
        {
            return FrameRejection.IpHeader;
        }

        ushort payloadLength = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        if (payloadLength == 0)
        {
            return FrameRejection.IpLength;
        }

        if (CheckLength(IPv6HeaderLength + payloadLength, packet.Length, missing) is var length and not FrameRejection.None)
        {
            return length;
        }

        PackedAddress source = PackedAddress.Read(packet.Slice(8, 16));
        PackedAddress destination = PackedAddress.Read(packet.Slice(24, 16));
        if (source.IsIPv4 || destination.IsIPv4)
        {
            return FrameRejection.MappedAddress;
        }

        ReadOnlySpan<byte> rest = packet.Slice(IPv6HeaderLength, payloadLength);
        if (StripExtensionHeaders(packet[6], ref rest, out byte protocol) is var extension and not FrameRejection.None)
        {
            return extension;
        }

        content = new IpContent { Source = source, Destination = destination, Protocol = protocol, Bytes = rest };
        return protocol == (byte)IpProtocol.Icmp ? FrameRejection.Transport : FrameRejection.None;
    }

    /// <summary>The length of the IP packet against what there is; the rest of the frame, padding and checksum, is not the packet's.</summary>
    private static FrameRejection CheckLength(int said, int captured, int missing)
    {
        if (said > captured)
        {
            // As longs: the wire length is whatever the capture says.
            return said <= (long)captured + missing ? FrameRejection.CutByCapture : FrameRejection.IpLength;
        }

        return said < IPv4HeaderLength ? FrameRejection.IpLength : FrameRejection.None;
    }

    /// <summary>Next header 1, length in 8 bytes without the first 8 1, content. RFC 8200, section 4.</summary>
    private static FrameRejection StripExtensionHeaders(byte next, ref ReadOnlySpan<byte> rest, out byte protocol)
    {
        const byte HopByHop = 0;
        const byte Routing = 43;
        const byte FragmentHeader = 44;
        const byte DestinationOptions = 60;

        protocol = next;
        for (int count = 0; protocol is HopByHop or Routing or FragmentHeader or DestinationOptions or AuthenticationHeader; count++)
        {
            if (protocol == FragmentHeader)
            {
                return FrameRejection.Fragment;
            }

            // Hop-by-hop options only come first; a routing header with segments left is on its way to somebody else.
            if (count == MostExtensionHeaders || (protocol == HopByHop && count > 0) || rest.Length < 8
                || (protocol == Routing && rest[3] != 0))
            {
                return FrameRejection.ExtensionHeader;
            }

            if ((protocol == AuthenticationHeader ? AuthenticationLength(rest, alignment: 8) : OptionsLength(rest)) is not { } length)
            {
                return FrameRejection.ExtensionHeader;
            }

            protocol = rest[0];
            rest = rest[length..];
        }

        return FrameRejection.None;
    }

    /// <summary>Null when the header is longer than what is there.</summary>
    private static int? OptionsLength(ReadOnlySpan<byte> header)
    {
        int length = (header[1] + 1) * 8;
        return length <= header.Length ? length : null;
    }

    /// <summary>
    /// Next header 1, length in 4 bytes without the first 8 1, reserved 2, parameters index 4, sequence 4, check value. RFC 4302, section 2. The check value is
    /// the kernel's business; the packet's own MAC decides here.
    /// </summary>
    /// <param name="header">The header and what is behind it.</param>
    /// <param name="alignment">The length is a multiple of it: 4 in IPv4, 8 in IPv6.</param>
    /// <returns>Null when it is not, or is longer than what is there.</returns>
    private static int? AuthenticationLength(ReadOnlySpan<byte> header, int alignment)
    {
        const int FixedPart = 12;
        int length = header.Length < FixedPart ? 0 : (header[1] + 2) * 4;
        return length >= FixedPart && length <= header.Length && length % alignment == 0 ? length : null;
    }

    private static FrameRejection StripTransport(scoped in IpContent content, out Datagram datagram)
    {
        datagram = default;
        ReadOnlySpan<byte> bytes = content.Bytes;
        IpProtocol protocol = (IpProtocol)content.Protocol;
        int headerLength = 0;
        FrameRejection why = protocol switch
        {
            IpProtocol.Udp => CheckUdp(bytes, out headerLength),
            IpProtocol.Tcp => CheckTcp(bytes, out headerLength),
            IpProtocol.Icmp or IpProtocol.IcmpV6 => CheckIcmp(bytes, out headerLength),
            _ => FrameRejection.Transport,
        };
        if (why != FrameRejection.None)
        {
            return why;
        }

        bool hasPorts = protocol is IpProtocol.Udp or IpProtocol.Tcp;
        datagram = new Datagram
        {
            SourceBits = content.Source,
            DestinationBits = content.Destination,
            Protocol = protocol,
            SourcePort = hasPorts ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : (ushort)0,
            DestinationPort = hasPorts ? BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) : (ushort)0,
            Payload = bytes[headerLength..],
        };
        return FrameRejection.None;
    }

    /// <summary>Source port 2, destination port 2, length 2, checksum 2. A length that is not the IP packet's has two readings: refused.</summary>
    private static FrameRejection CheckUdp(ReadOnlySpan<byte> bytes, out int headerLength)
    {
        headerLength = UdpHeaderLength;
        if (bytes.Length < UdpHeaderLength)
        {
            return FrameRejection.TransportHeader;
        }

        return BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]) == bytes.Length ? FrameRejection.None : FrameRejection.UdpLength;
    }

    /// <summary>Source port 2, destination port 2, sequence 4, acknowledgement 4, data offset in words (upper half of 1), flags 1, …, options.</summary>
    private static FrameRejection CheckTcp(ReadOnlySpan<byte> bytes, out int headerLength)
    {
        headerLength = 0;
        if (bytes.Length < TcpHeaderLength)
        {
            return FrameRejection.TransportHeader;
        }

        headerLength = (bytes[12] >> 4) * 4;
        return headerLength < TcpHeaderLength || headerLength > bytes.Length ? FrameRejection.TcpHeaderLength : FrameRejection.None;
    }

    /// <summary>Type 1, code 1, checksum 2, rest of the header 4.</summary>
    private static FrameRejection CheckIcmp(ReadOnlySpan<byte> bytes, out int headerLength)
    {
        headerLength = IcmpHeaderLength;
        return bytes.Length < IcmpHeaderLength ? FrameRejection.TransportHeader : FrameRejection.None;
    }

    /// <summary>What an IP packet carries.</summary>
    private readonly ref struct IpContent
    {
        public PackedAddress Source { get; init; }

        public PackedAddress Destination { get; init; }

        public byte Protocol { get; init; }

        public ReadOnlySpan<byte> Bytes { get; init; }
    }
}
