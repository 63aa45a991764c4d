using System.Net;
using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Protocol;

namespace Fwknop.Grants.Tests;

/// <summary>What the daemon hands to the listener arrives whole, or not at all.</summary>
public sealed class ListenerSetupTests
{
    private const string Access = """
        SOURCE ANY
        KEY first
        SOURCE 10.0.0.0/8, 2001:db8::/32
        DESTINATION 192.0.2.1
        OPEN_PORTS tcp/22, udp/53
        RESTRICT_PORTS tcp/25
        KEY_BASE64 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
        HMAC_KEY_BASE64 /////wAAAAA=
        HMAC_DIGEST_TYPE SHA512
        ENCRYPTION_MODE legacy
        FW_ACCESS_TIMEOUT 7
        MAX_FW_TIMEOUT 77
        REQUIRE_USERNAME Jürgen
        REQUIRE_SOURCE_ADDRESS Y
        ACCESS_EXPIRE_EPOCH 1900000000
        STANZA_NAME laptop
        ACCESS_HOURS Mon-Fri 08:00-18:00
        GRANT_PREFIX 24,64
        ALLOW_NO_PORTS Y
        TOTP_SECRET GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ
        TOTP_DIGITS 7
        TOTP_PERIOD 60
        GPG_DECRYPT_PW passphrase
        GPG_DECRYPT_ID me
        GPG_REMOTE_ID 12345678, 1111222233334444
        GPG_FINGERPRINT_ID 1111222233334444555566667777888899990000
        GPG_IGNORE_SIG_VERIFY_ERROR Y
        SOURCE 203.0.113.7
        KEY third
        HMAC_KEY hmac
        FORCE_NAT 192.168.1.2 22
        FORCE_NAT 2001:db8::5 2222 udp/80
        FORWARD_ALL Y
        NAT_TARGETS 192.168.1.0/24 tcp/22 udp/53, ANY tcp/443
        """;

    [Fact]
    public void Arrives_as_it_was_sent()
    {
        using AccessPolicy policy = Policy();
        ListenerSetup setup = Full(policy);

        ListenerSetup read = ListenerSetup.Read(new MemoryStream(Bytes(setup)));

        Assert.Equal(Describe(setup), Describe(read));
        Assert.Equal(3, read.Stanzas.Count);
        Assert.Equal("Jürgen", read.Stanzas[1].RequireUsername);
        Assert.Equal(HmacType.Sha512, read.Stanzas[1].Keys.HmacType);
        Assert.Equal(EncryptionMode.Legacy, read.Stanzas[1].Keys.Mode);
        Assert.Null(read.Stanzas[0].Keys.HmacKey);
        Assert.Equal("192.168.1.0/24 tcp/22 udp/53, ANY tcp/443", read.Stanzas[2].Nat.AllowedTargets!.Text);
        Assert.NotNull(policy.Stanzas[1].Gpg!.Passphrase);
        Assert.Null(read.Stanzas[1].Gpg!.Passphrase);
        Assert.Equal(2, read.Seen.Count);
        Array.ForEach([.. read.Stanzas], stanza => stanza.Dispose());
    }

    /// <summary>Ports go over as they are written, and mean the same on the other side.</summary>
    [Theory]
    [InlineData("*/80")]
    [InlineData("tcp/22, */8000-8010")]
    [InlineData("*/*")]
    public void Ports_of_both_protocols_arrive(string ports)
    {
        using AccessPolicy policy = Policy($"SOURCE ANY\nKEY k\nOPEN_PORTS {ports}\nRESTRICT_PORTS {ports}\n");
        ListenerSetup setup = new() { Capture = CaptureMode.Pcap, Stanzas = policy.Stanzas };

        using AccessStanza read = Assert.Single(ListenerSetup.Read(new MemoryStream(Bytes(setup))).Stanzas);

        Assert.Equal(ports, read.OpenPorts!.Text);
        Assert.Equal(policy.Stanzas[0].OpenPorts!.Ranges, read.OpenPorts.Ranges);
        Assert.Equal(policy.Stanzas[0].RestrictPorts!.Ranges, read.RestrictPorts!.Ranges);
    }

    [Fact]
    public void Arrives_with_its_defaults()
    {
        using AccessPolicy policy = Policy();
        ListenerSetup setup = new() { Capture = CaptureMode.Pcap, Stanzas = policy.Stanzas };
        ListenerSetup read = ListenerSetup.Read(new MemoryStream(Bytes(setup)));
        Assert.Equal(Describe(setup), Describe(read));
        Assert.Null(read.MaxPacketAge);
        Assert.Empty(read.Seen);
    }

    [Fact]
    public void Opens_the_packets_that_the_original_opens()
    {
        using AccessPolicy policy = Policy();
        ListenerSetup read = ListenerSetup.Read(new MemoryStream(Bytes(Full(policy))));
        for (int i = 0; i < policy.Stanzas.Count; i++)
        {
            SpaMessage message = SpaMessage.Access("user", DateTimeOffset.UnixEpoch, IPAddress.Loopback, PortSpec.Tcp(22));
            SpaPacket packet = SpaPacket.Seal(message, policy.Stanzas[i].Keys);
            Assert.True(SpaPacket.TryOpen(packet.Bytes.Span, read.Stanzas[i].Keys, out _, out Rejection why), $"{i}: {why}");
        }
    }

    /// <summary>The daemon may die in the middle of it.</summary>
    [Fact]
    public void Is_refused_when_it_ends_early()
    {
        using AccessPolicy policy = Policy();
        byte[] whole = Bytes(Full(policy));
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.Throws<EndOfStreamException>(() => ListenerSetup.Read(new MemoryStream(whole, 0, length)));
        }
    }

    [Fact]
    public void Takes_no_more_than_its_own_bytes()
    {
        using AccessPolicy policy = Policy();
        byte[] bytes = Bytes(Full(policy));
        using MemoryStream stream = new([.. bytes, 42]);
        ListenerSetup.Read(stream);
        Assert.Equal(42, stream.ReadByte());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Is_refused_from_another_version(int at)
    {
        using AccessPolicy policy = Policy();
        byte[] bytes = Bytes(Full(policy));
        bytes[at] ^= 1;
        Assert.Throws<InvalidDataException>(() => ListenerSetup.Read(new MemoryStream(bytes)));
    }

    [Fact]
    public void Is_refused_when_its_end_is_not_where_it_should_be()
    {
        using AccessPolicy policy = Policy();
        byte[] bytes = Bytes(Full(policy));
        bytes[^1] ^= 1;
        Assert.Throws<InvalidDataException>(() => ListenerSetup.Read(new MemoryStream(bytes)));
    }

    [Fact]
    public void Has_keys_that_are_gone_when_disposed()
    {
        using AccessPolicy policy = Policy();
        ListenerSetup read = ListenerSetup.Read(new MemoryStream(Bytes(Full(policy))));
        byte[] copy = new byte[64];
        foreach (AccessStanza stanza in read.Stanzas)
        {
            stanza.Dispose();
            Assert.Throws<ObjectDisposedException>(() => stanza.Keys.EncryptionKey.CopyTo(copy));
        }

        // The original is not touched by that.
        policy.Stanzas[0].Keys.EncryptionKey.CopyTo(copy);
        Assert.Equal("first"u8, copy.AsSpan(0, 5));
    }

    [Fact]
    public void Cannot_be_sent_without_keys()
    {
        AccessPolicy policy = Policy();
        ListenerSetup setup = Full(policy);
        policy.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Bytes(setup));
    }

    private static AccessPolicy Policy(string access = Access) => AccessFile.Parse(Encoding.UTF8.GetBytes(access), "/etc/fwknop/access.conf", TimeZoneInfo.Utc) is { Value: { } policy }
        ? policy
        : throw new InvalidOperationException("The example is not valid.");

    private static ListenerSetup Full(AccessPolicy policy) => new()
    {
        Capture = CaptureMode.Udp,
        Interfaces = InterfaceList.TryParse("eth7, ppp0", out InterfaceList? interfaces, out _) ? interfaces : throw new FormatException(),
        PcapFile = "/a.pcap",
        Descriptor = 9,
        Filter = "udp port 1",
        Promiscuous = true,
        AnyDirection = true,
        SnapLength = 999,
        ExitAtInterfaceDown = true,
        UdpPort = 65535,
        QueueNumber = 7,
        UdpAddress = IPAddress.Parse("10.0.0.1"),
        TcpPort = 80,
        TcpAddress = IPAddress.IPv6Loopback,
        PacketLimit = 3,
        MaxPacketAge = 0,
        DetectReplays = false,
        AcceptHttp = true,
        AllowAnyUserAgent = true,
        TrustedProxies = AddressList.Any,
        TestMode = true,
        ExplainSource = IPAddress.Parse("192.0.2.7"),
        Verbosity = 2,
        Nat = NatSettings.Off with { Forwards = true, ResolvesNames = true, IsSupported = false },
        Stanzas = policy.Stanzas,
        Keyrings = new Dictionary<int, KeyringPlace> { [2] = new(41, 3), [7] = new(42, 0) },
        Seen = [Seen(1, "10.0.0.1"), Seen(2, "2001:db8::1")],
    };

    private static SeenPacket Seen(byte seed, string source) => new(
        new ReplayDigest([.. Enumerable.Repeat(seed, ReplayDigest.Size)]),
        new PacketOrigin(17, PackedAddress.From(IPAddress.Parse(source)), 1, PackedAddress.From(IPAddress.Parse(source)), 2),
        1_800_000_000 + seed);

    private static byte[] Bytes(ListenerSetup setup)
    {
        using MemoryStream stream = new();
        setup.Write(stream);
        return stream.ToArray();
    }

    private static readonly Dictionary<int, KeyringPlace> NoKeyrings = [];

    private static string Describe(ListenerSetup setup) =>
        $"{setup with { Stanzas = [], Seen = [], Keyrings = NoKeyrings }}\n{string.Join('\n', setup.Keyrings)}\n{string.Join('\n', setup.Stanzas.Select(Describe))}\n{string.Join('\n', setup.Seen)}"
            .Replace("System.Collections.Generic.List`1[Fwknop.Grants.SeenPacket]", "", StringComparison.Ordinal);

    private static string Describe(AccessStanza stanza) =>
        $"{stanza.Number} {stanza.File}:{stanza.Line} {stanza.Source.Text} to {stanza.Destination?.Text}; {stanza.OpenPorts}, not {stanza.RestrictPorts}; "
        + $"{Text(stanza.Keys.EncryptionKey)} {Text(stanza.Keys.HmacKey)} {stanza.Keys.HmacType} {stanza.Keys.Mode}; {stanza.FwAccessTimeout} {stanza.MaxFwTimeout} "
        + $"{stanza.RequireUsername} {stanza.RequireSourceAddress} {stanza.AccessExpire:O}; {stanza.Name} {stanza.Schedule} {stanza.Prefix} {stanza.AllowsNoPorts}; "
        + $"{string.Join('+', stanza.Nat.Targets)} {stanza.Nat.ForwardsAll} {stanza.Nat.AllowedTargets}; {Text(stanza.Totp)}; {Text(stanza.Gpg)}";

    private static string Text(TotpRules? totp)
    {
        byte[] secret = new byte[totp?.Secret.Length ?? 0];
        totp?.Secret.CopyTo(secret);
        return $"{Convert.ToHexString(secret)} {totp?.Digits} {totp?.Period}";
    }

    private static string Text(GpgRules? gpg) => gpg is null ? "" :
        $"{gpg.HomeDirectory} {gpg.Executable} {gpg.DecryptId} {gpg.Signatures} {string.Join('+', gpg.RemoteIds)} {string.Join('+', gpg.Fingerprints)}";

    private static string Text(SpaKey? key)
    {
        byte[] bytes = new byte[key?.Length ?? 0];
        key?.CopyTo(bytes);
        return Convert.ToHexString(bytes);
    }
}
