using System.Net;
using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Granting;
using Fwknop.Grants;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Tests.Granting;

/// <summary>What a listener that has been taken over may try.</summary>
public sealed class GrantReceiverTests
{
    private const string Access = """
        SOURCE 10.0.0.0/24
        OPEN_PORTS tcp/22, tcp/80
        RESTRICT_PORTS tcp/25
        REQUIRE_USERNAME alice
        MAX_FW_TIMEOUT 60
        KEY k
        HMAC_KEY h
        SOURCE 10.0.0.0/24
        DESTINATION 10.0.0.9
        ACCESS_EXPIRE_EPOCH 1700000000
        KEY k2
        HMAC_KEY h2
        SOURCE 10.0.0.0/24
        OPEN_PORTS tcp/22, tcp/8000-8010
        RESTRICT_PORTS tcp/8005
        ALLOW_NO_PORTS Y
        GRANT_PREFIX 24
        KEY k3
        HMAC_KEY h3
        """;

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    public static TheoryData<string, GrantRequest, bool, bool> Rows() => new()
    {
        { "as allowed", Packets.Request(1), true, true },
        { "both ports", Packets.Request(1) with { Ports = [PortSpec.Tcp(22), PortSpec.Tcp(80)] }, true, true },
        { "the stanza has just expired", Packets.Request(1) with { StanzaNumber = 2 }, true, false },
        { "stanza 0", Packets.Request(1) with { StanzaNumber = 0 }, false, false },
        { "stanza behind the last", Packets.Request(1) with { StanzaNumber = 4 }, false, false },
        { "no port, where that is allowed", Packets.Request(1) with { StanzaNumber = 3, Ports = [] }, true, true },
        { "a restricted port, where none is allowed", Packets.Request(1, port: 8005) with { StanzaNumber = 3 }, false, false },
        { "negative stanza", Packets.Request(1) with { StanzaNumber = -1 }, false, false },
        { "other port", Packets.Request(1, port: 23), false, false },
        { "restricted port", Packets.Request(1, port: 25), false, false },
        { "other protocol", Packets.Request(1) with { Ports = [PortSpec.Udp(22)] }, false, false },
        { "one port too many", Packets.Request(1) with { Ports = [PortSpec.Tcp(22), PortSpec.Tcp(443)] }, false, false },
        { "no port", Packets.Request(1) with { Ports = [] }, false, false },
        { "other user", Packets.Request(1) with { Username = "mallory" }, false, false },
        { "no user", Packets.Request(1) with { Username = "" }, false, false },
        { "source beside the list", Packets.Request(1) with { Packet = Packets.Seen(1, "10.0.1.1") }, false, false },
        { "IPv6 source", Packets.Request(1) with { Packet = Packets.Seen(1, "2001:db8::1", "2001:db8::2") }, false, false },
        { "destination beside the list", Packets.Request(1) with { StanzaNumber = 2, Packet = Packets.Seen(1, destination: "10.0.0.8") }, false, false },
        { "everybody", Packets.Request(1, "0.0.0.0"), false, false },
        { "everybody, IPv6", Packets.Request(1, "::"), false, false },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Believes_only_what_access_conf_allows(string what, GrantRequest request, bool isReceived, bool isGranted)
    {
        using AccessPolicy policy = Policy();
        bool received = new GrantReceiver(policy, NatSettings.Off).TryReceive(request, Now, out Grant? grant);
        Assert.True(isReceived == received, what);
        Assert.Equal(isGranted, grant is not null);
    }

    /// <summary>The lines of the stanza, what is asked for, and whether a working listener may.</summary>
    [Theory]
    [InlineData("NAT_TARGETS 192.168.1.0/24 tcp/22", NatKind.Forward, "192.168.1.2,22", true)]
    [InlineData("NAT_TARGETS 192.168.1.0/24 tcp/22", NatKind.Forward, "192.168.1.2,23", false)]
    [InlineData("NAT_TARGETS 192.168.1.0/24 tcp/22", NatKind.Forward, "192.168.2.2,22", false)]
    [InlineData("", NatKind.Forward, "169.254.169.254,80", false)]
    [InlineData("", NatKind.Forward, "127.0.0.1,6379", false)]
    [InlineData("RESTRICT_PORTS tcp/22", NatKind.Local, "127.0.0.1,22", false)]
    [InlineData("RESTRICT_PORTS tcp/22", NatKind.Local, "192.0.2.1,22", false)]
    [InlineData("RESTRICT_PORTS tcp/22", NatKind.Local, "192.0.2.1,23", true)]
    [InlineData("FORCE_NAT 192.168.1.2 22 tcp/81", NatKind.Forward, "192.168.1.2,22", false)]
    public void Forwards_no_further_than_access_conf_allows(string lines, NatKind kind, string target, bool isReceived)
    {
        using AccessPolicy policy = AccessFile.Parse(
            Encoding.UTF8.GetBytes($"SOURCE ANY\nKEY k\nHMAC_KEY h\n{lines}\n"), "access.conf", TimeZoneInfo.Utc).Value!;
        GrantRequest request = Packets.Request(1, port: 80) with { Nat = new NatRequest(kind, target) };

        Assert.Equal(isReceived, new GrantReceiver(policy, NatSettings.All).TryReceive(request, Now, out Grant? grant));
        Assert.Equal(isReceived, grant is not null);
    }

    [Fact]
    public void Caps_the_time_itself()
    {
        using AccessPolicy policy = Policy();
        new GrantReceiver(policy, NatSettings.Off).TryReceive(Packets.Request(1) with { ClientTimeout = 65536 }, Now, out Grant? grant);
        Assert.Equal(TimeSpan.FromSeconds(60), grant!.Duration);
        Assert.Equal(IPAddress.Parse("192.0.2.7"), grant.Allow);
    }

    [Fact]
    public void Decides_network_and_ports_itself()
    {
        using AccessPolicy policy = Policy();
        new GrantReceiver(policy, NatSettings.Off).TryReceive(Packets.Request(1) with { StanzaNumber = 3, Ports = [] }, Now, out Grant? grant);
        Assert.Equal("tcp/22 tcp/8000-8004 tcp/8006-8010", string.Join(' ', grant!.Ports));
        Assert.Equal("192.0.2.0/24", grant.Network.ToString());
        Assert.Equal("192.0.2.7", grant.Allow.ToString());
    }

    [Theory]
    [InlineData("ENABLE_CMD_EXEC Y\n", 1, "alice", true, true)]
    [InlineData("", 1, "alice", false, false)]
    [InlineData("ENABLE_CMD_EXEC N\n", 1, "alice", false, false)]
    [InlineData("ENABLE_CMD_EXEC Y\n", 2, "alice", false, false)]
    [InlineData("ENABLE_CMD_EXEC Y\n", 0, "alice", false, false)]
    [InlineData("ENABLE_CMD_EXEC Y\nREQUIRE_USERNAME bob\n", 1, "alice", false, false)]
    [InlineData("ENABLE_CMD_EXEC Y\nDESTINATION 10.0.0.8\n", 1, "alice", false, false)]
    [InlineData("ENABLE_CMD_EXEC Y\nACCESS_EXPIRE_EPOCH 1700000000\n", 1, "alice", true, false)]
    [InlineData("ENABLE_CMD_EXEC Y\nCMD_CYCLE_OPEN true\nCMD_CYCLE_CLOSE NONE\n", 1, "alice", false, false)]
    public void Runs_commands_only_where_access_conf_allows_them(string lines, int number, string user, bool isReceived, bool isRun)
    {
        using AccessPolicy policy = AccessFile.Parse(
            Encoding.UTF8.GetBytes($"SOURCE 10.0.0.0/24\nKEY k\nHMAC_KEY h\n{lines}"), "access.conf", TimeZoneInfo.Utc).Value!;
        CommandRequest request = new(number, Packets.Seen(1), user, "id");
        Assert.Equal(isReceived, new GrantReceiver(policy, NatSettings.Off).TryReceive(request, Now, out AccessStanza? stanza));
        Assert.Equal(isRun, stanza is not null);
    }

    [Fact]
    public void Needs_no_keys()
    {
        AccessPolicy policy = Policy();
        policy.Dispose();
        Assert.True(new GrantReceiver(policy, NatSettings.Off).TryReceive(Packets.Request(1), Now, out Grant? grant));
        Assert.NotNull(grant);
    }

    private static AccessPolicy Policy() =>
        AccessFile.Parse(Encoding.UTF8.GetBytes(Access), "access.conf", TimeZoneInfo.Utc).Value
        ?? throw new InvalidOperationException("The example is not valid.");
}
