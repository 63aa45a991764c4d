using System.Net;
using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Listener.Capture;
using Fwknop.Listener.Dispatch;
using Fwknop.Protocol;

namespace Fwknop.Listener.Tests.Dispatch;

/// <summary>The lines that log parsers match (server.md 6, 7.2, 10), letter by letter, with their level.</summary>
public sealed class VerdictLogTests : IDisposable
{
    private const string Match = "<6>(stanza #1) SPA Packet from IP: 10.0.0.1 received with access source match\n";
    private const string Prefix = "[10.0.0.1] (stanza #1) ";

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly byte[] Payload = Encoding.ASCII.GetBytes("payload");

    private readonly StringWriter _output = new() { NewLine = "\n" };

    public void Dispose() => _output.Dispose();

    /// <summary>Outcomes that end the look at a packet.</summary>
    [Theory]
    [InlineData(Outcome.BadData, 0, "")]
    [InlineData(Outcome.BadData, 1, "<7>[10.0.0.1] preprocess_spa_data() returned error 4096: 'Data is not a valid SPA message format' for incoming packet.\n")]
    [InlineData(Outcome.NotSpaData, 0, "")]
    [InlineData(Outcome.NotSpaData, 1, "<7>[10.0.0.1] preprocess_spa_data() returned error 4098: 'Data is not an SPA message' for incoming packet.\n")]
    [InlineData(Outcome.SecondSight, 0, "")]
    [InlineData(Outcome.SecondSight, 1, "<7>[10.0.0.1] The same packet was received twice, by different sources; it counts once\n")]
    [InlineData(Outcome.NoAccessData, 0, "<4>No access data found for source IP: 10.0.0.1\n")]
    internal void Tells_of_a_packet(Outcome outcome, int verbosity, string expected)
    {
        Write(Log(verbosity), new Verdict { Outcome = outcome });
        Assert.Equal(expected, _output.ToString());
    }

    [Fact]
    public void Tells_of_a_replay()
    {
        DateTimeOffset first = new(2026, 3, 9, 7, 5, 4, TimeZoneInfo.Local.GetUtcOffset(new DateTime(2026, 3, 9, 7, 5, 4)));
        SeenPacket original = new(
            default,
            new PacketOrigin(6, PackedAddress.From(IPAddress.Parse("192.0.2.1")), 1, PackedAddress.From(IPAddress.Parse("192.0.2.2")), 8080),
            first.ToUnixTimeSeconds());

        Write(Log(0), new Verdict { Outcome = Outcome.Replay, Original = original });

        Assert.Equal(
            "<4>Replay detected from source IP: 10.0.0.1, Destination proto/port: 17/62201, Original source IP: 192.0.2.1, "
            + "Original dst proto/port: 6/8080, Entry created: 03/09/26 07:05:04\n",
            _output.ToString());
    }

    /// <summary>What a stanza found, with the line behind the one about the source match.</summary>
    [Theory]
    [InlineData(Outcome.StanzaExpired, "<6>" + Prefix + "Access stanza has expired\n")]
    [InlineData(Outcome.NoEncryptionMatch, "<3>" + Prefix + "No stanza encryption mode match for encryption type: 2.\n")]
    [InlineData(Outcome.TooOld, "<4>" + Prefix + "SPA data time difference is too great (121 seconds).\n")]
    [InlineData(Outcome.UnknownClient, "<4>" + Prefix + "Got 0.0.0.0 through a proxy of TRUSTED_PROXIES whose X-Forwarded-For names no client within SOURCE; nothing is opened for the proxy itself.\n")]
    [InlineData(Outcome.SourceRequired, "<4>" + Prefix + "Got 0.0.0.0 when valid source IP was required.\n")]
    [InlineData(Outcome.WrongUsername, "<4>" + Prefix + "Username in SPA data (alice) does not match required username: bob\n")]
    [InlineData(Outcome.NatDisabled, "<4>(stanza #1) SPA packet from 10.0.0.1 requested NAT access, but is not enabled/supported\n")]
    [InlineData(Outcome.CommandDisabled, "<4>" + Prefix + "SPA Command messages are not allowed in the current configuration.\n")]
    [InlineData(Outcome.PortDenied, "<4>" + Prefix + "One or more requested protocol/ports was denied per access.conf.\n")]
    [InlineData(Outcome.TestMode, "<4>" + Prefix + "--test mode enabled, skipping firewall manipulation.\n")]
    [InlineData(Outcome.Granted, "")]
    internal void Tells_what_a_stanza_found(Outcome outcome, string expected)
    {
        Write(Log(0), Found(outcome));
        Assert.Equal(Match + expected, _output.ToString());
    }

    [Theory]
    [InlineData(Rejection.DigestVerificationFailed, "The computed digest did not match the digest in the spa data")]
    [InlineData(Rejection.DecryptionSize, "Unexpected or invalid size for decrypted data")]
    [InlineData(Rejection.DecryptionFailure, "Decryption failed or decrypted data is invalid")]
    internal void Tells_why_a_packet_is_not_authentic(Rejection rejection, string text)
    {
        Write(Log(0), Found(Outcome.NotAuthentic, rejection));
        Assert.Equal($"{Match}<4>{Prefix}Error creating fko context: {text}\n", _output.ToString());
    }

    [Fact]
    public void A_wrong_HMAC_is_a_line_for_those_who_ask()
    {
        Write(Log(0), Found(Outcome.NotAuthentic, Rejection.HmacMismatch));
        Assert.Equal("", _output.ToString());

        _output.GetStringBuilder().Clear();
        Write(Log(1), Found(Outcome.NotAuthentic, Rejection.HmacMismatch));
        Assert.Equal(
            Match + "<7>SPA Packet: 'payload'\n<6>(stanza #1) Non-corresponding HMAC for this stanza\n"
            + $"<7>{Prefix}Error creating fko context: Args contain invalid data: FKO_ERROR_INVALID_DATA_HMAC_COMPAREFAIL\n",
            _output.ToString());
    }

    [Fact]
    public void A_packet_that_no_stanza_opens_is_told_with_its_source()
    {
        Write(Log(0), Unopened());
        Assert.Equal(
            Match + "<6>(stanza #1) Non-corresponding HMAC for this stanza\n<4>[10.0.0.1] SPA packet is not authentic for any stanza\n", _output.ToString());
    }

    [Fact]
    public void A_wrong_HMAC_can_be_told_as_2_6_10_did()
    {
        Write(Log(0, usesOldTexts: true), Unopened());
        Assert.Contains($"<4>{Prefix}Error creating fko context: Args contain invalid data: FKO_ERROR_INVALID_DATA_HMAC_COMPAREFAIL\n", _output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Non-corresponding", _output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "<7>(stanza #1) SPA packet (10.0.0.1 -> 10.0.0.9) filtered by SOURCE and/or DESTINATION criteria\n")]
    internal void A_filtered_packet_is_a_line_for_those_who_ask(int verbosity, string expected)
    {
        Write(Log(verbosity), Found(Outcome.Filtered));
        Assert.Equal(expected, _output.ToString());
    }

    [Fact]
    public void An_expired_stanza_is_told_once()
    {
        VerdictLog log = Log(0);
        Write(log, Found(Outcome.StanzaExpired));
        Write(log, Found(Outcome.StanzaExpired));
        Assert.Equal($"{Match}<6>{Prefix}Access stanza has expired\n{Match}", _output.ToString());
    }

    [Fact]
    public void IPv6_has_the_same_lines()
    {
        Log(0).Write(Packet("2001:db8::1", "2001:db8::9"), Now, Found(Outcome.PortDenied));
        Assert.Equal(
            "<6>(stanza #1) SPA Packet from IP: 2001:db8::1 received with access source match\n"
            + "<4>[2001:db8::1] (stanza #1) One or more requested protocol/ports was denied per access.conf.\n",
            _output.ToString());
    }

    [Fact]
    public void NAT_over_IPv6_has_the_whole_address()
    {
        Log(0).Write(Packet("2001:db8::1", "2001:db8::9"), Now, Found(Outcome.NatDisabled));
        Assert.EndsWith(
            "<4>(stanza #1) SPA packet from 2001:db8::1 requested NAT access, but is not enabled/supported\n", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_of_a_packet_forge_no_line()
    {
        Datagram datagram = Packet("10.0.0.1", "10.0.0.9", "a\n<3>b\u001b"u8.ToArray());
        Log(1).Write(datagram, Now, Found(Outcome.Granted));
        Assert.Contains("\n<7>SPA Packet: 'a?<3>b?'\n", _output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\n<3>", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_fields_of_a_packet_are_lines_for_those_who_ask()
    {
        Write(Log(1), Found(Outcome.PortDenied));
        string[] lines = _output.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal("<7>" + Prefix + "SPA Decode (res=0):", lines[2]);
        Assert.Contains(lines, line => line.StartsWith("<7>", StringComparison.Ordinal) && line.EndsWith("Username: alice", StringComparison.Ordinal));
        Assert.All(lines[2..^1], line => Assert.StartsWith("<7>", line, StringComparison.Ordinal));
        Assert.EndsWith("was denied per access.conf.", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Strangers_fill_no_disk()
    {
        ManualClock clock = new();
        VerdictLog log = new(new ListenerLog(_output, 0), new NoiseLimit(clock));
        for (int i = 0; i < 10_000; i++)
        {
            Write(log, new Verdict { Outcome = Outcome.NoAccessData });
        }

        Assert.Equal(NoiseLimit.Burst, Lines());
        clock.Advance(TimeSpan.FromSeconds(1));
        Write(log, new Verdict { Outcome = Outcome.NoAccessData });

        Assert.Equal(NoiseLimit.Burst + 2, Lines());
        Assert.EndsWith(
            $"<4>{10_000 - NoiseLimit.Burst} more lines about packets that were not accepted were left out\n<4>No access data found for source IP: 10.0.0.1\n",
            _output.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Whoever_has_a_key_is_always_told_of()
    {
        VerdictLog log = Log(0);
        for (int i = 0; i < 10_000; i++)
        {
            Write(log, new Verdict { Outcome = Outcome.NoAccessData });
        }

        Write(log, Found(Outcome.PortDenied));
        Assert.EndsWith("was denied per access.conf.\n", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_outcome_has_a_line_or_none_on_purpose()
    {
        // A signer there is only in OpenPGP packets.
        Outcome[] elsewhere = [Outcome.FingerprintNotListed, Outcome.SignerNotListed];
        foreach (Outcome outcome in Enum.GetValues<Outcome>().Where(outcome => outcome >= Outcome.Filtered).Except(elsewhere))
        {
            Write(Log(2), Found(outcome, Rejection.DecryptionFailure));
        }

        Assert.Contains("--test mode", _output.ToString(), StringComparison.Ordinal);
    }

    private int Lines() => _output.ToString().Count(character => character == '\n');

    private VerdictLog Log(int verbosity, bool usesOldTexts = false) =>
        new(new ListenerLog(_output, verbosity), new NoiseLimit(new ManualClock()), usesOldTexts);

    private static Verdict Unopened()
    {
        Verdict verdict = Found(Outcome.NotAuthentic, Rejection.HmacMismatch);
        verdict.Authentic = null;
        return verdict;
    }

    private static void Write(VerdictLog log, Verdict verdict) => log.Write(Packet("10.0.0.1", "10.0.0.9"), Now, verdict);

    private static Verdict Found(Outcome outcome, Rejection rejection = Rejection.None)
    {
        AccessStanza stanza = AccessFile.Parse("SOURCE ANY\nKEY k\nHMAC_KEY h\nREQUIRE_USERNAME bob\n"u8, "access.conf", TimeZoneInfo.Utc).Value!.Stanzas[0];
        SpaMessage message = SpaMessage.Access("alice", Now.AddSeconds(-121), IPAddress.Loopback, PortSpec.Tcp(22));
        Assert.True(SpaPacket.TryOpen(SpaPacket.Seal(message, stanza.Keys).Bytes.Span, stanza.Keys, out AuthenticMessage? authentic, out _));
        Verdict verdict = new() { EncryptionType = 2, Authentic = authentic!, Keys = stanza.Keys };
        verdict.Add(new StanzaVerdict(stanza, outcome, rejection));
        return verdict;
    }

    private static Datagram Packet(string source, string destination, byte[]? payload = null) => new()
    {
        Payload = payload ?? Payload,
        SourceBits = PackedAddress.From(IPAddress.Parse(source)),
        DestinationBits = PackedAddress.From(IPAddress.Parse(destination)),
        SourcePort = 40000,
        DestinationPort = 62201,
        Protocol = IpProtocol.Udp,
    };
}
