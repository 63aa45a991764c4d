using System.Text;
using System.Text.Json;
using Fwknop.Listener.Capture;
using Fwknop.TestSupport;

namespace Fwknop.Fuzz.Targets;

/// <summary>
/// Input: one byte that chooses the link type, one that says how many bytes (times 16) the capture left out, then the frame.
/// </summary>
internal static class FrameTarget
{
    /// <summary>0x0800, 0x86DD and friends are EtherTypes; 17, 6, 1 are protocols.</summary>
    private const int TypeIPv4 = 0x0800;

    private const int TypeIPv6 = 0x86DD;

    private static readonly int[] LinkTypes = [1, 113, 276, 12, 0, 108, 228, 229, 101, 9, 50, 51, 999];

    public static IReadOnlyList<byte[]> Corpus()
    {
        var payload = Encoding.ASCII.GetBytes(new string('A', 200));
        var udp4 = FrameBuilder.IPv4(17, FrameBuilder.Udp(payload));
        var udp6 = FrameBuilder.IPv6(17, FrameBuilder.Udp(payload));
        var tcp4 = FrameBuilder.IPv4(6, FrameBuilder.Tcp(payload, new byte[12]), options: new byte[8]);
        var extended = FrameBuilder.IPv6(0, FrameBuilder.Extension(60, FrameBuilder.Extension(43, FrameBuilder.Extension(17, FrameBuilder.Udp(payload)))));
        var icmp6 = FrameBuilder.IPv6(58, FrameBuilder.Icmp(payload));
        return
        [
            Input(0, FrameBuilder.Ethernet(TypeIPv4, udp4)),
            Input(0, FrameBuilder.Ethernet(udp4.Length + 8, [0xAA, 0xAA, 3, 0, 0, 0, 8, 0, .. udp4])),
            Input(0, FrameBuilder.Ethernet(TypeIPv6, extended)),
            Input(0, FrameBuilder.Ethernet(0x88A8, FrameBuilder.Vlan(0x8100, FrameBuilder.Vlan(TypeIPv4, tcp4)))),
            Input(0, FrameBuilder.Ethernet(0x8100, FrameBuilder.Vlan(TypeIPv6, icmp6))),
            Input(1, FrameBuilder.Cooked(TypeIPv4, udp4)),
            Input(2, FrameBuilder.Cooked2(TypeIPv6, udp6)),
            Input(3, tcp4),
            Input(3, extended),
            Input(4, FrameBuilder.Null(2, udp4)),
            Input(5, FrameBuilder.Loop(24, udp6)),
            Input(9, FrameBuilder.Ppp(0x21, udp4)),
            Input(9, [0xFF, 0x03, 0x57, .. udp6]),
            Input(10, [0x0F, 0, .. FrameBuilder.Ppp(TypeIPv4, tcp4)]),
            Input(11, FrameBuilder.PppSession(FrameBuilder.Ppp(0x57, udp6))),
            Input(0, FrameBuilder.Ethernet(0x8100, FrameBuilder.Vlan(0x8864, FrameBuilder.PppSession(FrameBuilder.Ppp(0x21, udp4))))),
            Input(6, FrameBuilder.IPv4(1, FrameBuilder.Icmp(payload))),
            Input(7, icmp6),
            Input(3, FrameBuilder.IPv6(60, FrameBuilder.Extension(43, FrameBuilder.Extension(17, FrameBuilder.Udp([]))))),
            Input(3, FrameBuilder.IPv6(0, FrameBuilder.Extension(51, FrameBuilder.Authentication(17, 12, FrameBuilder.Udp(payload))))),
            Input(3, FrameBuilder.IPv4(51, FrameBuilder.Authentication(6, 12, FrameBuilder.Tcp(payload)))),
            Input(3, FrameBuilder.IPv4(6, FrameBuilder.Tcp([]))),
            Input(3, FrameBuilder.IPv4(17, FrameBuilder.Udp([]), options: new byte[4])),
            .. RealPackets().Select(packet => Input(8, packet)),
        ];
    }

    public static void Check(byte[] input)
    {
        if (input.Length < 2)
        {
            return;
        }

        var linkType = LinkTypes[input[0] % LinkTypes.Length];
        var frame = input.AsSpan(2);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var parsed = FrameParser.TryParse(linkType, frame, frame.Length + input[1] * 16, out var datagram, out var why);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Require(allocated == 0, "it allocates");
        Require(parsed == (why == FrameRejection.None), "the reason contradicts the result");
        Require(Enum.IsDefined(why) && why != FrameRejection.DatagramLength, "a reason that is none of its own");
        if (parsed)
        {
            CheckDatagram(frame, datagram);
        }
        else
        {
            Require(datagram.Payload.IsEmpty && datagram.Protocol == IpProtocol.None && datagram.SourceBits == default, "a refused frame has a datagram");
        }
    }

    private static void CheckDatagram(ReadOnlySpan<byte> frame, Datagram datagram)
    {
        // 28: the shortest headers, IPv4 and UDP.
        Require(datagram.Payload.IsEmpty || (frame.Overlaps(datagram.Payload, out var offset) && offset >= 28), "the payload is not behind the headers");
        Require(datagram.SourceBits.IsIPv4 == datagram.DestinationBits.IsIPv4, "the addresses are of two families");
        Require(datagram.Protocol is IpProtocol.Udp or IpProtocol.Tcp || datagram is { SourcePort: 0, DestinationPort: 0 }, "ICMP has ports");
        Require(datagram.Protocol != IpProtocol.Icmp || datagram.SourceBits.IsIPv4, "ICMP in IPv6");
        Require(datagram.Protocol != IpProtocol.IcmpV6 || !datagram.SourceBits.IsIPv4, "ICMPv6 in IPv4");
    }

    private static void Require(bool promise, string broken)
    {
        if (!promise)
        {
            throw new BrokenPromiseException(broken);
        }
    }

    private static byte[] Input(byte link, byte[] frame) => [link, 0, .. frame];

    private static List<byte[]> RealPackets()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(VectorFiles.PathOf("transport.json")));
        return [.. document.RootElement.GetProperty("vectors").EnumerateArray()
            .Select(vector => Convert.FromHexString(vector.GetProperty("ip_packet_hex").GetString()!))];
    }
}
