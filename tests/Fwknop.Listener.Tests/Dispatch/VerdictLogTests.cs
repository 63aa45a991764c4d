using System.Net;
using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Listener.Capture;
using Fwknop.Listener.Dispatch;
using Fwknop.Protocol;

namespace Fwknop.Listener.Tests.Dispatch;

/// <summary>What is told of a verdict and what is not; the lines one by one are in the table of <see cref="Catalogue.PacketCatalogueTests"/>.</summary>
public sealed class VerdictLogTests : IDisposable
{
    private const string Match = "<6>(stanza #1) SPA Packet from IP: 10.0.0.1 received with access source match\n";
    private const string Prefix = "[10.0.0.1] (stanza #1) ";

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly byte[] Payload = Encoding.ASCII.GetBytes("payload");

    private readonly StringWriter _output = new() { NewLine = "\n" };

    public void Dispose() => _output.Dispose();

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "<7>[10.0.0.1] The same packet was received twice, by different sources; it counts once\n")]
    internal void A_packet_that_two_sources_give_is_a_line_for_those_who_ask(int verbosity, string expected)
    {
        Write(Log(verbosity), new Verdict { Outcome = Outcome.SecondSight });
        Assert.Equal(expected, Lines);
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
            Lines);
    }

    [Theory]
    [InlineData(Rejection.DigestVerificationFailed, "The computed digest did not match the digest in the spa data")]
    [InlineData(Rejection.DecryptionSize, "Unexpected or invalid size for decrypted data")]
    [InlineData(Rejection.DecryptionFailure, "Decryption failed or decrypted data is invalid")]
    internal void Tells_why_a_packet_is_not_authentic(Rejection rejection, string text)
    {
        Verdict verdict = Found(Outcome.NotAuthentic, rejection);
        verdict.Authentic = null;
        Write(Log(0), verdict);
        Assert.Equal($"{Match}<4>{Prefix}Error creating fko context: {text}\n<4>[10.0.0.1] SPA packet is not authentic for any stanza\n", Lines);
    }

    /// <summary>Its keys are others; only a signature that does not count is about the packet itself.</summary>
    [Theory]
    [InlineData(Rejection.DecryptionFailure, true)]
    [InlineData(Rejection.GpgmeDecryptFailed, true)]
    [InlineData(Rejection.EncryptGpgCipherNotDecodable, true)]
    [InlineData(Rejection.GpgmeNoSignature, false)]
    [InlineData(Rejection.GpgmeBadSignature, false)]
    internal void A_stanza_says_nothing_of_a_packet_that_another_one_opens(Rejection rejection, bool isQuiet)
    {
        Write(Log(0), Found(Outcome.NotAuthentic, rejection));
        Assert.Equal(isQuiet, Lines.Length == 0);
    }

    [Fact]
    public void A_wrong_HMAC_is_a_line_for_those_who_ask()
    {
        Write(Log(0), Found(Outcome.NotAuthentic, Rejection.HmacMismatch));
        Assert.Equal("", Lines);

        _output.GetStringBuilder().Clear();
        Write(Log(1), Found(Outcome.NotAuthentic, Rejection.HmacMismatch));
        Assert.Equal(
            Match + "<7>SPA Packet: 'payload'\n<6>(stanza #1) Non-corresponding HMAC for this stanza\n"
            + $"<7>{Prefix}Error creating fko context: Args contain invalid data: FKO_ERROR_INVALID_DATA_HMAC_COMPAREFAIL\n",
            Lines);
    }

    [Fact]
    public void An_expired_stanza_is_told_once()
    {
        VerdictLog log = Log(0);
        Write(log, Found(Outcome.StanzaExpired));
        Write(log, Found(Outcome.StanzaExpired));
        Assert.Equal($"{Match}<6>{Prefix}Access stanza has expired\n{Match}", Lines);
    }

    [Fact]
    public void IPv6_has_the_same_lines()
    {
        Log(0).Write(Packet("2001:db8::1", "2001:db8::9"), Now, Found(Outcome.PortDenied));
        Assert.Equal(
            "<6>(stanza #1) SPA Packet from IP: 2001:db8::1 received with access source match\n"
            + "<4>[2001:db8::1] (stanza #1) One or more requested protocol/ports was denied per access.conf.\n",
            Lines);
    }

    [Fact]
    public void NAT_over_IPv6_has_the_whole_address()
    {
        Log(0).Write(Packet("2001:db8::1", "2001:db8::9"), Now, Found(Outcome.NatDisabled));
        Assert.EndsWith(
            "<4>(stanza #1) SPA packet from 2001:db8::1 requested NAT access, but is not enabled/supported\n", Lines, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_of_a_packet_forge_no_line()
    {
        Datagram datagram = Packet("10.0.0.1", "10.0.0.9", "a\n<3>b\u001b"u8.ToArray());
        Log(1).Write(datagram, Now, Found(Outcome.Granted));
        Assert.Contains("\n<7>SPA Packet: 'a?<3>b?'\n", Lines, StringComparison.Ordinal);
        Assert.DoesNotContain("\n<3>", Lines, StringComparison.Ordinal);
    }

    [Fact]
    public void The_fields_of_a_packet_are_lines_for_those_who_ask()
    {
        Write(Log(1), Found(Outcome.PortDenied));
        string[] lines = Lines.TrimEnd('\n').Split('\n');
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

        Assert.Equal(NoiseLimit.Burst, Count());
        clock.Advance(TimeSpan.FromSeconds(1));
        Write(log, new Verdict { Outcome = Outcome.NoAccessData });

        Assert.Equal(NoiseLimit.Burst + 2, Count());
        Assert.EndsWith(
            $"<4>{10_000 - NoiseLimit.Burst} more lines about packets that were not accepted were left out\n<4>No access data found for source IP: 10.0.0.1\n",
            Lines,
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
        Assert.EndsWith("was denied per access.conf.\n", Lines, StringComparison.Ordinal);
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

        Assert.Contains("--test mode", Lines, StringComparison.Ordinal);
    }

    /// <summary>Without the events; <see cref="Catalogue.PacketCatalogueTests"/> looks at those.</summary>
    private string Lines => string.Concat(_output.ToString().Split('\n').SkipLast(1).Select(LogLine.Parse).Select(line => $"<{(int)line.Level}>{line.Text}\n"));

    private int Count() => Lines.Count(character => character == '\n');

    private VerdictLog Log(int verbosity) => new(new ListenerLog(_output, verbosity), new NoiseLimit(new ManualClock()));

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
