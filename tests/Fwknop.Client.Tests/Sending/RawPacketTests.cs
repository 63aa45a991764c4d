using System.Buffers.Binary;
using System.Net;
using System.Text;
using System.Text.Json;
using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>client.md 13.5: raw packets byte for byte as the reference's, captured on the wire.</summary>
public sealed class RawPacketTests
{
    private static readonly JsonElement[] Vectors =
        [.. JsonDocument.Parse(File.ReadAllText(VectorFiles.PathOf("transport.json"))).RootElement.GetProperty("vectors").EnumerateArray()];

    public static TheoryData<string> RawVectors() =>
        [.. Vectors.Where(vector => Transport(vector).IsRaw()).Select(vector => vector.GetProperty("id").GetString()!)];

    [Theory]
    [MemberData(nameof(RawVectors))]
    public void Is_the_packet_of_the_reference(string id)
    {
        JsonElement vector = Vectors.Single(vector => vector.GetProperty("id").GetString() == id);
        byte[] captured = Convert.FromHexString(vector.GetProperty("ip_packet_hex").GetString()!);
        RawHeader header = new()
        {
            Transport = Transport(vector),
            Source = IPAddress.Parse(vector.GetProperty("ip").GetProperty("src").GetString()!),
            Destination = IPAddress.Parse(vector.GetProperty("ip").GetProperty("dst").GetString()!),
            Id = BinaryPrimitives.ReadUInt16BigEndian(captured.AsSpan(4)),
            SourcePort = (ushort)Number(vector, "udp", "tcp", "source_port"),
            DestinationPort = (ushort)Number(vector, "udp", "tcp", "dest_port"),
            IcmpType = (byte)Number(vector, "icmp", "icmp", "type"),
            IcmpCode = (byte)Number(vector, "icmp", "icmp", "code"),
            EchoId = (ushort)Number(vector, "icmp", "icmp", "id"),
        };

        byte[] made = RawPacket.Make(header, Encoding.ASCII.GetBytes(vector.GetProperty("packet").GetString()!));

        if (header.Transport == SpaTransport.TcpRaw)
        {
            // The reference leaves the checksum of TCP out.
            Assert.Equal(0, TcpSum(made));
            Assert.Equal(0, BinaryPrimitives.ReadUInt16BigEndian(captured.AsSpan(36)));
            made.AsSpan(36, 2).Clear();
        }

        Assert.Equal(Convert.ToHexString(captured), Convert.ToHexString(made));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1459)]
    public void Tcp_checksum_is_right_for_payloads_of_any_length(int length)
    {
        byte[] payload = new byte[length];
        Array.Fill(payload, (byte)0xff);
        byte[] made = RawPacket.Make(
            new RawHeader
            {
                Transport = SpaTransport.TcpRaw,
                Source = IPAddress.Parse("255.255.255.254"),
                Destination = IPAddress.Parse("255.254.255.255"),
                Id = 1,
            },
            payload);
        Assert.Equal(0, TcpSum(made));
    }

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(3, 0, false)]
    [InlineData(8, 0, true)]
    [InlineData(8, 1, false)]
    [InlineData(40, 15, false)]
    public void Only_an_echo_request_has_id_and_sequence(byte type, byte code, bool hasThem)
    {
        byte[] made = RawPacket.Make(
            new RawHeader
            {
                Transport = SpaTransport.Icmp,
                Source = IPAddress.Loopback,
                Destination = IPAddress.Loopback,
                Id = 1,
                IcmpType = type,
                IcmpCode = code,
                EchoId = 0x1234,
            },
            "x"u8);
        Assert.Equal([type, code], made[20..22]);
        Assert.Equal(hasThem ? [0x12, 0x34, 0, 1] : new byte[4], made[24..28]);
    }

    private static SpaTransport Transport(JsonElement vector)
    {
        JsonElement[] arguments = [.. vector.GetProperty("client_args").EnumerateArray()];
        return arguments[0].GetString() == "-P" && TransportNames.TryParse(arguments[1].GetString()!, out SpaTransport transport)
            ? transport
            : SpaTransport.Http;
    }

    private static int Number(JsonElement vector, string header, string otherHeader, string name) =>
        vector.TryGetProperty(header, out JsonElement fields) || vector.TryGetProperty(otherHeader, out fields)
            ? fields.GetProperty(name).GetInt32()
            : 0;

    /// <summary>The complement of the sum over pseudo header and segment: 0 when the checksum is right.</summary>
    private static int TcpSum(byte[] packet)
    {
        byte[] segment = packet[20..];
        byte[] summed = [.. packet[12..20], 0, 6, (byte)(segment.Length >> 8), (byte)segment.Length, .. segment, .. new byte[segment.Length % 2]];
        long sum = 0;
        for (int at = 0; at < summed.Length; at += 2)
        {
            sum += (summed[at] << 8) | summed[at + 1];
        }

        return (int)(0xffff - (sum % 0xffff == 0 && sum != 0 ? 0xffff : sum % 0xffff));
    }
}
