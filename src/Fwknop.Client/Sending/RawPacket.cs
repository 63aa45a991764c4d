using System.Buffers.Binary;
using System.Net;

namespace Fwknop.Client;

/// <summary>
/// IPv4 packets as the reference makes them in raw modes (client.md 13.5), but for the TCP checksum, which is right here (decision).
/// </summary>
internal static class RawPacket
{
    private const int IPLength = 20;
    private const int UdpLength = 8;
    private const int TcpLength = 20;
    private const int IcmpLength = 8;
    private const byte Ttl = 255;
    private const byte ProtocolIcmp = 1;
    private const byte ProtocolTcp = 6;
    private const byte ProtocolUdp = 17;
    private const byte EchoRequest = 8;

    public static byte[] Make(RawHeader header, ReadOnlySpan<byte> payload) => header.Transport switch
    {
        SpaTransport.UdpRaw => MakeUdp(header, payload),
        SpaTransport.TcpRaw => MakeTcp(header, payload),
        SpaTransport.Icmp => MakeIcmp(header, payload),
        _ => throw new ArgumentException("No raw transport.", nameof(header)),
    };

    // source port 2, destination port 2, length 2, checksum 2: none
    private static byte[] MakeUdp(RawHeader header, ReadOnlySpan<byte> payload)
    {
        byte[] packet = MakeIP(header, ProtocolUdp, UdpLength, payload);
        Span<byte> udp = packet.AsSpan(IPLength);
        BinaryPrimitives.WriteUInt16BigEndian(udp, header.SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], header.DestinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
        return packet;
    }

    // source port 2, destination port 2, sequence 4, acknowledgement 4, offset and flags 2, window 2, checksum 2, urgent 2
    private static byte[] MakeTcp(RawHeader header, ReadOnlySpan<byte> payload)
    {
        const uint sequence = 1;
        const ushort headerOfFiveWordsSyn = 0x5002;
        const ushort window = 32767;

        byte[] packet = MakeIP(header, ProtocolTcp, TcpLength, payload);
        Span<byte> tcp = packet.AsSpan(IPLength);
        BinaryPrimitives.WriteUInt16BigEndian(tcp, header.SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], header.DestinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], sequence);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[12..], headerOfFiveWordsSyn);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], window);
        uint pseudoHeader = Sum(packet.AsSpan(12, 8)) + ProtocolTcp + (uint)tcp.Length;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], Checksum(pseudoHeader + Sum(tcp)));
        return packet;
    }

    // type 1, code 1, checksum 2, rest of header 4: zero, or identifier and sequence of an echo request
    private static byte[] MakeIcmp(RawHeader header, ReadOnlySpan<byte> payload)
    {
        byte[] packet = MakeIP(header, ProtocolIcmp, IcmpLength, payload);
        Span<byte> icmp = packet.AsSpan(IPLength);
        icmp[0] = header.IcmpType;
        icmp[1] = header.IcmpCode;
        if (header is { IcmpType: EchoRequest, IcmpCode: 0 })
        {
            BinaryPrimitives.WriteUInt16BigEndian(icmp[4..], header.EchoId);
            BinaryPrimitives.WriteUInt16BigEndian(icmp[6..], 1);
        }

        BinaryPrimitives.WriteUInt16BigEndian(icmp[2..], Checksum(Sum(icmp)));
        return packet;
    }

    // version and length 1, TOS 1, total length 2, id 2, fragment 2, TTL 1, protocol 1, checksum 2, source 4, destination 4
    private static byte[] MakeIP(RawHeader header, byte protocol, int headerLength, ReadOnlySpan<byte> payload)
    {
        const byte versionAndLength = 0x45;

        byte[] packet = new byte[IPLength + headerLength + payload.Length];
        packet[0] = versionAndLength;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), checked((ushort)packet.Length));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), header.Id);
        packet[8] = Ttl;
        packet[9] = protocol;
        WriteAddress(header.Source, packet.AsSpan(12, 4));
        WriteAddress(header.Destination, packet.AsSpan(16, 4));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), Checksum(Sum(packet.AsSpan(0, IPLength))));
        payload.CopyTo(packet.AsSpan(IPLength + headerLength));
        return packet;
    }

    private static void WriteAddress(IPAddress address, Span<byte> destination)
    {
        if (!address.TryWriteBytes(destination, out int written) || written != destination.Length)
        {
            throw new ArgumentException("No IPv4 address.", nameof(address));
        }
    }

    // RFC 1071. A packet has at most 65535 bytes, so the sum of its words fits.
    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (; bytes.Length > 1; bytes = bytes[2..])
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        }

        return bytes.IsEmpty ? sum : sum + ((uint)bytes[0] << 8);
    }

    private static ushort Checksum(uint sum)
    {
        while (sum > ushort.MaxValue)
        {
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        }

        return (ushort)~sum;
    }
}
