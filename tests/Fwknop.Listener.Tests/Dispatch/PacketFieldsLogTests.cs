using System.Net;
using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Listener.Capture;
using Fwknop.Listener.Dispatch;
using Fwknop.Protocol;

namespace Fwknop.Listener.Tests.Dispatch;

/// <summary>The fields of an authenticated packet in the debug log, and only there (server.md 6): a packet through the whole pipeline.</summary>
public sealed class PacketFieldsLogTests
{
    private const string Key = "encryption-secret";
    private const string HmacKey = "hmac-secret";

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Fact]
    public void Debug_log_shows_the_fields_between_authentication_and_decision()
    {
        SpaPacket packet = Seal("alice");
        string[] lines = Log(packet, verbosity: 1, "OPEN_PORTS tcp/80\n");

        string hmac = packet.Hmac!;
        Assert.Equal(
            [
                "<6>(stanza #1) SPA Packet from IP: 10.0.0.1 received with access source match",
                $"<7>SPA Packet: '{packet}'",
                "<7>[10.0.0.1] (stanza #1) SPA Decode (res=0):",
                "<7>SPA Field Values:",
                "<7>=================",
                "<7>   Random Value: 1234567890123456",
                "<7>       Username: alice",
                "<7>      Timestamp: 1800000000",
                "<7>    FKO Version: 3.0.0",
                "<7>   Message Type: 1 (Access msg)",
                "<7> Message String: 1.2.3.4,tcp/22",
                "<7>     Nat Access: <NULL>",
                "<7>    Server Auth: <NULL>",
                "<7> Client Timeout: 0",
                "<7>    Digest Type: 3 (SHA256)",
                "<7>      HMAC Type: 3 (SHA256)",
                "<7>Encryption Type: 1 (Rijndael)",
                "<7>Encryption Mode: 2 (CBC)",
                $"<7>   Encoded Data: {packet.EncodedMessage}",
                $"<7>SPA Data Digest: {packet.Digest}",
                $"<7>           HMAC: {hmac}",
                $"<7> Final SPA Data: {packet.ToString()[..^hmac.Length]}",
                "<4>[10.0.0.1] (stanza #1) One or more requested protocol/ports was denied per access.conf.",
            ],
            lines);
        Assert.DoesNotContain(lines, line => line.Contains("secret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("KEY other\n", 1)]
    public void Fields_are_not_shown(string otherKey, int verbosity) => Assert.DoesNotContain(
        Log(Seal("alice"), verbosity, otherKey), line => line.Contains("alice", StringComparison.Ordinal) || line.Contains("SPA Decode", StringComparison.Ordinal));

    /// <summary>Every byte, once, and from three -v on.</summary>
    [Fact]
    public void Payload_is_shown_byte_by_byte_to_who_asks_for_it()
    {
        SpaPacket packet = Seal("alice");
        string[] lines = Log(packet, verbosity: 3, "");
        Assert.Equal("<7>[+] candidate SPA packet payload:", lines[0]);
        string text = packet.ToString();
        string[] dump = [.. lines.Skip(1).TakeWhile(line => line.StartsWith("<7>    0", StringComparison.Ordinal))];
        Assert.Equal((text.Length + 15) / 16, dump.Length);
        Assert.Equal(text, string.Concat(dump.Select(line => line[(line.LastIndexOf(' ') + 1)..])));
        Assert.Equal(text, Encoding.ASCII.GetString([.. dump.SelectMany(line => Convert.FromHexString(line[12..60].Replace(" ", "", StringComparison.Ordinal)))]));
        Assert.StartsWith("<7>    0010: ", dump[1], StringComparison.Ordinal);
        Assert.DoesNotContain(Log(packet, verbosity: 2, ""), line => line.Contains("candidate", StringComparison.Ordinal));
    }

    [Fact]
    public void No_field_makes_a_line_of_its_own() => Assert.All(
        Log(Seal("eve", "x\n<3>forged\u0085\u009b2J"), verbosity: 1, ""), line => Assert.DoesNotContain(line, char.IsControl));

    private static string[] Log(SpaPacket packet, int verbosity, string setting)
    {
        string key = setting.StartsWith("KEY ", StringComparison.Ordinal) ? "" : $"KEY {Key}\n";
        string access = $"SOURCE ANY\n{key}HMAC_KEY {HmacKey}\n{setting}";
        using AccessPolicy policy = AccessFile.Parse(Encoding.UTF8.GetBytes(access), "access.conf", TimeZoneInfo.Utc).Value!;
        ListenerSetup setup = new() { Capture = CaptureMode.Udp, MaxPacketAge = 120, Stanzas = policy.Stanzas };
        Datagram datagram = new()
        {
            Payload = packet.Bytes.Span,
            SourceBits = PackedAddress.From(IPAddress.Parse("10.0.0.1")),
            DestinationBits = PackedAddress.From(IPAddress.Parse("10.0.0.254")),
            SourcePort = 40000,
            DestinationPort = 62201,
            Protocol = IpProtocol.Udp,
        };
        Verdict verdict = new();
        new Pipeline(setup).Process(datagram, Now, verdict);

        using StringWriter output = new() { NewLine = "\n" };
        new VerdictLog(new ListenerLog(output, verbosity), new NoiseLimit(TimeProvider.System)).Write(datagram, Now, verdict);
        return [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(LogLine.Parse).Select(line => $"<{(int)line.Level}>{line.Text}")];
    }

    private static SpaPacket Seal(string username, string? serverAuth = null)
    {
        using PacketKeys keys = new(
            EncryptionKey.FromBytes(Encoding.ASCII.GetBytes(Key)), Protocol.HmacKey.FromBytes(Encoding.ASCII.GetBytes(HmacKey)));
        SpaMessage message = new()
        {
            RandomValue = "1234567890123456",
            Username = username,
            Timestamp = Now.ToUnixTimeSeconds(),
            Type = MessageType.Access,
            Message = "1.2.3.4,tcp/22",
            ServerAuth = serverAuth is null ? (FieldText?)null : FieldText.FromString(serverAuth),
        };
        return SpaPacket.Seal(message, keys);
    }
}
