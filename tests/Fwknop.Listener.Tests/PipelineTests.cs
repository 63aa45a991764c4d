using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Listener.Capture;
using Fwknop.Protocol;
using static Fwknop.Listener.Tests.Arriving;

namespace Fwknop.Listener.Tests;

/// <summary>Each check of server.md 6: which outcome, and whether the next stanza is asked.</summary>
public sealed class PipelineTests
{
    private const string Keys = "KEY k\nHMAC_KEY h\n";

    /// <summary>name, access.conf, message, packet source, outcomes by stanza.</summary>
    public static TheoryData<string, string, string, string, string> Rows => new()
    {
        { "granted", $"SOURCE ANY\n{Keys}", "1.2.3.4,tcp/22", "10.0.0.1", "Granted" },
        { "IPv6 granted", $"SOURCE 2001:db8::/32\n{Keys}", "2001:db8::7,tcp/22", "2001:db8::1", "Granted" },
        { "no stanza for the source", $"SOURCE 10.0.0.0/24\n{Keys}", "1.2.3.4,tcp/22", "10.0.1.1", "NoAccessData" },
        { "IPv4 list, IPv6 packet", $"SOURCE 10.0.0.0/24\n{Keys}", "1.2.3.4,tcp/22", "2001:db8::1", "NoAccessData" },
        { "destination filtered", $"SOURCE ANY\nDESTINATION 10.9.9.0/24\n{Keys}", "1.2.3.4,tcp/22", "10.0.0.1", "Filtered" },
        { "destination matches", $"SOURCE ANY\nDESTINATION 10.0.0.254\n{Keys}", "1.2.3.4,tcp/22", "10.0.0.1", "Granted" },
        { "expired", $"SOURCE ANY\n{Keys}ACCESS_EXPIRE_EPOCH 1799999999\n", "1.2.3.4,tcp/22", "10.0.0.1", "StanzaExpired" },
        { "expires now", $"SOURCE ANY\n{Keys}ACCESS_EXPIRE_EPOCH 1800000000\n", "1.2.3.4,tcp/22", "10.0.0.1", "Granted" },
        { "other HMAC key", "SOURCE ANY\nKEY k\nHMAC_KEY other\n", "1.2.3.4,tcp/22", "10.0.0.1", "NotAuthentic" },
        { "other key", "SOURCE ANY\nKEY other\nHMAC_KEY h\n", "1.2.3.4,tcp/22", "10.0.0.1", "NotAuthentic" },
        { "source left open", $"SOURCE ANY\n{Keys}", "0.0.0.0,tcp/22", "10.0.0.1", "Granted" },
        { "source required", $"SOURCE ANY\n{Keys}REQUIRE_SOURCE_ADDRESS Y\n", "0.0.0.0,tcp/22", "10.0.0.1", "SourceRequired" },
        { "user name", $"SOURCE ANY\n{Keys}REQUIRE_USERNAME bob\n", "1.2.3.4,tcp/22", "10.0.0.1", "WrongUsername" },
        { "user name in other case", $"SOURCE ANY\n{Keys}REQUIRE_USERNAME Alice\n", "1.2.3.4,tcp/22", "10.0.0.1", "WrongUsername" },
        { "the user name", $"SOURCE ANY\n{Keys}REQUIRE_USERNAME alice\n", "1.2.3.4,tcp/22", "10.0.0.1", "Granted" },
        { "port not open", $"SOURCE ANY\n{Keys}OPEN_PORTS tcp/80\n", "1.2.3.4,tcp/22", "10.0.0.1", "PortDenied" },
        { "one port of two", $"SOURCE ANY\n{Keys}OPEN_PORTS tcp/22\n", "1.2.3.4,tcp/22,tcp/23", "10.0.0.1", "PortDenied" },
        { "an entry that stands twice opens no other", $"SOURCE ANY\n{Keys}OPEN_PORTS tcp/22,tcp/22\n", "1.2.3.4,tcp/22,tcp/9999", "10.0.0.1", "PortDenied" },
        { "other protocol", $"SOURCE ANY\n{Keys}OPEN_PORTS udp/22\n", "1.2.3.4,tcp/22", "10.0.0.1", "PortDenied" },
        { "restricted", $"SOURCE ANY\n{Keys}RESTRICT_PORTS tcp/22\n", "1.2.3.4,tcp/22", "10.0.0.1", "PortDenied" },
        { "restricted beats open", $"SOURCE ANY\n{Keys}OPEN_PORTS tcp/22\nRESTRICT_PORTS tcp/22\n", "1.2.3.4,tcp/22", "10.0.0.1", "PortDenied" },
        { "the server decides", $"SOURCE ANY\n{Keys}OPEN_PORTS tcp/22, tcp/8000-8010\nALLOW_NO_PORTS Y\n", "1.2.3.4,none/0", "10.0.0.1", "Granted" },
        { "the server does not decide", $"SOURCE ANY\n{Keys}OPEN_PORTS tcp/22\n", "1.2.3.4,none/0", "10.0.0.1", "PortDenied" },
        { "no list to decide by", $"SOURCE ANY\n{Keys}", "1.2.3.4,none/0", "10.0.0.1", "PortDenied" },
        { "the server decides for a command", $"SOURCE ANY\n{Keys}OPEN_PORTS tcp/22\nALLOW_NO_PORTS Y\nCMD_CYCLE_OPEN x $PORT\nCMD_CYCLE_CLOSE NONE\n", "1.2.3.4,none/0", "10.0.0.1", "Granted" },
        { "the second stanza grants", $"SOURCE ANY\nKEY x\nHMAC_KEY y\nSOURCE ANY\n{Keys}", "1.2.3.4,tcp/22", "10.0.0.1", "NotAuthentic Granted" },
        { "denied by one, granted by the next", $"SOURCE ANY\n{Keys}OPEN_PORTS tcp/80\nSOURCE ANY\n{Keys}", "1.2.3.4,tcp/22", "10.0.0.1", "PortDenied Granted" },
        { "granted by the first, the next is not asked", $"SOURCE ANY\n{Keys}SOURCE ANY\n{Keys}", "1.2.3.4,tcp/22", "10.0.0.1", "Granted" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Finds(string name, string access, string message, string source, string expected)
    {
        using AccessPolicy policy = Read(access);
        Verdict verdict = new();
        new Pipeline(Setup(policy)).Process(Packet(Seal(message), source), Now, verdict);

        string found = verdict.Outcome != Outcome.None ? verdict.Outcome.ToString() : string.Join(' ', verdict.Stanzas.Select(stanza => stanza.Outcome));
        Assert.True(expected == found, $"{name}: {found}");
        Assert.Equal(expected.EndsWith("Granted", StringComparison.Ordinal), verdict.Request is not null);
    }

    [Theory]
    [InlineData("", "CommandDisabled")]
    [InlineData("ENABLE_CMD_EXEC Y\n", "Commanded")]
    [InlineData("ENABLE_CMD_EXEC Y\nOPEN_PORTS tcp/22\n", "Commanded")]
    [InlineData("ENABLE_CMD_EXEC Y\nREQUIRE_USERNAME bob\n", "WrongUsername")]
    [InlineData("ENABLE_CMD_EXEC Y\nCMD_CYCLE_OPEN true\nCMD_CYCLE_CLOSE NONE\n", "CycleWithoutPort")]
    public void Asks_for_commands_only_where_the_stanza_allows_them(string lines, string expected)
    {
        using AccessPolicy policy = Read($"SOURCE ANY\n{Keys}{lines}");
        Verdict verdict = new();
        new Pipeline(Setup(policy)).Process(Packet(Seal("1.2.3.4,id -u", MessageType.Command), "10.0.0.1"), Now, verdict);
        Assert.Equal(expected, Assert.Single(verdict.Stanzas).Outcome.ToString());
        Assert.Equal(expected == "Commanded" ? "id -u" : null, (verdict.Request as CommandRequest)?.Command.ToString());
        Assert.NotNull(verdict.Spent);
    }

    [Fact]
    public void Runs_no_command_in_test_mode()
    {
        using AccessPolicy policy = Read($"SOURCE ANY\n{Keys}ENABLE_CMD_EXEC Y\n");
        Verdict verdict = new();
        new Pipeline(Setup(policy) with { TestMode = true }).Process(Packet(Seal("1.2.3.4,id", MessageType.Command), "10.0.0.1"), Now, verdict);
        Assert.Equal(Outcome.CommandInTestMode, Assert.Single(verdict.Stanzas).Outcome);
        Assert.Null(verdict.Request);
    }

    [Theory]
    [InlineData("CMD_CYCLE_OPEN true\nCMD_CYCLE_CLOSE NONE\nOPEN_PORTS tcp/22\n", "1.2.3.4,tcp/22", "Granted")]
    [InlineData("CMD_CYCLE_OPEN true\nCMD_CYCLE_CLOSE NONE\nOPEN_PORTS tcp/22\n", "1.2.3.4,tcp/80", "PortDenied")]
    public void Looks_at_the_ports_of_a_stanza_with_a_cycle_too(string lines, string message, string expected)
    {
        using AccessPolicy policy = Read($"SOURCE ANY\n{Keys}{lines}");
        Verdict verdict = new();
        new Pipeline(Setup(policy)).Process(Packet(Seal(message), "10.0.0.1"), Now, verdict);
        Assert.Equal(expected, Assert.Single(verdict.Stanzas).Outcome.ToString());
    }

    [Theory]
    [InlineData(0, 0, "Granted WrongOneTimePassword")]
    [InlineData(0, 1, "Granted Granted")]
    [InlineData(1, 0, "Granted WrongOneTimePassword")]
    [InlineData(2, 2, "WrongOneTimePassword WrongOneTimePassword")]
    public void Takes_each_one_time_password_once(int firstStep, int secondStep, string expected)
    {
        using AccessPolicy policy = Read($"SOURCE ANY\n{Keys}TOTP_SECRET GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n");
        Pipeline pipeline = new(Setup(policy));
        Verdict verdict = new();
        List<Outcome> outcomes = [];
        foreach (int step in (int[])[firstStep, secondStep])
        {
            string code = OneTimePassword.Compute("12345678901234567890"u8, (Now.ToUnixTimeSeconds() / 30) + step, 6);
            pipeline.Process(Packet(Seal("1.2.3.4,tcp/22", code: code), "10.0.0.1"), Now, verdict);
            outcomes.Add(Assert.Single(verdict.Stanzas).Outcome);
            Assert.Equal(outcomes[^1] == Outcome.Granted, verdict.Request is not null);
        }

        Assert.Equal(expected, string.Join(' ', outcomes));
    }

    [Fact]
    public void Takes_no_one_time_password_under_another_name_or_from_before_its_start()
    {
        using AccessPolicy policy = Read($"SOURCE ANY\n{Keys}TOTP_SECRET GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n");
        Pipeline pipeline = new(Setup(policy) with { StartedAt = Now.ToUnixTimeSeconds() });
        Verdict verdict = new();
        List<Outcome> outcomes = [];
        foreach ((int step, string user) in ((int, string)[])[(-1, "alice"), (0, "alice"), (0, "bob"), (1, "bob")])
        {
            string code = OneTimePassword.Compute("12345678901234567890"u8, (Now.ToUnixTimeSeconds() / 30) + step, 6);
            pipeline.Process(Packet(Seal("1.2.3.4,tcp/22", code: code, user: user), "10.0.0.1"), Now, verdict);
            outcomes.Add(Assert.Single(verdict.Stanzas).Outcome);
        }

        Assert.Equal([Outcome.WrongOneTimePassword, Outcome.Granted, Outcome.WrongOneTimePassword, Outcome.Granted], outcomes);
    }

    [Fact]
    public void Lets_nobody_guess_one_time_passwords()
    {
        using AccessPolicy policy = Read($"SOURCE ANY\n{Keys}TOTP_SECRET GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n");
        Pipeline pipeline = new(Setup(policy));
        Verdict verdict = new();
        long step = Now.ToUnixTimeSeconds() / 30;
        string right = OneTimePassword.Compute("12345678901234567890"u8, step, 6);
        string wrong = right == "000000" ? "000001" : "000000";
        for (int i = 0; i < 5; i++)
        {
            pipeline.Process(Packet(Seal("1.2.3.4,tcp/22", code: wrong), "10.0.0.1"), Now, verdict);
        }

        pipeline.Process(Packet(Seal("1.2.3.4,tcp/22", code: right), "10.0.0.1"), Now, verdict);
        Assert.Equal(Outcome.WrongOneTimePassword, Assert.Single(verdict.Stanzas).Outcome);

        string next = OneTimePassword.Compute("12345678901234567890"u8, step + 1, 6);
        pipeline.Process(Packet(Seal("1.2.3.4,tcp/22", code: next), "10.0.0.1"), Now.AddSeconds(30), verdict);
        Assert.Equal(Outcome.Granted, Assert.Single(verdict.Stanzas).Outcome);
    }

    [Fact]
    public void Uses_up_no_one_time_password_for_what_it_refuses()
    {
        using AccessPolicy policy = Read($"SOURCE ANY\n{Keys}OPEN_PORTS tcp/22\nTOTP_SECRET GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n");
        Pipeline pipeline = new(Setup(policy));
        Verdict verdict = new();
        string code = OneTimePassword.Compute("12345678901234567890"u8, Now.ToUnixTimeSeconds() / 30, 6);
        pipeline.Process(Packet(Seal("1.2.3.4,tcp/23", code: code), "10.0.0.1"), Now, verdict);
        Assert.Equal(Outcome.PortDenied, Assert.Single(verdict.Stanzas).Outcome);
        pipeline.Process(Packet(Seal("1.2.3.4,tcp/22", code: code), "10.0.0.1"), Now, verdict);
        Assert.Equal(Outcome.Granted, Assert.Single(verdict.Stanzas).Outcome);
    }

    [Theory]
    [InlineData("Mon-Sun 00:00-24:00", "Granted")]
    [InlineData("Mon-Thu 00:00-24:00, Sat-Sun 00:00-24:00", "OutsideHours")]
    public void Looks_at_the_hours_of_the_stanza(string hours, string expected)
    {
        // The middle of a Friday wherever the test runs.
        using AccessPolicy policy = Read($"SOURCE ANY\n{Keys}ACCESS_HOURS {hours}\n");
        DateTime friday = new(2027, 1, 15, 12, 0, 0, DateTimeKind.Local);
        Verdict verdict = new();
        new Pipeline(Setup(policy) with { MaxPacketAge = null }).Process(Packet(Seal("1.2.3.4,tcp/22"), "10.0.0.1"), friday, verdict);
        Assert.Equal(expected, Assert.Single(verdict.Stanzas).Outcome.ToString());
    }

    [Theory]
    [InlineData(-121, "TooOld")]
    [InlineData(-120, "Granted")]
    [InlineData(120, "Granted")]
    [InlineData(121, "TooOld")]
    public void Compares_the_clocks(int offset, string expected)
    {
        using AccessPolicy policy = Read($"SOURCE ANY\n{Keys}");
        Verdict verdict = new();
        new Pipeline(Setup(policy)).Process(Packet(Seal("1.2.3.4,tcp/22"), "10.0.0.1"), Now.AddSeconds(offset), verdict);
        Assert.Equal(expected, verdict.Stanzas[0].Outcome.ToString());
    }

    [Fact]
    public void Remembers_a_packet_even_if_policy_refuses_it()
    {
        using AccessPolicy policy = Read($"SOURCE ANY\n{Keys}OPEN_PORTS tcp/80\n");
        Pipeline pipeline = new(Setup(policy));
        Verdict verdict = new();
        byte[] packet = Seal("1.2.3.4,tcp/22");

        pipeline.Process(Packet(packet, "10.0.0.1"), Now, verdict);
        Assert.NotNull(verdict.Spent);
        pipeline.Process(Packet(packet, "10.0.0.2"), Now, verdict);

        Assert.Equal(Outcome.Replay, verdict.Outcome);
        Assert.Equal("10.0.0.1", verdict.Original.Origin.Source.ToString());
        Assert.Null(verdict.Spent);
    }

    [Theory]
    [InlineData(1, 40001, 5, nameof(Outcome.SecondSight))]
    [InlineData(0, 40001, 5, nameof(Outcome.Replay))]
    [InlineData(1, 40002, 5, nameof(Outcome.Replay))]
    [InlineData(1, 40001, 11, nameof(Outcome.Replay))]
    public void A_packet_that_two_sources_give_counts_once_and_is_no_replay(byte point, int port, int seconds, string expected)
    {
        using AccessPolicy policy = Read($"SOURCE ANY\n{Keys}");
        Pipeline pipeline = new(Setup(policy));
        Verdict verdict = new();
        byte[] packet = Seal("1.2.3.4,tcp/22");

        pipeline.Process(Packet(packet, "10.0.0.1") with { SourcePort = 40001 }, Now, verdict);
        Assert.NotNull(verdict.Request);
        pipeline.Process(Packet(packet, "10.0.0.1") with { SourcePort = (ushort)port, Point = point }, Now.AddSeconds(seconds), verdict);

        Assert.Equal(expected, verdict.Outcome.ToString());
        Assert.Null(verdict.Request);
        Assert.Null(verdict.Spent);
        pipeline.Process(Packet(packet, "10.0.0.1") with { SourcePort = (ushort)port, Point = point }, Now.AddSeconds(seconds), verdict);
        Assert.Equal(Outcome.Replay, verdict.Outcome);
    }

    /// <summary>packet source, message address, header, granted address, value that is told as wrong.</summary>
    [Theory]
    [InlineData("10.0.0.1", "0.0.0.0", "X-Forwarded-For: 192.0.2.9", "192.0.2.9", null)]
    [InlineData("10.0.0.1", "0.0.0.0", "x-forwarded-for:1.1.1.1,192.0.2.9, 10.0.0.7", "192.0.2.9", null)]
    [InlineData("10.0.0.1", "0.0.0.0", "X-Forwarded-For: 2001:db8::9", "2001:db8::9", null)]
    [InlineData("10.0.0.1", "1.2.3.4", "X-Forwarded-For: 192.0.2.9", "1.2.3.4", null)]
    [InlineData("172.16.0.1", "0.0.0.0", "X-Forwarded-For: 192.0.2.9", "172.16.0.1", null)]
    [InlineData("10.0.0.1", "1.2.3.4", "X-Forwarded-For: unknown", "1.2.3.4", "unknown")]
    [InlineData("10.0.0.1", "1.2.3.4", "X-Other: 192.0.2.9", "1.2.3.4", null)]
    [InlineData("10.0.0.1", "0.0.0.0", "X-Forwarded-For: unknown", null, "unknown")]
    [InlineData("10.0.0.1", "0.0.0.0", "X-Forwarded-For: 10.0.0.7", null, null)]
    [InlineData("10.0.0.1", "0.0.0.0", "X-Other: 192.0.2.9", null, null)]
    public void Grants_for_the_address_that_a_trusted_proxy_names(string source, string message, string header, string? allowed, string? invalid)
    {
        Assert.True(AddressList.TryParse("10.0.0.0/8", out AddressList? proxies, out _));
        using AccessPolicy policy = Read($"SOURCE ANY\n{Keys}");
        byte[] text = [.. Seal($"{message},tcp/22").Select(letter => letter switch { (byte)'+' => (byte)'-', (byte)'/' => (byte)'_', _ => letter })];
        byte[] request = [.. "GET /"u8, .. text, .. Encoding.ASCII.GetBytes($" HTTP/1.1\r\nUser-Agent: Fwknop/2\r\n{header}\r\n\r\n")];
        Verdict verdict = new();

        new Pipeline(Setup(policy) with { AcceptHttp = true, TrustedProxies = proxies }).Process(Packet(request, source) with { Protocol = IpProtocol.Tcp }, Now, verdict);

        Assert.Equal(allowed, (verdict.Request as GrantRequest)?.Allow.ToString());
        Assert.Equal(allowed is null ? Outcome.UnknownClient : Outcome.Granted, Assert.Single(verdict.Stanzas).Outcome);
        Assert.Equal(source, verdict.Spent!.Value.Origin.Source.ToString());
        Assert.Equal(invalid, verdict.InvalidForwardedFor);
    }

    /// <summary>The source of a datagram is anybody's to write, and SOURCE is about whom the proxy names as well.</summary>
    [Theory]
    [InlineData(IpProtocol.Udp, "ANY", "10.0.0.1")]
    [InlineData(IpProtocol.Tcp, "10.0.0.0/8", null)]
    [InlineData(IpProtocol.Tcp, "10.0.0.0/8, 192.0.2.0/24", "192.0.2.9")]
    internal void Believes_a_proxy_over_TCP_and_within_SOURCE(IpProtocol protocol, string sources, string? allowed)
    {
        Assert.True(AddressList.TryParse("10.0.0.0/8", out AddressList? proxies, out _));
        using AccessPolicy policy = Read($"SOURCE {sources}\n{Keys}");
        byte[] text = [.. Seal("0.0.0.0,tcp/22").Select(letter => letter switch { (byte)'+' => (byte)'-', (byte)'/' => (byte)'_', _ => letter })];
        byte[] request = [.. "GET /"u8, .. text, .. " HTTP/1.1\r\nUser-Agent: Fwknop/2\r\nX-Forwarded-For: 192.0.2.9\r\n\r\n"u8];
        Verdict verdict = new();
        new Pipeline(Setup(policy) with { AcceptHttp = true, TrustedProxies = proxies })
            .Process(Packet(request, "10.0.0.1") with { Protocol = protocol }, Now, verdict);
        Assert.Equal(allowed, (verdict.Request as GrantRequest)?.Allow.ToString());
        Assert.Equal(allowed is null ? Outcome.UnknownClient : Outcome.Granted, Assert.Single(verdict.Stanzas).Outcome);
    }

    [Fact]
    public void Knows_a_packet_again_after_its_HMAC_was_cut_off()
    {
        using AccessPolicy policy = Read($"SOURCE ANY\n{Keys}SOURCE ANY\nKEY k\n");
        Pipeline pipeline = new(Setup(policy));
        Verdict verdict = new();
        byte[] packet = Seal("0.0.0.0,tcp/22");

        pipeline.Process(Packet(packet, "10.0.0.1"), Now, verdict);
        Assert.NotNull(verdict.Request);
        SeenPacket bare = Assert.Single(verdict.SpentBesides);
        pipeline.Process(Packet(packet[..^43], "10.0.0.66"), Now, verdict);
        Assert.Equal(Outcome.Replay, verdict.Outcome);

        new Pipeline(Setup(policy) with { Seen = [bare] }).Process(Packet(packet[..^43], "10.0.0.66"), Now, verdict);
        Assert.Equal(Outcome.Replay, verdict.Outcome);
    }

    [Fact]
    public void Knows_the_packets_of_earlier_runs()
    {
        using AccessPolicy policy = Read($"SOURCE ANY\n{Keys}");
        Verdict verdict = new();
        byte[] packet = Seal("1.2.3.4,tcp/22");
        new Pipeline(Setup(policy)).Process(Packet(packet, "10.0.0.1"), Now, verdict);

        new Pipeline(Setup(policy) with { Seen = [verdict.Spent!.Value] }).Process(Packet(packet, "10.0.0.1"), Now, verdict);

        Assert.Equal(Outcome.Replay, verdict.Outcome);
    }

    [Fact]
    public void Neither_grants_nor_remembers_in_test_mode()
    {
        using AccessPolicy policy = Read($"SOURCE ANY\n{Keys}");
        Pipeline pipeline = new(Setup(policy) with { TestMode = true });
        Verdict verdict = new();
        for (int i = 0; i < 2; i++)
        {
            pipeline.Process(Packet(Seal("1.2.3.4,tcp/22"), "10.0.0.1"), Now, verdict);
            Assert.Equal(Outcome.TestMode, verdict.Stanzas[0].Outcome);
            Assert.Null(verdict.Request);
            Assert.Null(verdict.Spent);
        }
    }

    [Fact]
    public void Refuses_a_stranger_without_allocating()
    {
        using AccessPolicy policy = Read($"SOURCE ANY\n{Keys}");
        Pipeline pipeline = new(Setup(policy));
        Verdict verdict = new();
        byte[] packet = Seal("1.2.3.4,tcp/22");
        packet[^1] = packet[^1] == (byte)'A' ? (byte)'E' : (byte)'A';

        // The least of many: what the runtime itself allocates now and then is not the pipeline's.
        long least = Enumerable.Range(0, 50).Min(_ =>
        {
            Datagram datagram = Packet(packet, "10.0.0.1");
            long before = GC.GetAllocatedBytesForCurrentThread();
            pipeline.Process(datagram, Now, verdict);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });

        Assert.Equal(0, least);
        Assert.Equal(Outcome.NotAuthentic, verdict.Stanzas[0].Outcome);
    }

    private static byte[] Seal(string message, MessageType type = MessageType.Access, string? code = null, string user = "alice")
    {
        using PacketKeys keys = new(EncryptionKey.FromBytes("k"u8), HmacKey.FromBytes("h"u8));
        SpaMessage fields = new()
        {
            RandomValue = Random.Shared.NextInt64(1_000_000_000_000_000, 9_999_999_999_999_999).ToString(System.Globalization.CultureInfo.InvariantCulture),
            Username = user,
            Timestamp = Now.ToUnixTimeSeconds(),
            Type = type,
            Message = message,
            ServerAuth = code is not null && OneTimePassword.TryMakeField(code, out FieldText field) ? field : default(FieldText?),
        };
        return SpaPacket.Seal(fields, keys).Bytes.ToArray();
    }

    private static ListenerSetup Setup(AccessPolicy policy) => new()
    {
        Capture = CaptureMode.Udp,
        MaxPacketAge = 120,
        Stanzas = policy.Stanzas,
    };
}
