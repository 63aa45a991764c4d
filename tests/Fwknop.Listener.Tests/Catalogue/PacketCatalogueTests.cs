using System.Globalization;
using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Grants;
using Fwknop.Listener.Capture;
using Fwknop.Listener.DecryptionQueue;
using Fwknop.Listener.Dispatch;
using Fwknop.Listener.Tests.DecryptionQueue;
using Fwknop.Listener.Tests.Dispatch;
using Fwknop.Protocol;
using Fwknop.TestSupport;
using static Fwknop.Listener.Tests.Arriving;

namespace Fwknop.Listener.Tests.Catalogue;

/// <summary>
/// Every check of server.md 6 as one row: which line at which level, which outcome, and whether the next stanza is asked. What the daemon does with a packet
/// (steps 14, 23, 24 and 27) is in the daemon's table.
/// </summary>
public sealed class PacketCatalogueTests
{
    private const string Prefix = "[10.0.0.1] (stanza #1)";
    private const string Match = "<6>(stanza #1) SPA Packet from IP: 10.0.0.1 received with access source match";
    private const string NotAuthentic = "<4>[10.0.0.1] SPA packet is not authentic for any stanza";
    private const string CompareFail = "Error creating fko context: Args contain invalid data: FKO_ERROR_INVALID_DATA_HMAC_COMPAREFAIL";
    private const string Totp = "TOTP_SECRET GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n";

    private const string Key = "1111222233334444555566667777888899990000";
    private const string Gpg = "SOURCE 10.0.0.0/8\nGPG_ALLOW_NO_PW Y\nHMAC_KEY h\n";
    private const string Signed = $"<6>{Prefix} Incoming SPA data signed by '99990000' (fingerprint '{Key}').";

    private static readonly OpenPgpSignature Signature = new(Key, SignatureStatus.Good, SignatureValidity.Full);

    private static readonly PacketRow[] Rows =
    [
        Malformed("1", "too short", new string('A', 139), 4096, "Data is not a valid SPA message format"),
        Malformed("1", "too long", new string('A', 1501), 4096, "Data is not a valid SPA message format"),
        Malformed("2", "prefix of a symmetric packet", "U2FsdGVkX1" + new string('A', 200), 4096, "Data is not a valid SPA message format"),
        Malformed("3", "prefix of an OpenPGP packet", "hQ" + new string('A', 399), 4096, "Data is not a valid SPA message format"),
        Malformed("4", "not base64", new string('!', 200), 4098, "Data is not an SPA message"),
        Malformed("4", "a request of another program", $"GET /{new string('A', 200)} HTTP/1.1\r\nUser-Agent: curl\r\n\r\n", 4096, "Data is not a valid SPA message format")
            with { Setup = setup => setup with { AcceptHttp = true } },
        Malformed("4", "silent without -v", new string('!', 200), 4098, "") with { Verbosity = 0, Lines = [], Event = null },
        new("5", "no stanza for the source", Knock)
        {
            Source = "192.0.2.1", Outcome = Outcome.NoAccessData, AsksNext = false,
            Lines = ["<4>No access data found for source IP: 192.0.2.1"], Event = "packet.unknown_source",
        },
        new("6, 7.2", "replay", Knock)
        {
            IsReplay = true, Outcome = Outcome.Replay, AsksNext = false,
            Lines =
            [
                "<4>Replay detected from source IP: 10.0.0.1, Destination proto/port: 17/62201, Original source IP: 10.0.0.9, "
                + $"Original dst proto/port: 17/62201, Entry created: {Now.AddSeconds(-60).ToLocalTime().ToString("MM/dd/yy HH:mm:ss", CultureInfo.InvariantCulture)}",
            ],
            Event = "packet.replayed",
        },
        Filtered("SOURCE", "SOURCE 10.9.0.0/16\nKEY k\nHMAC_KEY h\n"),
        Filtered("DESTINATION", "SOURCE 10.0.0.0/8\nDESTINATION 192.0.2.9\nKEY k\nHMAC_KEY h\n"),
        Filtered("silent without -v", "SOURCE 10.9.0.0/16\nKEY k\nHMAC_KEY h\n") with { Verbosity = 0, Lines = [], Event = null },
        new("8", "the packet with -v", () => Encoding.ASCII.GetBytes(new string('A', 200)))
        {
            Verbosity = 1, Outcome = Outcome.NotAuthentic, AsksNext = true,
            Lines =
            [
                Match, $"<7>SPA Packet: '{new string('A', 200)}'", "<6>(stanza #1) Non-corresponding HMAC for this stanza", $"<7>{Prefix} {CompareFail}", NotAuthentic,
            ],
            Event = "packet.unauthenticated",
        },
        new("9", "the stanza is past its end", Knock)
        {
            Stanza = "ACCESS_EXPIRE_EPOCH 1799999999\n", Outcome = Outcome.StanzaExpired, AsksNext = true,
            Lines = [Match, $"<6>{Prefix} Access stanza has expired"], Event = "packet.refused",
        },
        new("13", "type 2 and no stanza that takes it", () => Encoding.ASCII.GetBytes(new string('A', 400)))
        {
            Outcome = Outcome.NoEncryptionMatch, AsksNext = true,
            Lines = [Match, $"<3>{Prefix} No stanza encryption mode match for encryption type: 2.", NotAuthentic], Event = "packet.unauthenticated",
        },
        new("13", "HMAC of another key, texts of 2.6.11", () => Seal("1.2.3.4,tcp/22", hmacKey: "other"))
        {
            Outcome = Outcome.NotAuthentic, AsksNext = true,
            Lines = [Match, "<6>(stanza #1) Non-corresponding HMAC for this stanza", NotAuthentic], Event = "packet.unauthenticated",
        },
        new("13", "HMAC of another key, texts of 2.6.10", () => Seal("1.2.3.4,tcp/22", hmacKey: "other"))
        {
            UsesOldTexts = true, Outcome = Outcome.NotAuthentic, AsksNext = true,
            Lines = [Match, $"<4>{Prefix} {CompareFail}", NotAuthentic], Event = "packet.unauthenticated",
        },
        new("13", "another encryption key", () => Seal("1.2.3.4,tcp/22", key: "other"))
        {
            Outcome = Outcome.NotAuthentic, AsksNext = true,
            Lines = [Match, $"<4>{Prefix} Error creating fko context: Decryption failed or decrypted data is invalid", NotAuthentic], Event = "packet.unauthenticated",
        },
        new("12", "GPG, HMAC of another key", () => SealGpg("other"))
        {
            Begin = Gpg, Stanza = "GPG_REMOTE_ID 99990000\n", Outcome = Outcome.NotAuthentic, AsksNext = true,
            Lines =
            [
                Match, $"<4>{Prefix} Error creating fko context (before decryption): Args contain invalid data: FKO_ERROR_INVALID_DATA_HMAC_COMPAREFAIL", NotAuthentic,
            ],
            Event = "packet.unauthenticated",
        },
        new("13", "GPG, no signature", () => SealGpg("h"))
        {
            Begin = Gpg, Stanza = "GPG_REMOTE_ID 99990000\n", Outcome = Outcome.NotAuthentic, AsksNext = true,
            Lines = [Match, $"<4>{Prefix} Error creating fko context: Missing GPG signature", $"<4>{Prefix} - GPG ERROR: ", NotAuthentic], Event = "packet.unauthenticated",
        },
        new("13", "GPG, the signer is not in the keyring", () => SealGpg("h"))
        {
            Begin = Gpg, Stanza = "GPG_REMOTE_ID 99990000\n", Outcome = Outcome.NotAuthentic, AsksNext = true,
            Signatures = [Signature with { Status = SignatureStatus.KeyMissing, Validity = SignatureValidity.Unknown }],
            Lines = [Match, $"<4>{Prefix} Error creating fko context: Bad GPG signature", $"<4>{Prefix} - GPG ERROR: No public key", NotAuthentic],
            Event = "packet.unauthenticated",
        },
        new("16", "GPG, signed", () => SealGpg("h"))
        {
            Begin = Gpg, Stanza = "GPG_REMOTE_ID 99990000\n", Signatures = [Signature], Outcome = Outcome.Granted, AsksNext = false,
            Lines = [Match, Signed], Event = "packet.signed",
        },
        new("16", "GPG, fingerprint not listed", () => SealGpg("h"))
        {
            Begin = Gpg, Stanza = $"GPG_FINGERPRINT_ID {Key[..^1]}1\n", Signatures = [Signature], Outcome = Outcome.FingerprintNotListed, AsksNext = true,
            Lines = [Match, Signed, $"<4>{Prefix} Incoming SPA packet signed by: {Key}, but that fingerprint is not in the GPG_FINGERPRINT_ID list."],
            Event = "packet.refused",
        },
        new("16", "GPG, id not listed", () => SealGpg("h"))
        {
            Begin = Gpg, Stanza = "GPG_REMOTE_ID 12345678\n", Signatures = [Signature], Outcome = Outcome.SignerNotListed, AsksNext = true,
            Lines = [Match, Signed, $"<4>{Prefix} Incoming SPA packet signed by ID: 99990000, but that ID is not in the GPG_REMOTE_ID list."],
            Event = "packet.refused",
        },
        Refused("18", "the client's clock", Outcome.TooOld, "SPA data time difference is too great (121 seconds).")
            with { Payload = () => Seal("1.2.3.4,tcp/22", age: 121) },
        Refused("20", "address left open where one is required", Outcome.SourceRequired, "Got 0.0.0.0 when valid source IP was required.")
            with { Stanza = "REQUIRE_SOURCE_ADDRESS Y\n", Payload = () => Seal("0.0.0.0,tcp/22") },
        Refused(
            "20", "a trusted proxy that names nobody", Outcome.UnknownClient,
            "Got 0.0.0.0 through a proxy of TRUSTED_PROXIES whose X-Forwarded-For names no client within SOURCE; nothing is opened for the proxy itself.")
            with
        {
            Payload = () => [.. "GET /"u8, .. Seal("0.0.0.0,tcp/22").Select(UrlLetter), .. " HTTP/1.1\r\nUser-Agent: Fwknop/2\r\n\r\n"u8],
            Protocol = IpProtocol.Tcp,
            Setup = setup => setup with { AcceptHttp = true, TrustedProxies = AddressList.Any },
        },
        Refused("21", "another user", Outcome.WrongUsername, "Username in SPA data (alice) does not match required username: bob")
            with { Stanza = "REQUIRE_USERNAME bob\n" },
        new("22", "NAT", () => Seal("1.2.3.4,tcp/22", MessageType.NatAccess))
        {
            Outcome = Outcome.NatDisabled, AsksNext = true,
            Lines = [Match, "<4>(stanza #1) SPA packet from 10.0.0.1 requested NAT access, but is not enabled/supported"], Event = "packet.refused",
        },
        new("22", "local NAT", () => Seal("1.2.3.4,tcp/22", MessageType.LocalNatAccess))
        {
            Outcome = Outcome.NatDisabled, AsksNext = true,
            Lines = [Match, "<4>(stanza #1) SPA packet from 10.0.0.1 requested NAT access, but is not enabled/supported"], Event = "packet.refused",
        },
        Refused("9.4", "NAT with ipfw", Outcome.NatUnsupported, "Forwarding/NAT requests are not currently supported.") with
        {
            Payload = () => Seal("1.2.3.4,tcp/22", MessageType.NatAccess), Setup = setup => setup with { Nat = NatSettings.Unsupported },
        },
        Refused("9.4", "local NAT with ipfw", Outcome.NatUnsupported, "Local NAT requests are not currently supported.") with
        {
            Payload = () => Seal("1.2.3.4,tcp/22", MessageType.LocalNatAccess), Setup = setup => setup with { Nat = NatSettings.Unsupported },
        },
        NatRefused("27, 9.2.3", "NAT to nobody", "0.0.0.0,22", Outcome.NatAddressInvalid, "Invalid NAT IP in SPA message"),
        NatRefused("27, 9.2.3", "NAT to no other host", "169.254.169.254,80", Outcome.NatAddressInvalid, "Invalid NAT IP in SPA message"),
        NatRefused("27, 9.2.3", "NAT to a host that is not allowed", "192.168.2.2,22", Outcome.NatTargetDenied, "")
            with
        {
            Stanza = "NAT_TARGETS 192.168.1.0/24 tcp/22\n",
            Lines = [Match, $"<4>{Prefix} Requested NAT destination was denied per access.conf."],
        },
        NatRefused("27, 9.2.3", "NAT to a restricted port of this host", "", Outcome.PortDenied, "")
            with
        {
            Stanza = "RESTRICT_PORTS tcp/22\n",
            Payload = () => Seal("1.2.3.4,tcp/80", MessageType.LocalNatAccess, nat: "192.0.2.1,22"),
            Setup = setup => setup with { Nat = NatSettings.Off with { ForwardsLocally = true } },
            Lines = [Match, $"<4>{Prefix} One or more requested protocol/ports was denied per access.conf."],
        },
        NatRefused("27, 9.2.3", "NAT of a port that FORCE_NAT is not for", "192.168.1.2,22", Outcome.NatPortInvalid, "Invalid NAT port in SPA message")
            with { Stanza = "FORCE_NAT 192.168.1.2 22 tcp/2222\n" },
        NatRefused("27, 9.2.3", "NAT to a host of the other family", "2001:db8::1,22", Outcome.NatAddressInvalid, "Invalid NAT IP in SPA message"),
        NatRefused("27, 9.2.3", "NAT to no host name", "a;b,22", Outcome.NatNameInvalid, "Invalid Hostname in NAT SPA message"),
        NatRefused("27, 9.2.3", "NAT to a host name", "host.example,22", Outcome.NatNameDisabled, "Received Hostname in NAT SPA message, but hostname is disabled.")
            with { Setup = setup => setup with { Nat = NatSettings.Off with { Forwards = true } } },
        NatRefused("27, 9.2.3", "NAT of a range", "192.168.1.2,22", Outcome.NatPortInvalid, "Invalid NAT port in SPA message")
            with { Stanza = "OPEN_PORTS tcp/20-30\nALLOW_NO_PORTS Y\nFORCE_NAT 192.168.1.2 22\n", Payload = () => Seal("1.2.3.4,none/0") },
        new("27", "NAT", () => Seal("1.2.3.4,tcp/22", MessageType.NatAccess))
        {
            Setup = WithNat, Outcome = Outcome.Granted, AsksNext = false, Lines = [Match], Event = "packet.matched",
        },
        new("23, 8.2", "a cycle needs a port", () => Seal("1.2.3.4,id -u,tcp/22", MessageType.Command))
        {
            Stanza = "CMD_CYCLE_OPEN true\nCMD_CYCLE_CLOSE NONE\n", Outcome = Outcome.CycleWithoutPort, AsksNext = true,
            Lines = [Match, "<3>[*] Parse error on access port entry: id -u", $"<3>{Prefix} Could not build CMD_CYCLE_OPEN command."], Event = "packet.refused",
        },
        Refused("24", "commands are not allowed", Outcome.CommandDisabled, "SPA Command messages are not allowed in the current configuration.")
            with { Payload = () => Seal("1.2.3.4,id", MessageType.Command) },
        Refused("24", "a command in test mode", Outcome.CommandInTestMode, "--test mode enabled, skipping command execution.")
            with
        {
            Stanza = "ENABLE_CMD_EXEC Y\n", Payload = () => Seal("1.2.3.4,id", MessageType.Command), Event = "packet.tested",
            Setup = setup => setup with { TestMode = true },
        },
        new("24", "a command that is run", () => Seal("1.2.3.4,id", MessageType.Command))
        {
            Stanza = "ENABLE_CMD_EXEC Y\n", Outcome = Outcome.Commanded, AsksNext = false, Lines = [Match], Event = "packet.matched",
        },
        Refused("25", "a port that is not open", Outcome.PortDenied, "One or more requested protocol/ports was denied per access.conf.")
            with { Stanza = "OPEN_PORTS tcp/80\n" },
        Refused("25", "a restricted port", Outcome.PortDenied, "One or more requested protocol/ports was denied per access.conf.")
            with { Stanza = "RESTRICT_PORTS tcp/22\n" },
        Refused("26", "test mode", Outcome.TestMode, "--test mode enabled, skipping firewall manipulation.")
            with { Event = "packet.tested", Setup = setup => setup with { TestMode = true } },
        new("27", "granted", Knock) { Outcome = Outcome.Granted, AsksNext = false, Lines = [Match], Event = "packet.matched" },
        Refused("ours", "ACCESS_HOURS", Outcome.OutsideHours, "The stanza is not in force at this time (ACCESS_HOURS {0}).")
            with { Stanza = $"ACCESS_HOURS {OtherDay}\n" },
        Refused("ours", "no one-time password", Outcome.WrongOneTimePassword, "The one-time password (TOTP) is missing, wrong or has been used.")
            with { Stanza = Totp },
    ];

    private static readonly UnwrittenLine[] Unwritten =
    [
        new("6.14", "(stanza #{number}) Could not add digest", "the daemon records packets, all of a moment at once and before it looks at stanzas: its line names the source alone"),
        new("6.19", "Error parsing SPA message string", "the decoder takes no message that cannot be split"),
        new("6.19", "Invalid source IP in SPA message", "the decoder takes no message without an address"),
    ];

    private static readonly Dictionary<int, KeyringPlace> Keyrings = new() { [1] = new(5, 0) };

    public static TheoryData<string> Names => [.. Rows.Select(row => row.Name)];

    public static TheoryData<string> UnwrittenSteps => [.. Unwritten.Select(line => $"{line.Step}: {line.Text}")];

    [Theory]
    [MemberData(nameof(Names))]
    public void Line_level_outcome_and_next_stanza(string name)
    {
        PacketRow row = Rows.Single(row => row.Name == name);
        using AccessPolicy policy = row.ReadPolicy();
        Pipeline pipeline = new(row.Setup(new ListenerSetup { Capture = CaptureMode.Udp, MaxPacketAge = 120, Stanzas = policy.Stanzas, Keyrings = Keyrings }));
        byte[] payload = row.Payload();
        Verdict verdict = new();
        if (row.IsReplay)
        {
            pipeline.Process(Packet(payload, "10.0.0.9"), Now.AddSeconds(-60), verdict);
            Assert.NotNull(verdict.Request);
        }

        Datagram datagram = Packet(payload, row.Source) with { Protocol = row.Protocol };
        pipeline.Process(datagram, Now, verdict);
        if (verdict.Outcome == Outcome.AwaitsDecryption)
        {
            IReadOnlyList<DecryptionTask> wanted = verdict.Wanted;
            EnclosedOpenPgp.Answer(wanted, row.Signatures);
            pipeline.Process(datagram, Now, verdict, wanted);
        }

        using StringWriter output = new() { NewLine = "\n" };
        new VerdictLog(new ListenerLog(output, row.Verbosity), new NoiseLimit(new ManualClock()), row.UsesOldTexts).Write(datagram, Now, verdict);

        StanzaVerdict first = verdict.Stanzas is [var found, ..] ? found : default;
        LogLine[] lines = [.. output.ToString().Split('\n').SkipLast(1).Select(LogLine.Parse).Where(line => !line.Text.Contains("(stanza #2)", StringComparison.Ordinal))];
        Assert.Equal(row.Outcome, verdict.Outcome == Outcome.None ? first.Outcome : verdict.Outcome);
        Assert.Equal(row.AsksNext, verdict.Stanzas.Any(stanza => stanza.Stanza.Number == 2));
        Assert.Equal(
            row.Lines.Select(line => line.Replace("{0}", $"{first.Stanza?.Schedule}", StringComparison.Ordinal)), lines.Select(line => $"<{(int)line.Level}>{line.Text}"));
        Assert.Equal(row.Event, lines.LastOrDefault()?.Event?.Kind.Name);
        Assert.All(
            lines.Where(line => line.Event is not null),
            line => Assert.Contains(LogField.Source, line.Event!.Values.Select(value => value.Key)));
    }

    [Theory]
    [MemberData(nameof(UnwrittenSteps))]
    public void Lines_that_are_not_written_are_so_for_a_reason(string step)
    {
        UnwrittenLine line = Unwritten.Single(line => $"{line.Step}: {line.Text}" == step);
        Assert.Null(line.FindWriter());
        Assert.NotEmpty(line.Reason);
    }

    [Fact]
    public void Every_outcome_has_a_row()
    {
        Outcome[] covered = [.. Rows.Select(row => row.Outcome).Distinct()];
        Outcome[] withoutStanza = [Outcome.None, Outcome.SecondSight, Outcome.AwaitsDecryption, Outcome.TooManyWait];
        Assert.Equal(withoutStanza, Enum.GetValues<Outcome>().Except(covered));
    }

    private static PacketRow Malformed(string step, string what, string payload, int code, string text) => new(step, what, () => Encoding.ASCII.GetBytes(payload))
    {
        Verbosity = 1,
        Outcome = code == 4096 ? Outcome.BadData : Outcome.NotSpaData,
        AsksNext = false,
        Lines = [$"<7>[10.0.0.1] preprocess_spa_data() returned error {code}: '{text}' for incoming packet."],
        Event = "packet.malformed",
    };

    private static PacketRow Filtered(string what, string begin) => new("7", what, Knock)
    {
        Begin = begin,
        Verbosity = 1,
        Outcome = Outcome.Filtered,
        AsksNext = true,
        Lines = ["<7>(stanza #1) SPA packet (10.0.0.1 -> 10.0.0.254) filtered by SOURCE and/or DESTINATION criteria"],
        Event = "packet.filtered",
    };

    private static PacketRow Refused(string step, string what, Outcome outcome, string text) => new(step, what, Knock)
    {
        Outcome = outcome,
        AsksNext = true,
        Lines = [Match, $"<4>{Prefix} {text}"],
        Event = "packet.refused",
    };

    private static PacketRow NatRefused(string step, string what, string target, Outcome outcome, string text) =>
        new(step, what, () => Seal("1.2.3.4,tcp/22", MessageType.NatAccess, nat: target))
        {
            Setup = WithNat,
            Outcome = outcome,
            AsksNext = true,
            Lines = [Match, $"<6>{Prefix} {text}"],
            Event = "packet.refused",
        };

    private static ListenerSetup WithNat(ListenerSetup setup) => setup with { Nat = NatSettings.Off with { Forwards = true, ResolvesNames = true } };

    /// <summary>The day of the week on which the packets do not come, wherever the test runs.</summary>
    private static string OtherDay => $"{Now.ToLocalTime().AddDays(3).ToString("ddd", CultureInfo.InvariantCulture)} 00:00-24:00";

    private static byte[] Knock() => Seal("1.2.3.4,tcp/22");

    private static byte[] Seal(string message, MessageType type = MessageType.Access, string key = "k", string hmacKey = "h", int age = 0, string nat = "192.168.1.2,22")
    {
        using PacketKeys keys = new(EncryptionKey.FromBytes(Encoding.ASCII.GetBytes(key)), HmacKey.FromBytes(Encoding.ASCII.GetBytes(hmacKey)));
        return SpaPacket.Seal(Fields(message, type, age) with { NatAccess = MessageRules.CarriesNatAccess(type) ? nat : default(FieldText?) }, keys).Bytes.ToArray();
    }

    private static byte[] SealGpg(string hmacKey)
    {
        using PacketKeys keys = new(new EnclosedOpenPgp(), HmacKey.FromBytes(Encoding.ASCII.GetBytes(hmacKey)));
        return SpaPacket.Seal(Fields("1.2.3.4,tcp/22", MessageType.Access, age: 0), keys).Bytes.ToArray();
    }

    private static byte UrlLetter(byte letter) => letter switch { (byte)'+' => (byte)'-', (byte)'/' => (byte)'_', _ => letter };

    private static SpaMessage Fields(string message, MessageType type, int age)
    {
        return new SpaMessage
        {
            RandomValue = Random.Shared.NextInt64(1_000_000_000_000_000, 9_999_999_999_999_999).ToString(CultureInfo.InvariantCulture),
            Username = "alice",
            Timestamp = Now.ToUnixTimeSeconds() - age,
            Type = type,
            Message = message,
        };
    }
}
