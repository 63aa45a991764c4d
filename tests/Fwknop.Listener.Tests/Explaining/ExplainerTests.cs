using System.Net;
using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Grants;
using Fwknop.Listener.Capture;
using Fwknop.Listener.Explaining;
using Fwknop.Protocol;
using static Fwknop.Listener.Tests.Arriving;

namespace Fwknop.Listener.Tests.Explaining;

/// <summary>What an administrator is told of a packet: every reason, in the order of server.md 6.</summary>
public sealed class ExplainerTests
{
    private const string Keys = "KEY k\nHMAC_KEY h\n";
    private const string Totp = $"SOURCE ANY\n{Keys}TOTP_SECRET GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n";
    private const string Unused = "\n    Not checked: whether the one-time password has been used";

    /// <summary>access.conf, message, what the stanzas say without user, time and message.</summary>
    public static TheoryData<string, string, string> Rows => new()
    {
        { $"SOURCE ANY\n{Keys}", "1.2.3.4,tcp/22", "  Stanza #1: grants\n    Opens: tcp/22 for 1.2.3.4 for 30 seconds\n  Result: granted by stanza #1" },
        { $"SOURCE ANY\nSTANZA_NAME office\n{Keys}", "0.0.0.0,tcp/22,udp/53", "  Stanza #1 office: grants\n    Opens: tcp/22,udp/53 for 10.0.0.1 for 30 seconds\n  Result: granted by stanza #1" },
        { $"SOURCE ANY\n{Keys}GRANT_PREFIX 24,64\nOPEN_PORTS tcp/20-30, udp/*\nALLOW_NO_PORTS Y\n", "1.2.3.4,none/0", "  Stanza #1: grants\n    Opens: tcp/20-30,udp/* for 1.2.3.0/24 for 30 seconds\n  Result: granted by stanza #1" },
        { $"SOURCE ANY\n{Keys}CMD_CYCLE_OPEN x\nCMD_CYCLE_CLOSE NONE\n", "1.2.3.4,tcp/22", "  Stanza #1: grants\n    Runs CMD_CYCLE_OPEN for: tcp/22 for 1.2.3.4\n  Result: granted by stanza #1" },
        { $"SOURCE 10.9.0.0/16\n{Keys}", "1.2.3.4,tcp/22", "  Stanza #1: refuses\n    Refused: SOURCE 10.9.0.0/16 does not have 10.0.0.1\n    Apart from that: Opens: tcp/22 for 1.2.3.4 for 30 seconds\n  Result: refused: no stanza grants it" },
        { $"SOURCE ANY\nDESTINATION 10.9.0.1\n{Keys}", "1.2.3.4,tcp/22", "  Stanza #1: refuses\n    Refused: DESTINATION 10.9.0.1 does not have 10.0.0.254\n    Apart from that: Opens: tcp/22 for 1.2.3.4 for 30 seconds\n  Result: refused: no stanza grants it" },
        { $"SOURCE ANY\n{Keys}ACCESS_EXPIRE_EPOCH 1799999999\n", "1.2.3.4,tcp/22", "  Stanza #1: refuses\n    Refused: the stanza has expired at 2027-01-15 07:59:59 UTC (ACCESS_EXPIRE)\n    Apart from that: Opens: tcp/22 for 1.2.3.4 for 30 seconds\n  Result: refused: no stanza grants it" },
        { "SOURCE 10.9.0.1\nKEY k\nHMAC_KEY other\n", "1.2.3.4,tcp/22", "  Stanza #1: does not open the packet\n    HMAC: wrong: another HMAC key or HMAC_DIGEST_TYPE, or the packet was changed\n    Besides: SOURCE 10.9.0.1 does not have 10.0.0.1\n  Result: refused: no stanza grants it" },
        { $"SOURCE ANY\n{Keys}HMAC_DIGEST_TYPE sha512\n", "1.2.3.4,tcp/22", "  Stanza #1: does not open the packet\n    HMAC: wrong: another HMAC key or HMAC_DIGEST_TYPE, or the packet was changed\n  Result: refused: no stanza grants it" },
        { "SOURCE ANY\nKEY other\nHMAC_KEY h\n", "1.2.3.4,tcp/22", "  Stanza #1: does not open the packet\n    HMAC: right; decryption fails: another encryption key or ENCRYPTION_MODE\n  Result: refused: no stanza grants it" },
        { "SOURCE ANY\nKEY k\n", "1.2.3.4,tcp/22", "  Stanza #1: does not open the packet\n    Packet: cannot be opened: *\n  Result: refused: no stanza grants it" },
        { $"SOURCE ANY\n{Keys}REQUIRE_SOURCE_ADDRESS Y\n", "0.0.0.0,tcp/22", "  Stanza #1: refuses\n    Refused: the packet does not name the address to allow (0.0.0.0), and REQUIRE_SOURCE_ADDRESS asks for it\n    Apart from that: Opens: tcp/22 for 10.0.0.1 for 30 seconds\n  Result: refused: no stanza grants it" },
        { $"SOURCE ANY\n{Keys}REQUIRE_USERNAME bob\nACCESS_HOURS Tue 01:00-01:01\nOPEN_PORTS tcp/80\n", "1.2.3.4,tcp/22", "  Stanza #1: refuses\n    Refused: the user is 'alice', REQUIRE_USERNAME asks for 'bob'\n    Refused: the stanza is not in force now (ACCESS_HOURS Tue 01:00-01:01)\n    Refused: a port is asked for that OPEN_PORTS tcp/80 does not have\n  Result: refused: no stanza grants it" },
        { $"SOURCE ANY\n{Keys}RESTRICT_PORTS tcp/22\n", "1.2.3.4,tcp/22", "  Stanza #1: refuses\n    Refused: a port is asked for that RESTRICT_PORTS tcp/22 has\n  Result: refused: no stanza grants it" },
        { $"SOURCE ANY\n{Keys}OPEN_PORTS tcp/20-30\nRESTRICT_PORTS tcp/22\n", "1.2.3.4,tcp/22", "  Stanza #1: refuses\n    Refused: a port is asked for that OPEN_PORTS tcp/20-30 does not have, or RESTRICT_PORTS tcp/22 has\n  Result: refused: no stanza grants it" },
        { $"SOURCE ANY\n{Keys}OPEN_PORTS tcp/20-30\n", "1.2.3.4,none/0", "  Stanza #1: refuses\n    Refused: no port is named, and ALLOW_NO_PORTS is not set\n  Result: refused: no stanza grants it" },
        { $"SOURCE ANY\n{Keys}", "!1.2.3.4,id -u", "  Stanza #1: refuses\n    Refused: a command is asked for, and ENABLE_CMD_EXEC is not set\n  Result: refused: no stanza grants it" },
        { $"SOURCE ANY\n{Keys}ENABLE_CMD_EXEC Y\n", "!1.2.3.4,id\u001b[2J\n  Result: granted", "  Stanza #1: grants\n    Runs: 'id?[2J?  Result: granted'\n  Result: granted by stanza #1" },
        { $"SOURCE ANY\n{Keys}ENABLE_CMD_EXEC Y\nCMD_CYCLE_OPEN x\nCMD_CYCLE_CLOSE NONE\n", "!1.2.3.4,id", "  Stanza #1: refuses\n    Refused: a command is asked for, and the stanza runs CMD_CYCLE_OPEN for ports only\n  Result: refused: no stanza grants it" },
        { $"SOURCE ANY\n{Keys}OPEN_PORTS tcp/80\nSOURCE ANY\n{Keys}SOURCE ANY\n{Keys}", "1.2.3.4,tcp/22", "  Stanza #1: refuses\n    Refused: a port is asked for that OPEN_PORTS tcp/80 does not have\n  Stanza #2: grants\n    Opens: tcp/22 for 1.2.3.4 for 30 seconds\n  Stanza #3: not asked, for stanza #2 grants\n  Result: granted by stanza #2" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Tells_every_reason(string access, string message, string expected)
    {
        bool isGranted = Explain(access, Seal(message), out string report);

        Assert.Matches($"^Packet 1\n  Replay: no, it is not recorded\n{Regex(expected)}\n$", WithoutFields(report));
        Assert.Equal(expected.Contains("granted by", StringComparison.Ordinal), isGranted);
    }

    /// <summary>The lines of the stanza, where to, whether names are looked up, and the last lines.</summary>
    [Theory]
    [InlineData("", "192.168.1.2,2222", true, "    Opens: tcp/22 (to 192.168.1.2:2222) for 1.2.3.4 for 30 seconds\n  Result: granted by stanza #1")]
    [InlineData("", "inner.example,2222", true, "    Opens: tcp/22 (to inner.example:2222) for 1.2.3.4 for 30 seconds\n  Result: granted by stanza #1")]
    [InlineData("FORCE_NAT 10.9.9.9 22", "192.168.1.2,2222", true, "    Opens: tcp/22 (to 10.9.9.9:22) for 1.2.3.4 for 30 seconds\n  Result: granted by stanza #1")]
    [InlineData("FORCE_NAT 2001:db8::9 22\nFORCE_NAT 10.9.9.9 22", "192.168.1.2,2222", true, "    Opens: tcp/22 (to 10.9.9.9:22) for 1.2.3.4 for 30 seconds\n  Result: granted by stanza #1")]
    [InlineData("FORCE_NAT 2001:db8::9 22", "192.168.1.2,2222", true, "    Refused: the host to forward to is no address of the family that is granted, or one that no other host can have\n  Result: refused: no stanza grants it")]
    [InlineData("FORWARD_ALL Y", "192.168.1.2,2222", true, "    Opens: */* (to 192.168.1.2:2222) for 1.2.3.4 for 30 seconds\n  Result: granted by stanza #1")]
    [InlineData("", "inner.example,2222", false, "    Refused: the host to forward to is named, and ENABLE_NAT_DNS is N\n  Result: refused: no stanza grants it")]
    [InlineData("", "-,2222", true, "    Refused: the host to forward to is no address of the family that is granted, or one that no other host can have\n  Result: refused: no stanza grants it")]
    [InlineData("", "2001:db8::1,22", true, "    Refused: the host to forward to is no address of the family that is granted, or one that no other host can have\n  Result: refused: no stanza grants it")]
    [InlineData("", "127.0.0.1,22", true, "    Refused: the host to forward to is no address of the family that is granted, or one that no other host can have\n  Result: refused: no stanza grants it")]
    [InlineData("NAT_TARGETS 192.168.1.0/24 tcp/22", "192.168.1.2,22", true, "    Opens: tcp/22 (to 192.168.1.2:22) for 1.2.3.4 for 30 seconds\n  Result: granted by stanza #1")]
    [InlineData("NAT_TARGETS 192.168.1.0/24 tcp/22", "inner.example,22", true, "    Opens: tcp/22 (to inner.example:22 if NAT_TARGETS 192.168.1.0/24 tcp/22 has its address) for 1.2.3.4 for 30 seconds\n  Result: granted by stanza #1")]
    [InlineData("NAT_TARGETS 192.168.1.0/24 tcp/22", "192.168.1.2,23", true, "    Refused: the host or port to forward to is one that NAT_TARGETS 192.168.1.0/24 tcp/22 does not have\n  Result: refused: no stanza grants it")]
    [InlineData("NAT_TARGETS 192.168.1.0/24 tcp/22\nFORWARD_ALL Y", "192.168.1.2,22", true, "    Refused: the host or port to forward to is one that NAT_TARGETS 192.168.1.0/24 tcp/22 does not have with all ports (FORWARD_ALL)\n  Result: refused: no stanza grants it")]
    [InlineData("FORCE_NAT 10.9.9.9 22 tcp/80", "192.168.1.2,22", true, "    Refused: what is to be forwarded is no single port, not to one, or one that no FORCE_NAT is for\n  Result: refused: no stanza grants it")]
    [InlineData("", "a_b,2222", true, "    Refused: the host to forward to has a name that no host can have\n  Result: refused: no stanza grants it")]
    public void Tells_where_a_port_leads(string lines, string target, bool resolves, string expected)
    {
        bool isGranted = Explain(
            $"SOURCE ANY\n{Keys}{lines}\n",
            Seal("1.2.3.4,tcp/22", nat: target),
            out string report,
            setup => setup with { Nat = NatSettings.Off with { Forwards = true, ResolvesNames = resolves } });

        Assert.EndsWith($"{expected}\n", report, StringComparison.Ordinal);
        Assert.Contains($"NAT: {target}\n", report, StringComparison.Ordinal);
        Assert.Equal(expected.Contains("granted by", StringComparison.Ordinal), isGranted);
    }

    [Fact]
    public void Tells_that_the_other_port_of_this_host_is_restricted()
    {
        bool isGranted = Explain(
            $"SOURCE ANY\n{Keys}RESTRICT_PORTS tcp/22\n",
            Seal("1.2.3.4,tcp/80", nat: "192.0.2.1,22", kind: MessageType.LocalNatAccess),
            out string report,
            setup => setup with { Nat = NatSettings.Off with { ForwardsLocally = true } });

        Assert.Contains("    Refused: the port of this host to forward to is one that RESTRICT_PORTS tcp/22 has\n", report, StringComparison.Ordinal);
        Assert.False(isGranted);
    }

    [Theory]
    [InlineData(0, "now", true)]
    [InlineData(-100, "100 seconds ago", true)]
    [InlineData(100, "100 seconds ahead", true)]
    [InlineData(-5000, "5000 seconds ago", false)]
    [InlineData(5000, "5000 seconds ahead", false)]
    public void Tells_the_age_and_goes_on(int age, string clock, bool isGranted)
    {
        Assert.Equal(isGranted, Explain($"SOURCE ANY\n{Keys}", Seal("1.2.3.4,tcp/22", age), out string report));
        Assert.Contains($"    Time: 2027-01-15 {(Now.AddSeconds(age)):HH:mm:ss} UTC, {clock}\n    Message: 1.2.3.4,tcp/22 (type 1)\n", report, StringComparison.Ordinal);
        string refusal = "    Refused: the client's time differs by 5000 seconds, MAX_SPA_PACKET_AGE allows 120: an old packet, or a wrong clock\n    Apart from that: Opens: tcp/22";
        Assert.Equal(!isGranted, report.Contains(refusal, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, 0, "    Refused: the packet carries no one-time password, and TOTP_SECRET asks for one\n    Apart from that: Opens: tcp/22 for 1.2.3.4 for 30 seconds" + Unused)]
    [InlineData("000000", 0, "    Refused: the one-time password (TOTP) is wrong\n    Apart from that: Opens: tcp/22 for 1.2.3.4 for 30 seconds" + Unused)]
    [InlineData("now", 0, "    Opens: tcp/22 for 1.2.3.4 for 30 seconds" + Unused)]
    [InlineData("then", -110, "    Refused: the one-time password (TOTP) was right when the packet was made, and is not any more\n    Apart from that: Opens: tcp/22 for 1.2.3.4 for 30 seconds" + Unused)]
    public void Judges_a_one_time_password_and_leaves_it_as_good_as_it_was(string? code, int age, string expected)
    {
        string? password = code is "now" or "then"
            ? OneTimePassword.Compute("12345678901234567890"u8, Now.AddSeconds(age).ToUnixTimeSeconds() / 30, 6)
            : code;
        byte[] packet = Seal("1.2.3.4,tcp/22", age, password);
        using AccessPolicy policy = Read(Totp);
        StringWriter output = new();
        Explainer explainer = new(Setup(policy), _ => { }, new Report(output));
        for (int i = 0; i < 3; i++)
        {
            explainer.Explain("Packet 1", Packet(packet), KnownOrigin.Both, Now);
        }

        string[] blocks = output.ToString().Split("Packet 1\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, blocks.Length);
        Assert.All(blocks, block => Assert.Contains(expected + "\n  Result", block, StringComparison.Ordinal));
        Assert.DoesNotContain(password ?? "no password", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Tells_a_replay_and_what_would_be_without()
    {
        byte[] packet = Seal("1.2.3.4,tcp/22");
        SeenPacket seen = new(
            ReplayDigest.Of(packet), new PacketOrigin(17, PackedAddress.From(IPAddress.Parse("10.0.0.9")), 1, default, 62201), Now.ToUnixTimeSeconds() - 60);
        bool isGranted = Explain($"SOURCE ANY\n{Keys}", packet, out string report, setup => setup with { Seen = [seen] });

        Assert.False(isGranted);
        Assert.Contains("  Replay: yes, first seen 2027-01-15 07:59:00 UTC from 10.0.0.9\n  Stanza #1: grants\n", report, StringComparison.Ordinal);
        Assert.EndsWith("  Result: refused: it is a replay; apart from that, stanza #1 grants it\n", report, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "    Not checked: SOURCE 10.9.0.0/16 (--explain-source tells where the packet comes from)\n    Not checked: DESTINATION 10.0.0.8\n  Result: granted", "the address that the packet comes from")]
    [InlineData(true, "    Refused: SOURCE 10.9.0.0/16 does not have 10.0.0.1\n    Apart from that: Opens: tcp/22 for 10.0.0.1 for 30 seconds\n    Not checked: DESTINATION 10.0.0.8\n  Result: refused", "10.0.0.1")]
    public void Does_not_guess_what_is_not_known(bool knowsSource, string expected, string address)
    {
        using AccessPolicy policy = Read($"SOURCE 10.9.0.0/16\nDESTINATION 10.0.0.8\n{Keys}");
        StringWriter output = new();
        new Explainer(Setup(policy), _ => { }, new Report(output)).Explain("Packet 1", Packet(Seal("0.0.0.0,tcp/22")), knowsSource ? KnownOrigin.Source : KnownOrigin.None, Now);

        Assert.Contains(expected, output.ToString(), StringComparison.Ordinal);
        Assert.Contains($"Opens: tcp/22 for {address} for 30 seconds\n", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "not a packet: 0 bytes, where packets have 140 to 1500")]
    [InlineData("A*139", "not a packet: 139 bytes, where packets have 140 to 1500")]
    [InlineData("A*1501", "not a packet: 1501 bytes, where packets have 140 to 1500")]
    [InlineData("U2FsdGVkX1A*190", "not a packet: it begins with what is cut off before packets are sent")]
    [InlineData("hQA*400", "not a packet: it begins with what is cut off before packets are sent")]
    [InlineData("!A*190", "not a packet: it has other characters than those of base64")]
    [InlineData("GET /A*190", "an HTTP request, and ENABLE_SPA_OVER_HTTP is not set")]
    public void Says_why_something_is_no_packet(string payload, string reason)
    {
        string[] parts = payload.Split("A*");
        byte[] bytes = Encoding.ASCII.GetBytes(parts[0] + (parts.Length > 1 ? new string('A', int.Parse(parts[1], null)) : ""));
        Assert.False(Explain($"SOURCE ANY\n{Keys}", bytes, out string report));
        Assert.Equal($"Packet 1\n  Result: refused: {reason}\n", report);
    }

    [Fact]
    public void Says_when_a_text_is_taken_for_OpenPGP()
    {
        Assert.False(Explain($"SOURCE ANY\n{Keys}", Encoding.ASCII.GetBytes(new string('A', 500)), out string report));
        Assert.Contains("    Encryption: a text of 400 characters and more is taken for OpenPGP, which the stanza does not take\n", report, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_the_proxy_s_address_only_where_it_counts()
    {
        using AccessPolicy policy = Read($"SOURCE ANY\n{Keys}");
        Assert.True(AddressList.TryParse("10.0.0.1", out AddressList? proxies, out _));
        ListenerSetup setup = Setup(policy) with { AcceptHttp = true, TrustedProxies = proxies };
        string path = Encoding.ASCII.GetString(Seal("0.0.0.0,tcp/22")).Replace('+', '-').Replace('/', '_');
        byte[] request = Encoding.ASCII.GetBytes($"GET /{path} HTTP/1.0\r\nUser-Agent: Fwknop/1\r\nX-Forwarded-For: 10.2.2.2\r\n\r\n");
        foreach (IpProtocol protocol in (IpProtocol[])[IpProtocol.Tcp, IpProtocol.Udp])
        {
            StringWriter output = new();
            Datagram datagram = Packet(request) with { Protocol = protocol };
            Assert.True(new Explainer(setup, _ => { }, new Report(output)).Explain("Packet 1", datagram, KnownOrigin.Both, Now));
            string who = protocol == IpProtocol.Tcp ? "10.2.2.2" : "10.0.0.1";
            Assert.Contains($"Opens: tcp/22 for {who} for", output.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("10.0.0.1", "10.2.2.2")]
    [InlineData("10.0.0.9", "10.0.0.9")]
    public void Finds_the_client_behind_a_proxy_where_there_is_only_the_text(string source, string who)
    {
        using AccessPolicy policy = Read($"SOURCE ANY\n{Keys}");
        Assert.True(AddressList.TryParse("10.0.0.1", out AddressList? proxies, out _));
        ListenerSetup setup = Setup(policy) with { AcceptHttp = true, TrustedProxies = proxies };
        string path = Encoding.ASCII.GetString(Seal("0.0.0.0,tcp/22")).Replace('+', '-').Replace('/', '_');
        byte[] request = Encoding.ASCII.GetBytes($"GET /{path} HTTP/1.0\r\nUser-Agent: Fwknop/1\r\nX-Forwarded-For: 10.2.2.2\r\n\r\n");
        StringWriter output = new();
        Datagram datagram = Explainer.DatagramOf(request, IPAddress.Parse(source));
        Assert.True(new Explainer(setup, _ => { }, new Report(output)).Explain("Packet 1", datagram, KnownOrigin.Source, Now));
        Assert.Contains($"Opens: tcp/22 for {who} for", output.ToString(), StringComparison.Ordinal);
    }

    /// <summary>As the listener does: the proxy's own address is everybody's behind it.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("X-Forwarded-For: 10.0.0.1\r\n")]
    [InlineData("X-Forwarded-For: nobody\r\n")]
    [InlineData("X-Forwarded-For: 192.0.2.9\r\n")]
    public void Refuses_where_a_proxy_names_nobody_who_counts(string header)
    {
        using AccessPolicy policy = Read($"SOURCE 10.0.0.0/8\n{Keys}");
        Assert.True(AddressList.TryParse("10.0.0.1", out AddressList? proxies, out _));
        ListenerSetup setup = Setup(policy) with { AcceptHttp = true, TrustedProxies = proxies };
        string path = Encoding.ASCII.GetString(Seal("0.0.0.0,tcp/22")).Replace('+', '-').Replace('/', '_');
        Datagram datagram = Packet(Encoding.ASCII.GetBytes($"GET /{path} HTTP/1.0\r\nUser-Agent: Fwknop/1\r\n{header}\r\n")) with { Protocol = IpProtocol.Tcp };
        StringWriter output = new();
        Assert.False(new Explainer(setup, _ => { }, new Report(output)).Explain("Packet 1", datagram, KnownOrigin.Both, Now));
        Assert.Contains("    Refused: the packet leaves the address open (0.0.0.0), and the X-Forwarded-For ", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Shows_no_key()
    {
        string access = "SOURCE ANY\nKEY zAzQzWzSzXzEzDzC\nHMAC_KEY qPqLqOqKqMqIqJqN\n";
        using PacketKeys keys = new(EncryptionKey.FromBytes("zAzQzWzSzXzEzDzC"u8), HmacKey.FromBytes("qPqLqOqKqMqIqJqN"u8));
        byte[] packet = SpaPacket.Seal(SpaMessage.Access("alice", Now, null, PortSpec.Tcp(22)), keys).Bytes.ToArray();
        Assert.True(Explain(access, packet, out string report));
        Assert.DoesNotMatch("zAzQ|qPqL", report);
    }

    private static string Regex(string expected) => System.Text.RegularExpressions.Regex.Escape(expected).Replace("\\*", ".*", StringComparison.Ordinal);

    private static string WithoutFields(string report) =>
        string.Concat(report.Split('\n').Where(line => !line.StartsWith("    User: ", StringComparison.Ordinal)
            && !line.StartsWith("    Time: ", StringComparison.Ordinal) && !line.StartsWith("    Message: ", StringComparison.Ordinal)).Select(line => line + "\n"))[..^1];

    private static bool Explain(string access, byte[] payload, out string report, Func<ListenerSetup, ListenerSetup>? change = null)
    {
        using AccessPolicy policy = Read(access);
        StringWriter output = new();
        ListenerSetup setup = Setup(policy);
        bool isGranted = new Explainer(change is null ? setup : change(setup), _ => { }, new Report(output)).Explain("Packet 1", Packet(payload), KnownOrigin.Both, Now);
        report = output.ToString();
        return isGranted;
    }

    /// <summary>A message that begins with <c>!</c> is a command.</summary>
    private static byte[] Seal(string message, int age = 0, string? code = null, string? nat = null, MessageType kind = MessageType.NatAccess)
    {
        using PacketKeys keys = new(EncryptionKey.FromBytes("k"u8), HmacKey.FromBytes("h"u8));
        SpaMessage fields = new()
        {
            Username = "alice",
            Timestamp = Now.ToUnixTimeSeconds() + age,
            Type = message[0] == '!' ? MessageType.Command : nat is null ? MessageType.Access : kind,
            Message = message.TrimStart('!'),
            NatAccess = nat is null ? default(FieldText?) : nat,
            ServerAuth = code is not null && OneTimePassword.TryMakeField(code, out FieldText field) ? field : default(FieldText?),
        };
        return SpaPacket.Seal(fields, keys).Bytes.ToArray();
    }

    private static ListenerSetup Setup(AccessPolicy policy) => new()
    {
        Capture = CaptureMode.Explain,
        MaxPacketAge = 120,
        Stanzas = policy.Stanzas,
    };
}
