using System.Net;
using System.Text;

using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>What a client asks for and what the daemon grants or refuses, each implementation with the other.</summary>
public abstract class AccessTests(AccessPair pair)
{
    private const int Service = 22;

    /// <summary>What is wrong, the stanza, the request, more client arguments, and what the daemon says (R10 or R11 text).</summary>
    public static TheoryData<string, string, string, string[], string> Refusals() => new()
    {
        { "another encryption key", AccessPair.Main, "tcp/1001", ["--key-base64-rijndael", AccessPair.Stranger.Key], BadDecryption },
        { "another HMAC key", AccessPair.Main, "tcp/1002", ["--key-base64-hmac", AccessPair.Stranger.HmacKey!], BadHmac },
        { "another HMAC type", AccessPair.Main, "tcp/1003", ["--hmac-digest-type", "sha512"], BadHmac },
        { "another mode", AccessPair.Main, "tcp/1004", ["-M", "CFB"], BadDecryption },
        { "a port that is not in OPEN_PORTS", AccessPair.OpenPorts, "tcp/1005", [], "One or more requested protocol/ports was denied" },
        { "one port too many", AccessPair.OpenPorts, "tcp/2000,tcp/1006", [], "One or more requested protocol/ports was denied" },
        { "the number with another protocol", AccessPair.OpenPorts, "udp/2000", [], "One or more requested protocol/ports was denied" },
        { "a port in RESTRICT_PORTS", AccessPair.RestrictPorts, "tcp/2001", [], "One or more requested protocol/ports was denied" },
        { "0.0.0.0 where an address is required", AccessPair.Main, "tcp/1007", ["-a", "0.0.0.0"], "Got 0.0.0.0 when valid source IP was required" },
        { "another user", AccessPair.Username, "tcp/1008", [], @"Username in SPA data \(tester\) does not match required username: somebody" },
    };

    private const string BadDecryption =
        "Error creating fko context: (Decryption failed or decrypted data is invalid|Unexpected or invalid size|The computed digest did not match)";

    private const string BadHmac = "COMPAREFAIL|Non-corresponding HMAC for this stanza";

    [InteropTheory]
    [MemberData(nameof(Refusals))]
    public void Is_refused(string what, string stanza, string request, string[] arguments, string answer)
    {
        Assert.NotEmpty(what);

        pair.Daemon.LogAfter(answer, () => pair.Client.Knock([.. Knock(stanza, request), .. arguments]));

        AssertNothingGranted(request);
    }

    [InteropFact]
    public void A_packet_without_hmac_is_refused_where_one_is_required()
    {
        pair.Daemon.LogAfter($"{BadHmac}|Error creating fko context", () => pair.Client.Knock(
            [.. pair.Request("tcp/1010"), "--key-base64-rijndael", AccessPair.KeysOf[AccessPair.Main].Key]));

        AssertNothingGranted("tcp/1010");
    }

    [InteropFact]
    public void A_stanza_that_has_expired_grants_nothing()
    {
        pair.Client.Knock(Knock(AccessPair.Expired, "tcp/1009"));

        AssertNothingGranted("tcp/1009");
        // Said once, by the first packet that comes to the stanza (server.md 6, step 9).
        Assert.Equal(1, pair.Daemon.Process.CountLines(@"\(stanza #5\) Access stanza has expired"));
    }

    [InteropFact]
    public void A_port_opens_for_its_time_and_for_nobody_else()
    {
        using TcpService service = TcpService.Start(pair.Network.Server, Service);
        Assert.Equal(ProbeResult.NoAnswer, ConnectProbe.Try(pair.Network.Client, pair.Network.ServerAddress, Service));

        string line = pair.Daemon.GrantAfter("tcp/22", () => pair.Client.Knock([.. Knock(AccessPair.Main, "tcp/22"), "-f", "6"]));

        long expiry = SpaDaemon.ExpiryIn(line);
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(pair.Network.Client, pair.Network.ServerAddress, Service));
        Assert.Equal(ProbeResult.NoAnswer, ConnectProbe.Try(pair.Network.OtherClient, pair.Network.ServerAddress, Service));

        // The line may be about another rule of the same second.
        pair.Daemon.WaitForLog($"with expire time of {expiry}");
        Assert.Equal(
            ProbeResult.NoAnswer,
            ConnectProbe.WaitFor(ProbeResult.NoAnswer, pair.Network.Client, pair.Network.ServerAddress, Service, TimeSpan.FromSeconds(10)));
        Assert.True(DateTimeOffset.UtcNow.ToUnixTimeSeconds() >= expiry, "closed before its time");
    }

    [InteropTheory]
    [InlineData("the stanza's time", AccessPair.OtherTimes, null, 20)]
    [InlineData("the client's time", AccessPair.OtherTimes, "7", 7)]
    [InlineData("the most a client may ask for", AccessPair.OtherTimes, "3000", 40)]
    [InlineData("nothing said by either", AccessPair.NoTimes, null, 30)]
    public void A_grant_lasts(string what, string stanza, string? asked, int seconds)
    {
        Assert.NotEmpty(what);
        string request = $"tcp/{3000 + seconds}";
        long before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

        string line = pair.Daemon.GrantAfter(request, () => pair.Client.Knock(
            [.. Knock(stanza, request), .. asked is null ? (IReadOnlyList<string>)[] : ["-f", asked]]));

        long after = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Assert.InRange(SpaDaemon.ExpiryIn(line), before + seconds, after + seconds);
    }

    [InteropFact]
    public void Several_ports_are_opened_together()
    {
        const string Request = "tcp/4001,udp/4002,tcp/4003";
        int before = pair.Daemon.Process.CountLines($"Added .* {Request}, ");

        pair.Client.Knock(Knock(AccessPair.Main, Request));

        // One line per port, each with the whole request (server.md 9.2.3).
        for (int port = 0; port < 3; port++)
        {
            pair.Daemon.WaitForLog($"Added .* {Request}, ", after: before + port);
        }

        string rules = pair.Network.Server.RunChecked("iptables-save").Output;
        Assert.Contains("-p tcp -m tcp --dport 4001", rules, StringComparison.Ordinal);
        Assert.Contains("-p udp -m udp --dport 4002", rules, StringComparison.Ordinal);
        Assert.Contains("-p tcp -m tcp --dport 4003", rules, StringComparison.Ordinal);
    }

    [InteropFact]
    public void The_source_of_the_packet_is_taken_where_the_client_leaves_it_open()
    {
        string line = pair.Daemon.GrantAfter("tcp/1020", () => pair.Client.Knock(
            ["-D", $"{pair.Network.ServerAddress}", "-s", "-A", "tcp/1020", .. AccessPair.KeysOf[AccessPair.NoTimes].ClientArguments]));

        Assert.Contains($"for {pair.Network.ClientAddress} -> ", line, StringComparison.Ordinal);
    }

    [InteropFact]
    public void Another_address_may_be_asked_for()
    {
        string line = pair.Daemon.GrantAfter("tcp/1021", () => pair.Client.Knock(
            [.. Knock(AccessPair.Main, "tcp/1021"), "-a", $"{pair.Network.OtherClientAddress}"]));

        Assert.Contains($"for {pair.Network.OtherClientAddress} -> ", line, StringComparison.Ordinal);
    }

    [InteropFact]
    public void A_replayed_packet_is_refused()
    {
        using var folder = new TemporaryFolder();
        string file = folder.FilePath("packet");
        pair.Daemon.GrantAfter("tcp/1022", () => pair.Client.Knock([.. Knock(AccessPair.Main, "tcp/1022"), "-B", file]));
        string packet = File.ReadAllText(file).TrimEnd('\n');

        string line = pair.Daemon.LogAfter(
            "Replay detected from source IP", () => UdpSender.Send(pair.Network.Client, pair.Network.ServerAddress, packet));

        Assert.StartsWith(
            $"Replay detected from source IP: {pair.Network.ClientAddress}, Destination proto/port: 17/62201, "
            + $"Original source IP: {pair.Network.ClientAddress}, Original dst proto/port: 17/62201, Entry created: ",
            line,
            StringComparison.Ordinal);
        Assert.Equal(1, pair.Daemon.Process.CountLines("Added .* tcp/1022, "));
    }

    [InteropTheory]
    [InlineData("a packet from the past", -125, 1030)]
    [InlineData("a packet from the future", 125, 1031)]
    public void A_stale_packet_is_refused(string what, int seconds, int port)
    {
        Assert.NotEmpty(what);
        string packet = Seal(DateTimeOffset.UtcNow.AddSeconds(seconds), port);

        pair.Daemon.LogAfter(
            "SPA data time difference is too great",
            () => UdpSender.Send(pair.Network.Client, pair.Network.ServerAddress, packet));

        AssertNothingGranted($"tcp/{port}");
    }

    [InteropTheory]
    [InlineData("a packet from just before", -100, 1032)]
    [InlineData("a packet from just after", 100, 1033)]
    public void A_packet_of_a_clock_that_is_a_little_wrong_is_granted(string what, int seconds, int port)
    {
        Assert.NotEmpty(what);
        string packet = Seal(DateTimeOffset.UtcNow.AddSeconds(seconds), port);

        pair.Daemon.GrantAfter($"tcp/{port}", () => UdpSender.Send(pair.Network.Client, pair.Network.ServerAddress, packet));
    }

    private static string Seal(DateTimeOffset time, int port)
    {
        SharedKeys shared = AccessPair.KeysOf[AccessPair.Main];
        using PacketKeys keys = new(
            EncryptionKey.FromBase64(Encoding.ASCII.GetBytes(shared.Key)), HmacKey.FromBase64(Encoding.ASCII.GetBytes(shared.HmacKey!)));
        var message = SpaMessage.Access("tester", time, IPAddress.Parse("10.77.0.2"), PortSpec.Tcp(port));
        return SpaPacket.Seal(message, keys, DigestType.Sha256).ToString();
    }

    private IReadOnlyList<string> Knock(string stanza, string request) => [.. pair.Request(request), .. AccessPair.KeysOf[stanza].ClientArguments];

    /// <summary>Packets are worked off in order: once a later knock has been granted, an earlier one would have been.</summary>
    private void AssertNothingGranted(string request)
    {
        string marker = $"tcp/{50000 + int.Parse(request.Split('/')[^1], provider: null)}";
        pair.Daemon.GrantAfter(marker, () => pair.Client.Knock(Knock(AccessPair.Main, marker)));
        Assert.Equal(0, pair.Daemon.Process.CountLines($"Added .* {request}, "));
        Assert.DoesNotContain(
            $"--dport {request.Split('/')[^1]} ", pair.Network.Server.RunChecked("iptables-save").Output, StringComparison.Ordinal);
    }
}
