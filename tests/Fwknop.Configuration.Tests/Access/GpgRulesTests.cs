using Fwknop.Configuration.Access;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Tests.Access;

/// <summary>GPG settings, server.md 4.2, 4.4 and 13 Q29.</summary>
public class GpgRulesTests
{
    private const string Primary = "1111222233334444555566667777888899990000";
    private const string Subkey = "AAAABBBBCCCCDDDDEEEEFFFF0000111122223333";
    private const string Gpg = "SOURCE ANY\nREQUIRE_SOURCE Y\nGPG_ALLOW_NO_PW Y\n";

    [Fact]
    public void ReadsEverything()
    {
        AccessStanza stanza = AccessFileTests.One(
            $"SOURCE ANY\nENCRYPTION_MODE asymmetric\nHMAC_KEY h\nGPG_DECRYPT_ID me\nGPG_DECRYPT_PW p w\nGPG_EXE /opt/gpg\nGPG_REMOTE_ID aaaabbbb, {Primary}\nGPG_FINGERPRINT_ID {Subkey}\n");
        GpgRules gpg = stanza.Gpg!;
        byte[] passphrase = new byte[gpg.Passphrase!.Length];
        gpg.Passphrase.CopyTo(passphrase);

        Assert.Equal("p w"u8.ToArray(), passphrase);
        Assert.Equal(("me", "/opt/gpg", "/root/.gnupg"), (gpg.DecryptId, gpg.Executable, gpg.HomeDirectory));
        Assert.Equal(["AAAABBBB", Primary], gpg.RemoteIds);
        Assert.Equal([Subkey], gpg.Fingerprints);
        Assert.Equal(SignaturePolicy.Strict, gpg.Signatures);
        Assert.Equal((0, EncryptionMode.Asymmetric, HmacType.Sha256), (stanza.Keys.EncryptionKey.Length, stanza.Keys.Mode, stanza.Keys.HmacType));

        stanza.Dispose();
        Assert.Throws<ObjectDisposedException>(() => gpg.Passphrase.CopyTo(passphrase));
    }

    [Fact]
    public void AStanzaMayTakeBothKinds()
    {
        AccessStanza stanza = AccessFileTests.One(Gpg + "GPG_REMOTE_ID 12345678\nKEY abc\nENCRYPTION_MODE CTR\n");

        Assert.Equal((3, EncryptionMode.Ctr), (stanza.Keys.EncryptionKey.Length, stanza.Keys.Mode));
        Assert.Null(stanza.Gpg!.Passphrase);
    }

    [Fact]
    public void AsymmetricModeTakesGpgAlone()
    {
        Loaded<AccessPolicy> loaded = AccessFileTests.Parse(Gpg + "GPG_REMOTE_ID 12345678\nKEY abc\nENCRYPTION_MODE Asymmetric\n");

        Assert.Equal(0, loaded.Value!.Stanzas[0].Keys.EncryptionKey.Length);
        Assert.Equal(["[*] The encryption key has no effect with ENCRYPTION_MODE Asymmetric in stanza source 'ANY'"], loaded.Diagnostics.Select(item => item.Text));
    }

    [Theory]
    [InlineData("", true, false)]
    [InlineData("GPG_REQUIRE_SIG N\n", true, false)]
    [InlineData("GPG_REQUIRE_SIG Y\n", true, false)]
    [InlineData("GPG_DISABLE_SIG Y\n", false, false)]
    [InlineData("GPG_REQUIRE_SIG N\nGPG_DISABLE_SIG Y\n", false, false)]
    [InlineData("GPG_REQUIRE_SIG Y\nGPG_DISABLE_SIG Y\n", true, false)]
    [InlineData("GPG_IGNORE_SIG_VERIFY_ERROR Y\n", true, true)]
    public void ChecksSignaturesUnlessToldOtherwise(string lines, bool isRequired, bool ignoresErrors)
    {
        SignaturePolicy policy = AccessFileTests.One(Gpg + "GPG_REMOTE_ID 12345678\n" + lines).Gpg!.Signatures;

        Assert.Equal((isRequired, ignoresErrors), (policy.IsRequired, policy.IgnoresErrors));
    }

    [Theory]
    [InlineData("GPG_DISABLE_SIG Y\n", "Warning: GPG_REQUIRE_SIG should really be enabled for stanza source: 'ANY' (#1)")]
    [InlineData("GPG_REQUIRE_SIG Y\nGPG_DISABLE_SIG Y\nGPG_REMOTE_ID 12345678\n", "Warning: GPG_REQUIRE_SIG and GPG_DISABLE_SIG are both set, will check sigs (stanza source: 'ANY' #1)")]
    public void Warns(string lines, string expected)
    {
        Loaded<AccessPolicy> loaded = AccessFileTests.Parse(Gpg + lines);

        Assert.Equal([new ConfigDiagnostic("a.conf", 1, ConfigSeverity.Info, expected)], loaded.Diagnostics);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GPG_REQUIRE_SIG N\n")]
    [InlineData("GPG_IGNORE_SIG_VERIFY_ERROR Y\n")]
    public void SignersMustBeNamed(string lines) => Assert.Equal(
        [new ConfigDiagnostic("a.conf", 1, ConfigSeverity.Error, "Warning: Must have either sig ID's or fingerprints to check via GPG_REMOTE_ID or GPG_FINGERPRINT_ID (stanza source: 'ANY' #1)")],
        AccessFileTests.Parse(Gpg + lines).Diagnostics);

    [Theory]
    [InlineData("short id of the subkey", "22223333", null, true)]
    [InlineData("long id of the subkey, lower case", "0000111122223333", null, true)]
    [InlineData("long id that agrees in its last digits only", "9000111122223333", null, false)]
    [InlineData("fingerprint of the primary key as id", Primary, null, true)]
    [InlineData("one of two", "12345678, 99990000", null, true)]
    [InlineData("another", "12345678", null, false)]
    [InlineData("fingerprint", null, Subkey, true)]
    [InlineData("another fingerprint", null, "0000000000000000000000000000000000000000", false)]
    [InlineData("both", "22223333", Primary, true)]
    [InlineData("id without fingerprint", "22223333", "0000000000000000000000000000000000000000", false)]
    [InlineData("fingerprint without id", "12345678", Subkey, false)]
    public void AllowsSigners(string name, string? ids, string? fingerprints, bool expected)
    {
        string lines = (ids is null ? "" : $"GPG_REMOTE_ID {ids}\n") + (fingerprints is null ? "" : $"GPG_FINGERPRINT_ID {fingerprints.ToLowerInvariant()}\n");
        GpgRules gpg = AccessFileTests.One(Gpg + lines).Gpg!;

        OpenPgpSignature signature = new(Subkey, SignatureStatus.Good, SignatureValidity.Full) { PrimaryFingerprint = Primary };
        Assert.Equal((name, expected), (name, gpg.AllowsId(signature) && gpg.AllowsFingerprint(signature)));

        OpenPgpSignature nobody = new("", SignatureStatus.Good, SignatureValidity.Full);
        Assert.False(gpg.AllowsId(nobody) && gpg.AllowsFingerprint(nobody));
    }

    [Fact]
    public void TheHomeDirectoryMustBeThere()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("access.conf", $"{Gpg}GPG_REMOTE_ID 12345678\nGPG_HOME_DIR {folder.PathOf("")}\n");

        Assert.DoesNotContain("GPG_HOME_DIR", string.Join('\n', AccessFileTests.Load(path).Diagnostics), StringComparison.Ordinal);
    }
}
