using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>An IPv4 packet with a payload, as it crossed an Ethernet.</summary>
internal sealed class CapturedPacket(byte[] bytes)
{
    private const int PcapHeader = 24;
    private const int RecordHeader = 16;
    private const int EthernetHeader = 14;
    private const byte Icmp = 1;
    private const byte Tcp = 6;
    private const byte Udp = 17;

    public byte Protocol => bytes[9];

    public ushort Id => Word(4);

    public string Payload => Encoding.ASCII.GetString(bytes.AsSpan(IPHeader + TransportHeader));

    public ushort SourcePort => Word(IPHeader);

    public ushort Checksum => Word(IPHeader + (Protocol == Tcp ? 16 : Protocol == Udp ? 6 : 2));

    /// <summary>Of ICMP and TCP: whether what arrived adds up with the checksum in it.</summary>
    public bool IsChecksumRight
    {
        get
        {
            byte[] segment = bytes[IPHeader..];
            byte[] pseudo = Protocol == Icmp ? [] : [.. bytes[12..20], 0, Protocol, (byte)(segment.Length >> 8), (byte)segment.Length];
            byte[] summed = [.. pseudo, .. segment, .. new byte[segment.Length % 2]];
            int sum = 0;
            for (int at = 0; at < summed.Length; at += 2)
            {
                sum += (summed[at] << 8) | summed[at + 1];
            }

            return sum % ushort.MaxValue == 0;
        }
    }

    /// <summary>All header fields that do not change from packet to packet.</summary>
    public string Constants => string.Create(
        CultureInfo.InvariantCulture,
        $"{bytes[0]:x2} tos {bytes[1]} fragment {Word(6):x4} ttl {bytes[8]} {new IPAddress(bytes.AsSpan(12, 4))} > {new IPAddress(bytes.AsSpan(16, 4))} ")
        + Protocol switch
        {
            Udp => $"udp to {Word(22)}, header {Word(24) - Payload.Length}",
            // Sequence numbers, window and options of the kernel's own TCP vary.
            Tcp when TransportHeader > 20 => $"tcp to {Word(22)}, flags {bytes[33]:x2}",
            Tcp => $"tcp to {Word(22)}, {Convert.ToHexString(bytes.AsSpan(24, 12))} urgent {Word(38)}",
            _ => $"icmp {bytes[20]}/{bytes[21]}, sequence {Word(26)}",
        };

    /// <summary>Of ICMP.</summary>
    public ushort EchoId => Word(IPHeader + 4);

    private static int IPHeader => 20;

    private int TransportHeader => Protocol == Tcp ? (bytes[IPHeader + 12] >> 4) * 4 : 8;

    /// <summary>Those that carry SPA packets to a host, in a capture that has ended. What comes back as an answer is left out.</summary>
    public static IReadOnlyList<CapturedPacket> Read(PacketCapture capture, IPAddress destination)
    {
        const int ethernetTypeIPv4 = 0x0800;
        const int shortest = 150;

        byte[] file = File.ReadAllBytes(capture.File);
        List<CapturedPacket> packets = [];
        for (int at = PcapHeader; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 8));
            ReadOnlySpan<byte> frame = file.AsSpan(at + RecordHeader, length);
            if (BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) == ethernetTypeIPv4)
            {
                ReadOnlySpan<byte> packet = frame[EthernetHeader..];
                packet = packet[..BinaryPrimitives.ReadUInt16BigEndian(packet[2..])];
                if (packet.Length > shortest && destination.Equals(new IPAddress(packet.Slice(16, 4))))
                {
                    packets.Add(new CapturedPacket(packet.ToArray()));
                }
            }

            at += RecordHeader + length;
        }

        return packets;
    }

    private ushort Word(int offset) => BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(offset));
}
