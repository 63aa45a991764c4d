using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Listener.Capture;
using Fwknop.Listener.Dispatch;
using Fwknop.Protocol;
using static Fwknop.Listener.Tests.Arriving;

namespace Fwknop.Listener.Tests.DecryptionQueue;

/// <summary>Steps 10 to 16 of server.md 6 for OpenPGP packets: looked at, decrypted elsewhere, decided.</summary>
public sealed class OpenPgpPipelineTests
{
    private const string Key = "1111222233334444555566667777888899990000";
    private const string Gpg = "SOURCE ANY\nGPG_ALLOW_NO_PW Y\n";
    private const string Signed = Gpg + "GPG_REMOTE_ID 99990000\n";
    private const string Hmac = "HMAC_KEY h\n";

    private static readonly OpenPgpSignature Good = new(Key, SignatureStatus.Good, SignatureValidity.Full);

    /// <summary>name, access.conf, signature, outcomes by stanza, last line of the log.</summary>
    public static TheoryData<string, string, string, string, string> Rows => new()
    {
        { "signed", Signed + Hmac, "good", "Granted", $"<6>[10.0.0.1] (stanza #1) Incoming SPA data signed by '99990000' (fingerprint '{Key}')." },
        { "not signed", Signed + Hmac, "none", "NotAuthentic", "<4>[10.0.0.1] SPA packet is not authentic for any stanza" },
        { "bad signature", Signed + Hmac, "bad", "NotAuthentic", "<4>[10.0.0.1] SPA packet is not authentic for any stanza" },
        { "key not vouched for", Signed + Hmac, "undefined", "NotAuthentic", "<4>[10.0.0.1] SPA packet is not authentic for any stanza" },
        { "marginally vouched for", Signed + Hmac, "marginal", "Granted", $"<6>[10.0.0.1] (stanza #1) Incoming SPA data signed by '99990000' (fingerprint '{Key}')." },
        { "two signatures", Signed + Hmac, "two", "NotAuthentic", "<4>[10.0.0.1] SPA packet is not authentic for any stanza" },
        { "bad signature ignored", Signed + Hmac + "GPG_IGNORE_SIG_VERIFY_ERROR Y\n", "bad", "Granted", $"<6>[10.0.0.1] (stanza #1) Incoming SPA data signed by '99990000' (fingerprint '{Key}')." },
        { "errors ignored, no signature", Signed + Hmac + "GPG_IGNORE_SIG_VERIFY_ERROR Y\n", "none", "NotAuthentic", "<4>[10.0.0.1] SPA packet is not authentic for any stanza" },
        { "signatures not looked at", Gpg + "GPG_DISABLE_SIG Y\n" + Hmac, "none", "Granted", "<6>(stanza #1) SPA Packet from IP: 10.0.0.1 received with access source match" },
        { "not looked at, and not told", Gpg + "GPG_DISABLE_SIG Y\n" + Hmac, "good", "Granted", "<6>(stanza #1) SPA Packet from IP: 10.0.0.1 received with access source match" },
        { "another id", Gpg + "GPG_REMOTE_ID 12345678\n" + Hmac, "good", "SignerNotListed", "<4>[10.0.0.1] (stanza #1) Incoming SPA packet signed by ID: 99990000, but that ID is not in the GPG_REMOTE_ID list." },
        { "another fingerprint", Gpg + $"GPG_FINGERPRINT_ID 0{Key[1..]}\n" + Hmac, "good", "FingerprintNotListed", $"<4>[10.0.0.1] (stanza #1) Incoming SPA packet signed by: {Key}, but that fingerprint is not in the GPG_FINGERPRINT_ID list." },
        { "the fingerprint is looked at first", Gpg + $"GPG_FINGERPRINT_ID 0{Key[1..]}\nGPG_REMOTE_ID 12345678\n" + Hmac, "good", "FingerprintNotListed", $"<4>[10.0.0.1] (stanza #1) Incoming SPA packet signed by: {Key}, but that fingerprint is not in the GPG_FINGERPRINT_ID list." },
        { "the next stanza lists the signer", Gpg + "GPG_REMOTE_ID 12345678\n" + Hmac + Signed + Hmac, "good", "SignerNotListed Granted", $"<6>[10.0.0.1] (stanza #2) Incoming SPA data signed by '99990000' (fingerprint '{Key}')." },
        { "signer before age", Gpg + "GPG_REMOTE_ID 12345678\nREQUIRE_USERNAME bob\n" + Hmac, "good", "SignerNotListed", "<4>[10.0.0.1] (stanza #1) Incoming SPA packet signed by ID: 99990000, but that ID is not in the GPG_REMOTE_ID list." },
        { "later checks hold", Signed + Hmac + "OPEN_PORTS tcp/80\n", "good", "PortDenied", "<4>[10.0.0.1] (stanza #1) One or more requested protocol/ports was denied per access.conf." },
        { "no GPG stanza", $"SOURCE ANY\nKEY k\n{Hmac}", "good", "NoEncryptionMatch", "<4>[10.0.0.1] SPA packet is not authentic for any stanza" },
        { "symmetric key, too", Signed + "KEY k\n" + Hmac, "good", "Granted", $"<6>[10.0.0.1] (stanza #1) Incoming SPA data signed by '99990000' (fingerprint '{Key}')." },
        { "symmetric key and commands", Signed + "KEY k\nENABLE_CMD_EXEC Y\n" + Hmac, "good", "Granted", $"<6>[10.0.0.1] (stanza #1) Incoming SPA data signed by '99990000' (fingerprint '{Key}')." },
        { "expired", Signed + Hmac + "ACCESS_EXPIRE_EPOCH 1799999999\n", "good", "StanzaExpired", "<6>[10.0.0.1] (stanza #1) Access stanza has expired" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Finds(string name, string access, string signature, string expected, string lastLine)
    {
        using AccessPolicy policy = Read(access);
        Pipeline pipeline = new(Setup(policy));
        Verdict verdict = new();
        Decide(pipeline, Packet(Seal(Hmac.Length > 0 ? "h" : null)), verdict, Signatures(signature));

        Assert.Equal((name, expected), (name, string.Join(' ', verdict.Stanzas.Select(stanza => stanza.Outcome))));
        Assert.Equal(expected.EndsWith("Granted", StringComparison.Ordinal), verdict.Request is not null);
        Assert.Equal(lastLine, Lines(verdict)[^1]);
    }

    [Theory]
    [InlineData("none", "Missing GPG signature", "")]
    [InlineData("bad", "Bad GPG signature", "Bad signature")]
    [InlineData("missing", "Bad GPG signature", "No public key")]
    [InlineData("undefined", "Bad GPG signature", "")]
    public void Tells_what_is_wrong_with_a_signature(string signature, string text, string reason)
    {
        using AccessPolicy policy = Read(Signed + Hmac);
        Verdict verdict = new();
        Decide(new Pipeline(Setup(policy)), Packet(Seal("h")), verdict, Signatures(signature));

        Assert.Equal(
            [
                "<6>(stanza #1) SPA Packet from IP: 10.0.0.1 received with access source match",
                $"<4>[10.0.0.1] (stanza #1) Error creating fko context: {text}",
                $"<4>[10.0.0.1] (stanza #1) - GPG ERROR: {reason}",
                "<4>[10.0.0.1] SPA packet is not authentic for any stanza",
            ],
            Lines(verdict));
    }

    [Fact]
    public void Tells_why_gpg_did_not_decrypt()
    {
        using AccessPolicy policy = Read(Signed + Hmac);
        Pipeline pipeline = new(Setup(policy));
        Verdict verdict = new();
        Datagram packet = Packet(Seal("h"));
        pipeline.Process(packet, Now, verdict);
        Assert.Single(verdict.Wanted).Answer = new DecryptionAnswer(Rejection.GpgmeDecryptFailed, "No secret key", null);
        pipeline.Process(packet, Now, verdict, verdict.Wanted);

        Assert.Equal("<4>[10.0.0.1] (stanza #1) Error creating fko context: Decryption operation failed", Lines(verdict)[1]);
        Assert.Equal("<4>[10.0.0.1] (stanza #1) - GPG ERROR: No secret key", Lines(verdict)[2]);
        Assert.Null(verdict.Spent);
    }

    [Fact]
    public void Asks_gpg_only_after_a_right_HMAC()
    {
        using AccessPolicy policy = Read(Signed + Hmac);
        Verdict verdict = new();
        new Pipeline(Setup(policy)).Process(Packet(Seal("another")), Now, verdict);

        Assert.Empty(verdict.Wanted);
        Assert.Equal(Outcome.NotAuthentic, Assert.Single(verdict.Stanzas).Outcome);
        Assert.Equal(
            "<4>[10.0.0.1] (stanza #1) Error creating fko context (before decryption): Args contain invalid data: FKO_ERROR_INVALID_DATA_HMAC_COMPAREFAIL",
            Lines(verdict)[1]);
    }

    [Theory]
    [InlineData("SOURCE 10.9.9.9\nGPG_ALLOW_NO_PW Y\nGPG_REMOTE_ID 12345678\nSOURCE ANY\nKEY k\n", "Filtered NoEncryptionMatch")]
    [InlineData(Signed + "ACCESS_EXPIRE_EPOCH 1\n", "StanzaExpired")]
    public void Does_not_ask_for_a_stanza_that_is_not_meant(string access, string expected)
    {
        using AccessPolicy policy = Read(access);
        Verdict verdict = new();
        new Pipeline(Setup(policy)).Process(Packet(Seal(null)), Now, verdict);

        Assert.Empty(verdict.Wanted);
        Assert.Equal(expected, string.Join(' ', verdict.Stanzas.Select(stanza => stanza.Outcome)));
    }

    [Fact]
    public void Asks_once_for_stanzas_with_one_keyring()
    {
        using AccessPolicy policy = Read(Signed + Signed + Signed);
        Verdict verdict = new();
        KeyringPlace one = new(5, 0);
        KeyringPlace other = new(5, 1);
        ListenerSetup setup = Setup(policy) with { Keyrings = new Dictionary<int, KeyringPlace> { [1] = one, [2] = other, [3] = one } };
        new Pipeline(setup).Process(Packet(Seal(null)), Now, verdict);

        Assert.Equal([one, other], verdict.Wanted.Select(task => task.Place));
    }

    /// <summary>A short packet is symmetric, whatever is in it (server.md 6, step 10).</summary>
    [Fact]
    public void Does_not_take_a_short_packet_for_OpenPGP()
    {
        using AccessPolicy policy = Read(Signed);
        using PacketKeys keys = new(EncryptionKey.FromBytes("k"u8));
        Verdict verdict = new();
        new Pipeline(Setup(policy)).Process(Packet(SpaPacket.Seal(Message(), keys).Bytes.ToArray()), Now, verdict);

        Assert.Equal(Outcome.NoEncryptionMatch, Assert.Single(verdict.Stanzas).Outcome);
        Assert.Equal(
            ["<3>[10.0.0.1] (stanza #1) No stanza encryption mode match for encryption type: 1.", "<4>[10.0.0.1] SPA packet is not authentic for any stanza"],
            Lines(verdict)[1..]);
    }

    /// <summary>Otherwise every knock that is granted would look like a failure of its source.</summary>
    [Fact]
    public void Says_nothing_of_a_stanza_of_the_other_encryption_when_the_next_one_opens_the_packet()
    {
        using AccessPolicy policy = Read(Signed + Hmac + "SOURCE ANY\nKEY k\nHMAC_KEY h\n");
        using PacketKeys keys = new(EncryptionKey.FromBytes("k"u8), HmacKey.FromBytes("h"u8));
        Verdict verdict = new();
        new Pipeline(Setup(policy)).Process(Packet(SpaPacket.Seal(Message(), keys).Bytes.ToArray()), Now, verdict);

        Assert.Equal([Outcome.NoEncryptionMatch, Outcome.Granted], verdict.Stanzas.Select(stanza => stanza.Outcome));
        Assert.Equal(["<6>(stanza #2) SPA Packet from IP: 10.0.0.1 received with access source match"], Lines(verdict));
    }

    [Theory]
    [InlineData(Signed + Hmac, true)]
    [InlineData(Signed, false)]
    [InlineData(Signed + Signed + Hmac, true)]
    public void Tells_what_an_HMAC_vouches_for(string access, bool expected)
    {
        using AccessPolicy policy = Read(access);
        Verdict verdict = new();
        new Pipeline(Setup(policy)).Process(Packet(Seal(access.Contains(Hmac, StringComparison.Ordinal) ? "h" : null)), Now, verdict);
        Assert.Equal(Outcome.AwaitsDecryption, verdict.Outcome);
        Assert.Equal(expected, verdict.Wanted.Any(task => task.IsVouchedFor));
    }

    /// <summary>Without an HMAC the bytes of an OpenPGP message can be changed where its content cannot.</summary>
    [Fact]
    public void Knows_a_packet_again_that_was_written_anew()
    {
        using AccessPolicy policy = Read(Signed);
        Pipeline pipeline = new(Setup(policy));
        SpaMessage message = Message();
        Verdict verdict = new();
        Decide(pipeline, Packet(Seal(null, message)), verdict, Good);
        Assert.NotNull(verdict.Request);
        SeenPacket content = Assert.Single(verdict.SpentBesides);

        Decide(pipeline, Packet(Seal(null, message, variant: 1)), verdict, Good);
        Assert.Equal((Outcome.Replay, null), (verdict.Outcome, verdict.Request));
        Assert.Equal(content.Digest, verdict.Original.Digest);

        Decide(new Pipeline(Setup(policy) with { Seen = [content] }), Packet(Seal(null, message, variant: 2)), verdict, Good);
        Assert.Equal((Outcome.Replay, null), (verdict.Outcome, verdict.Request));
    }

    [Fact]
    public void Decides_two_that_wait_together_once()
    {
        using AccessPolicy policy = Read(Signed);
        Pipeline pipeline = new(Setup(policy));
        byte[] packet = Seal(null);
        Verdict first = new();
        Verdict second = new();
        pipeline.Process(Packet(packet), Now, first);
        pipeline.Process(Packet(packet), Now, second);
        EnclosedOpenPgp.Answer(first.Wanted, Good);
        EnclosedOpenPgp.Answer(second.Wanted, Good);

        pipeline.Process(Packet(packet), Now, first, first.Wanted);
        pipeline.Process(Packet(packet), Now, second, second.Wanted);

        Assert.NotNull(first.Request);
        Assert.Equal((Outcome.Replay, null), (second.Outcome, second.Request));
    }

    private static void Decide(Pipeline pipeline, in Datagram packet, Verdict verdict, params IReadOnlyList<OpenPgpSignature> signatures)
    {
        pipeline.Process(packet, Now, verdict);
        if (verdict.Outcome == Outcome.AwaitsDecryption)
        {
            Assert.Empty(verdict.Stanzas);
            IReadOnlyList<Fwknop.Listener.DecryptionQueue.DecryptionTask> wanted = verdict.Wanted;
            EnclosedOpenPgp.Answer(wanted, signatures);
            pipeline.Process(packet, Now, verdict, wanted);
        }
    }

    private static OpenPgpSignature[] Signatures(string name) => name switch
    {
        "good" => [Good],
        "marginal" => [Good with { Validity = SignatureValidity.Marginal }],
        "undefined" => [Good with { Validity = SignatureValidity.Undefined }],
        "bad" => [Good with { Status = SignatureStatus.Bad }],
        "missing" => [new(Key, SignatureStatus.KeyMissing, SignatureValidity.Unknown)],
        "two" => [Good, Good],
        _ => [],
    };

    private static string[] Lines(Verdict verdict)
    {
        using StringWriter lines = new() { NewLine = "\n" };
        new VerdictLog(new ListenerLog(lines, verbosity: 0), new NoiseLimit(TimeProvider.System)).Write(Packet([]), Now, verdict);
        return [.. lines.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(LogLine.Parse).Select(line => $"<{(int)line.Level}>{line.Text}")];
    }

    private static SpaMessage Message() => new()
    {
        RandomValue = Random.Shared.NextInt64(1_000_000_000_000_000, 9_999_999_999_999_999).ToString(System.Globalization.CultureInfo.InvariantCulture),
        Username = "alice",
        Timestamp = Now.ToUnixTimeSeconds(),
        Type = MessageType.Access,
        Message = "1.2.3.4,tcp/22",
    };

    private static byte[] Seal(string? hmacKey, SpaMessage? message = null, byte variant = 0)
    {
        HmacKey? key = hmacKey is null ? null : HmacKey.FromBytes(Encoding.ASCII.GetBytes(hmacKey));
        using PacketKeys keys = new(new EnclosedOpenPgp(variant), key);
        return SpaPacket.Seal(message ?? Message(), keys).Bytes.ToArray();
    }

    private static ListenerSetup Setup(AccessPolicy policy) => new()
    {
        Capture = CaptureMode.Udp,
        MaxPacketAge = 120,
        Stanzas = policy.Stanzas,
        Keyrings = policy.Stanzas.Where(stanza => stanza.Gpg is not null).ToDictionary(stanza => stanza.Number, _ => new KeyringPlace(5, 0)),
    };
}
