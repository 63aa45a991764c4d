using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.OpenPgp.Tests;

/// <summary>Packets made and opened again, with a keyring of both sides.</summary>
public sealed class SealTests(SealTests.BothHome both) : IClassFixture<SealTests.BothHome>
{
    private const string Passphrase = "pass phrase \u00e9";

    [GpgTheory]
    [InlineData(GpgHome.ClientFingerprint, HmacType.Sha256)]
    [InlineData(GpgHome.ClientFingerprint, HmacType.None)]
    [InlineData(null, HmacType.Sha512)]
    [InlineData(null, HmacType.None)]
    public void Opens_what_it_sealed(string? signer, HmacType hmacType)
    {
        using GpgOpenPgp gpg = ServerHome.On(both.Home, GpgHome.ServerFingerprint, signer);
        HmacKey? hmacKey = hmacType == HmacType.None ? null : HmacKey.Generate();
        using PacketKeys keys = new(gpg, hmacKey, hmacType, new SignaturePolicy { IsRequired = signer is not null });
        SpaMessage message = Message();

        Assert.True(SpaPacket.TrySeal(message, keys, DigestType.Sha256, out SpaPacket? packet, out Rejection why), $"{why} {gpg.Last.ErrorText}");
        Assert.Equal(signer, gpg.Last.SigningKey);
        Assert.True(SpaPacket.TryOpen(packet!.Bytes.Span, keys, out AuthenticMessage? opened, out why), $"{why} {gpg.Last.ErrorText}");

        Assert.Equal(message, opened!.Message);
        Assert.Equal(signer, opened.Signature?.Fingerprint);
        Assert.Equal(packet.Hmac, opened.Hmac);
        Assert.True(SpaPacket.TrySeal(message, keys, DigestType.Sha256, out SpaPacket? second, out _));
        Assert.NotEqual(packet.ReplayDigest, second!.ReplayDigest);
    }

    [GpgFact]
    public void Never_runs_gpg_for_a_packet_whose_HMAC_is_wrong()
    {
        using GpgOpenPgp gpg = ServerHome.On(both.Home, GpgHome.ServerFingerprint);
        using PacketKeys keys = new(gpg, HmacKey.Generate(), signaturePolicy: new SignaturePolicy { IsRequired = false });
        byte[] packet = SpaPacket.Seal(Message(), keys).Bytes.ToArray();
        packet[100] = (byte)(packet[100] == 'A' ? 'B' : 'A');
        ForbiddenOpenPgp forbidden = new();
        using PacketKeys sameKeys = new(forbidden, keys.HmacKey);

        Assert.False(SpaPacket.TryOpen(packet, sameKeys, out _, out Rejection why));
        Assert.Equal(Rejection.HmacMismatch, why);
    }

    [GpgFact]
    public void Signs_with_a_passphrase()
    {
        using GpgOpenPgp right = ServerHome.On(both.Home, GpgHome.ServerFingerprint, both.Protected, Passphrase);
        using GpgOpenPgp wrong = ServerHome.On(both.Home, GpgHome.ServerFingerprint, both.Protected, "wrong");
        using GpgOpenPgp none = ServerHome.On(both.Home, GpgHome.ServerFingerprint, both.Protected);

        Assert.Equal((Rejection.None, ""), Seal(right));
        Assert.Equal(both.Protected, right.Last.SigningKey);
        Assert.Equal((Rejection.GpgmeBadPassphrase, "Bad passphrase"), Seal(wrong));
        Assert.Equal((Rejection.GpgmeBadPassphrase, "No passphrase given"), Seal(none));
    }

    [GpgFact]
    public void Refuses_recipients_whose_packets_nobody_can_read()
    {
        using GpgOpenPgp curve = ServerHome.On(both.Home, both.Curve, GpgHome.ClientFingerprint);
        using GpgOpenPgp small = ServerHome.On(both.Home, both.Small, GpgHome.ClientFingerprint);
        using GpgOpenPgp noEncryption = ServerHome.On(both.Home, both.Protected, GpgHome.ClientFingerprint);

        Assert.Equal((Rejection.OpenPgpKeyUnsuitable, ""), Seal(curve));
        Assert.Equal((Rejection.OpenPgpKeyUnsuitable, ""), Seal(small));
        Assert.Equal((Rejection.GpgmeEncryptSign, "Unusable public key"), Seal(noEncryption));
    }

    [GpgFact]
    public void Refuses_what_does_not_fit()
    {
        // Both with 4096 bits: what cannot fit whatever the message.
        using GpgOpenPgp large = ServerHome.On(both.Home, both.Large, both.Large);
        Assert.Equal((Rejection.EncryptGpgResultMessageLengthInvalid, ""), Seal(large));
        Assert.InRange(SpaBase64.EncodedLength(large.Last.MessageLength), Limits.MaxText + 1, 2000);

        using GpgOpenPgp half = ServerHome.On(both.Home, both.Large, GpgHome.ClientFingerprint);
        Assert.Equal((Rejection.None, ""), Seal(half));
    }

    [Theory]
    [InlineData(299 - 2, true, Rejection.TooShortForOpenPgp)] // 396 characters with prefix
    [InlineData(300, true, Rejection.None)] // 400 with prefix, as the check of the HMAC restores it
    [InlineData(300, false, Rejection.TooShortForOpenPgp)] // 398 without prefix
    [InlineData(302, false, Rejection.None)]
    [InlineData(1092, true, Rejection.None)] // 1456 + 43 - 2
    [InlineData(1094, true, Rejection.EncryptGpgResultMessageLengthInvalid)]
    [InlineData(1124, false, Rejection.None)] // 1499
    [InlineData(1125, false, Rejection.EncryptGpgResultMessageLengthInvalid)] // 1500
    [InlineData(100000, false, Rejection.EncryptGpgResultMessageLengthInvalid)]
    [InlineData(0, false, Rejection.EncryptGpgResultMessageLengthInvalid)]
    public void Knows_the_limits(int length, bool hasHmac, Rejection expected)
    {
        using PacketKeys keys = new(new FixedOpenPgp(length), hasHmac ? HmacKey.Generate() : null);
        bool sealed_ = SpaPacket.TrySeal(Message(), keys, DigestType.Sha256, out SpaPacket? packet, out Rejection why);
        Assert.Equal(expected, why);
        Assert.Equal(expected == Rejection.None, sealed_);
        Assert.InRange(packet?.Bytes.Length ?? Limits.OpenPgpText, Limits.OpenPgpText - 2, Limits.MaxText);
    }

    private static SpaMessage Message() =>
        SpaMessage.Access("alice", DateTimeOffset.FromUnixTimeSeconds(1_754_276_251), null, PortSpec.Tcp(22));

    private static (Rejection Why, string Text) Seal(GpgOpenPgp gpg)
    {
        using PacketKeys keys = new(gpg, HmacKey.Generate());
        SpaPacket.TrySeal(Message(), keys, DigestType.Sha256, out _, out Rejection why);
        return (why, gpg.Last.ErrorText);
    }

    /// <summary>The keys of both sides, and some that do not do; made when first asked for.</summary>
    public sealed class BothHome : IDisposable
    {
        private readonly Lazy<GpgHome> _home = new(GpgHome.OfBoth);
        private readonly Lazy<string> _protected;
        private readonly Lazy<string> _curve;
        private readonly Lazy<string> _small;
        private readonly Lazy<string> _large;

        public BothHome()
        {
            _protected = new(() => Home.Generate("protected@spa-test.invalid", "ed25519", Passphrase));
            _curve = new(() => Home.Generate("curve@spa-test.invalid", "ed25519", "cv25519", "encr", ""));
            _small = new(() => Home.Generate("small@spa-test.invalid", "rsa1024", "rsa1024", "encr", ""));
            _large = new(() => Home.Generate("large@spa-test.invalid", "rsa4096", "rsa4096", "encr", ""));
        }

        public GpgHome Home => _home.Value;

        public string Protected => _protected.Value;

        public string Curve => _curve.Value;

        public string Small => _small.Value;

        public string Large => _large.Value;

        public void Dispose()
        {
            if (_home.IsValueCreated)
            {
                _home.Value.Dispose();
            }
        }
    }
}
