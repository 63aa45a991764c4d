using System.Buffers.Binary;
using System.Net;

namespace Fwknop.Fuzz.Targets;

/// <summary>Makes frames, layer by layer, inside out; correct ones, for the caller to break.</summary>
internal static class FrameBuilder
{
    public static readonly IPAddress Source4 = IPAddress.Parse("192.0.2.7");
    public static readonly IPAddress Destination4 = IPAddress.Parse("198.51.100.9");
    public static readonly IPAddress Source6 = IPAddress.Parse("2001:db8::7");
    public static readonly IPAddress Destination6 = IPAddress.Parse("2001:db8:ffff::9");

    public const int SourcePort = 40001;
    public const int DestinationPort = 62201;

    public static byte[] Udp(byte[] payload) =>
        [.. Word(SourcePort), .. Word(DestinationPort), .. Word(8 + payload.Length), 0, 0, .. payload];

    public static byte[] Tcp(byte[] payload, byte[]? options = null)
    {
        options ??= [];
        return [.. Word(SourcePort), .. Word(DestinationPort), 0, 0, 0, 1, 0, 0, 0, 2, (byte)((20 + options.Length) / 4 << 4), 0x18, 0x10, 0, 0, 0, 0, 0,
            .. options, .. payload];
    }

    public static byte[] Icmp(byte[] payload) => [8, 0, 0, 0, 0, 1, 0, 1, .. payload];

    public static byte[] IPv4(byte protocol, byte[] content, byte[]? options = null)
    {
        options ??= [];
        var headerLength = 20 + options.Length;
        return [(byte)(0x40 | headerLength / 4), 0, .. Word(headerLength + content.Length), 0x12, 0x34, 0x40, 0, 64, protocol, 0, 0,
            .. Source4.GetAddressBytes(), .. Destination4.GetAddressBytes(), .. options, .. content];
    }

    public static byte[] IPv6(byte next, byte[] content) =>
        [0x60, 0, 0, 0, .. Word(content.Length), next, 64, .. Source6.GetAddressBytes(), .. Destination6.GetAddressBytes(), .. content];

    /// <summary>An extension header of 8 bytes, padded as options are; as a routing header it has no segments left.</summary>
    public static byte[] Extension(byte next, byte[] content) => [next, 0, 1, 0, 0, 0, 0, 0, .. content];

    /// <summary>An authentication header (RFC 4302) with a check value of that many bytes.</summary>
    public static byte[] Authentication(byte next, int checkLength, byte[] content) =>
        [next, (byte)((12 + checkLength) / 4 - 2), 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, .. new byte[checkLength], .. content];

    public static byte[] Ethernet(int type, byte[] packet) => [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, .. Word(type), .. packet];

    /// <summary>What follows an EtherType of 0x8100 or 0x88A8.</summary>
    public static byte[] Vlan(int type, byte[] packet) => [0, 42, .. Word(type), .. packet];

    public static byte[] Cooked(int protocol, byte[] packet) => [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0, .. Word(protocol), .. packet];

    public static byte[] Cooked2(int protocol, byte[] packet) =>
        [.. Word(protocol), 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0, .. packet];

    public static byte[] Ppp(int protocol, byte[] packet) => [.. Word(protocol), .. packet];

    /// <summary>What follows an EtherType of 0x8864.</summary>
    public static byte[] PppSession(byte[] frame) => [0x11, 0, 0, 5, .. Word(frame.Length), .. frame];

    public static byte[] Null(byte family, byte[] packet) => [family, 0, 0, 0, .. packet];

    public static byte[] Loop(byte family, byte[] packet) => [0, 0, 0, family, .. packet];

    private static byte[] Word(int value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, checked((ushort)value));
        return bytes;
    }
}
