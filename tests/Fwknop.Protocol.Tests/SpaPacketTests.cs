using System.Net;
using System.Text;

namespace Fwknop.Protocol.Tests;

public sealed class SpaPacketTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_754_276_251);

    public static TheoryData<EncryptionMode, HmacType, DigestType> Combinations
    {
        get
        {
            TheoryData<EncryptionMode, HmacType, DigestType> rows = [];
            foreach (EncryptionMode mode in Enum.GetValues<EncryptionMode>().Where(SymmetricCipher.IsUsable))
            {
                foreach (HmacType hmac in Enum.GetValues<HmacType>())
                {
                    rows.Add(mode, hmac, (DigestType)(((int)hmac + (int)mode) % 7 + 1));
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Opens_what_it_sealed(EncryptionMode mode, HmacType hmacType, DigestType digestType)
    {
        using PacketKeys keys = new(
            EncryptionKey.FromBytes("short"u8), hmacType == HmacType.None ? null : HmacKey.Generate(), hmacType, mode);
        SpaMessage message = SpaMessage.Access("alice", Now, IPAddress.Parse("203.0.113.7"), PortSpec.Tcp(22), PortSpec.Udp(53));

        SpaPacket packet = SpaPacket.Seal(message, keys, digestType);

        Assert.True(SpaPacket.TryOpen(packet.Bytes.Span, keys, out AuthenticMessage? opened, out _));
        Assert.Equal(message, opened!.Message);
        Assert.Equal(digestType, opened.DigestType);
        Assert.Equal(packet.ReplayDigest, opened.ReplayDigest);
        Assert.Equal([PortSpec.Tcp(22), PortSpec.Udp(53)], opened.Message.Ports);
    }

    [Theory]
    [InlineData("2001:db8::1,tcp/22", "2001:db8::1")]
    [InlineData("2001:DB8:0:0:0:0:0:1,tcp/22", "2001:db8::1")]
    [InlineData("::1,udp/1", "::1")]
    [InlineData("010.0.0.1,tcp/22", "8.0.0.1")]
    public void Reads_the_address(string text, string address)
    {
        SpaMessage opened = RoundTrip(text);
        Assert.Equal(IPAddress.Parse(address), opened.AllowAddress);
    }

    [Theory]
    [InlineData("a zone", "fe80::1%eth0,tcp/22")]
    [InlineData("brackets", "[2001:db8::1],tcp/22")]
    [InlineData("an IPv4 address in IPv6 spelling", "::ffff:1.2.3.4,tcp/22")]
    [InlineData("the same in hex", "::ffff:102:304,tcp/22")]
    [InlineData("a prefix length", "2001:db8::/32,tcp/22")]
    [InlineData("the unspecified address", "::,tcp/22")]
    [InlineData("too long", "0000:0000:0000:0000:0000:0000:0000:00001,tcp/22")]
    [InlineData("one colon", "1:2,tcp/22")]
    [InlineData("a lone colon", ":,tcp/22")]
    [InlineData("hexadecimal IPv4", "0x1.2.3.4,tcp/22")]
    [InlineData("three parts", "1.2.3,tcp/22")]
    [InlineData("five parts", "1.2.3.4.5,tcp/22")]
    [InlineData("octal digit 8", "08.0.0.1,tcp/22")]
    [InlineData("an empty part", "1..3.4,tcp/22")]
    [InlineData("blank", "1.2.3.4 ,tcp/22")]
    public void Refuses_an_address(string what, string text)
    {
        using PacketKeys keys = new(EncryptionKey.FromBytes("k"u8));
        Assert.False(SpaPacket.TrySeal(Message(text), keys, DigestType.Sha256, out _, out Rejection why), what);
        Assert.Equal(Rejection.InvalidAllowIP, why);
        Assert.Null(Message(text).AllowAddress);
    }

    [Theory]
    [InlineData(0, MessageType.Access)]
    [InlineData(60, MessageType.ClientTimeoutAccess)]
    public void Leaves_the_ports_to_the_server(int timeout, MessageType type)
    {
        using PacketKeys keys = new(EncryptionKey.FromBytes("k"u8));
        SpaMessage message = SpaMessage.AccessWithoutPorts("alice", Now, IPAddress.Parse("2001:db8::1")) with { ClientTimeout = timeout };

        Assert.True(SpaPacket.TryOpen(SpaPacket.Seal(message, keys).Bytes.Span, keys, out AuthenticMessage? opened, out _));
        Assert.Equal(type, opened!.Message.Type);
        Assert.Equal("2001:db8::1,none/0", opened.Message.Message.ToString());
        Assert.Equal(IPAddress.Parse("2001:db8::1"), opened.Message.AllowAddress);
        Assert.Empty(opened.Message.Ports);
    }

    [Theory]
    [InlineData("1.2.3.4,none/0,tcp/22", MessageType.Access)]
    [InlineData("1.2.3.4,tcp/22,none/0", MessageType.Access)]
    [InlineData("1.2.3.4,none/0,none/0", MessageType.Access)]
    [InlineData("1.2.3.4,none/00", MessageType.Access)]
    [InlineData("1.2.3.4,none/1", MessageType.Access)]
    [InlineData("1.2.3.4,none", MessageType.Access)]
    [InlineData("1.2.3.4,NONE/0", MessageType.Access)]
    [InlineData("1.2.3.4,none/0 ", MessageType.Access)]
    [InlineData("1.2.3.4,none/0", MessageType.NatAccess)]
    [InlineData("1.2.3.4,none/0", MessageType.LocalNatAccess)]
    [InlineData("1.2.3.4,none/0", MessageType.ClientTimeoutNatAccess)]
    [InlineData("1.2.3.4,none/0", MessageType.ClientTimeoutLocalNatAccess)]
    public void Names_no_ports_in_one_way_and_without_NAT(string text, MessageType type) =>
        Assert.Equal(Rejection.InvalidSpaAccessMessage, MessageRules.CheckMessage(type, Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Refuses_to_seal_what_receivers_take_for_OpenPGP()
    {
        using PacketKeys keys = new(EncryptionKey.FromBytes("k"u8), HmacKey.FromBytes("h"u8), HmacType.Sha256);
        string ports = string.Join(',', Enumerable.Repeat("tcp/22", 25));
        Assert.False(SpaPacket.TrySeal(Message($"1.2.3.4,{ports}"), keys, DigestType.Sha512, out _, out Rejection why));
        Assert.Equal(Rejection.TooLongToDecode, why);
    }

    [Theory]
    [InlineData(DigestType.Md5, HmacType.None)]
    [InlineData(DigestType.Sha256, HmacType.Sha256)]
    [InlineData(DigestType.Sha512, HmacType.Sha3_512)]
    public void Measured_length_is_that_of_the_packet_and_decides_whether_it_is_one(DigestType digest, HmacType hmac)
    {
        using PacketKeys keys = hmac == HmacType.None
            ? new(EncryptionKey.FromBytes("k"u8))
            : new(EncryptionKey.FromBytes("k"u8), HmacKey.FromBytes("h"u8), hmac);
        int sealedCount = 0;
        for (int ports = 1; ports <= 25; ports++)
        {
            SpaMessage message = Message($"1.2.3.4,{string.Join(',', Enumerable.Repeat("tcp/22", ports))}") with { ClientTimeout = ports * 60 };
            PacketLength length = PacketLength.OfSymmetric(message, digest, hmac);
            bool isSealed = SpaPacket.TrySeal(message, keys, digest, out SpaPacket? packet, out Rejection why);
            Assert.Equal(length.IsTakenForOpenPgp, why == Rejection.TooLongToDecode);
            if (isSealed)
            {
                Assert.Equal(packet!.Bytes.Length, length.Packet);
                sealedCount++;
            }
        }

        Assert.InRange(sealedCount, 1, 24);
    }

    [Fact]
    public void Throws_for_bad_fields_only_from_Seal()
    {
        using PacketKeys keys = new(EncryptionKey.FromBytes("k"u8));
        SpaException error = Assert.Throws<SpaException>(() => SpaPacket.Seal(Message("nonsense"), keys));
        Assert.Equal(Rejection.InvalidAllowIP, error.Rejection);
    }

    [Fact]
    public void Opens_or_refuses_mutated_packets_but_never_throws()
    {
        using PacketKeys keys = new(EncryptionKey.FromBytes("k"u8));
        byte[] packet = SpaPacket.Seal(Message("1.2.3.4,tcp/22"), keys).Bytes.ToArray();
        Random random = new(20_260_101);
        for (int i = 0; i < 50_000; i++)
        {
            byte[] mutated = Mutate(packet, random);
            if (SpaPacket.TryOpen(mutated, keys, out AuthenticMessage? opened, out Rejection why))
            {
                Assert.Equal(packet, mutated);
            }

            Assert.Equal(opened is null, why != Rejection.None);
        }
    }

    [Fact]
    public void Draws_a_new_salt_and_random_value_each_time()
    {
        using PacketKeys keys = new(EncryptionKey.FromBytes("k"u8));
        SpaMessage message = Message("1.2.3.4,tcp/22");
        Assert.NotEqual(SpaPacket.Seal(message, keys).ToString(), SpaPacket.Seal(message, keys).ToString());
        Assert.NotEqual(Message("1.2.3.4,tcp/22").RandomValue, message.RandomValue);
    }

    private static byte[] Mutate(byte[] packet, Random random)
    {
        byte[] mutated = random.Next(4) == 0 ? packet[..random.Next(packet.Length)] : (byte[])packet.Clone();
        for (int changes = random.Next(3); changes > 0 && mutated.Length > 0; changes--)
        {
            mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
        }

        return mutated;
    }

    private static SpaMessage RoundTrip(string text)
    {
        using PacketKeys keys = new(EncryptionKey.FromBytes("k"u8));
        byte[] packet = Encoding.ASCII.GetBytes(SpaPacket.Seal(Message(text), keys).ToString());
        Assert.True(SpaPacket.TryOpen(packet, keys, out AuthenticMessage? opened, out Rejection why), why.ToString());
        return opened!.Message;
    }

    private static SpaMessage Message(string text) => new()
    {
        Username = "alice",
        Timestamp = 1_754_276_251,
        Type = MessageType.Access,
        Message = text,
    };
}
