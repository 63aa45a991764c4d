using Fwknop.Configuration.Access;

namespace Fwknop.Configuration.Tests.Access;

/// <summary>%include_keys, server.md 4.1: a user's file sets keys and nothing else, and costs nobody but him.</summary>
public class KeyFileTests
{
    private const string Secret = "s3cretOfTheFile";
    private const string Skipped = "[*] Data error in included keyfile: 'k', skipping stanza.";
    private const string Other = "SOURCE 10.0.0.2\nKEY other\nREQUIRE_SOURCE Y\n";

    [Fact]
    public void SetsKeys()
    {
        Loaded<AccessPolicy> loaded = Parse("SOURCE ANY\n%include_keys k\nREQUIRE_SOURCE Y\n", "# mine\nKEY: abc;\nHMAC_KEY_BASE64 ZGVm \n");

        AccessStanza stanza = Assert.Single(loaded.Value!.Stanzas);
        Assert.Equal(("abc", "def"), (AccessFileTests.Reveal(stanza.Keys.EncryptionKey), AccessFileTests.Reveal(stanza.Keys.HmacKey!)));
        Assert.Equal(["Including key file: 'k'"], loaded.Diagnostics.Select(item => item.Text));
        Assert.Equal("a", stanza.File);
    }

    [Fact]
    public void SetsGpg()
    {
        const string File = "GPG_DECRYPT_ID me\nGPG_DECRYPT_PW pw\nGPG_REQUIRE_SIG Y\nGPG_DISABLE_SIG N\nGPG_IGNORE_SIG_VERIFY_ERROR Y\nGPG_REMOTE_ID abcdef12\nGPG_ALLOW_NO_PW N\n"
            + "GPG_FINGERPRINT_ID 0123456789012345678901234567890123456789\n";
        GpgRules gpg = Parse("SOURCE ANY\n%include_keys k\nREQUIRE_SOURCE Y\n", File).Value!.Stanzas[0].Gpg!;

        Assert.Equal(("me", 2, true, true), (gpg.DecryptId, gpg.Passphrase!.Length, gpg.Signatures.IsRequired, gpg.Signatures.IgnoresErrors));
        Assert.Equal(["ABCDEF12"], gpg.RemoteIds);
        Assert.Single(gpg.Fingerprints);
    }

    [Fact]
    public void SetsNothingElse()
    {
        string[] names = [.. AccessKeywords.ByName.Keys.Order(StringComparer.Ordinal), "SOURCE", "%include", "%include_folder", "%include_keys"];
        string[] allowed =
        [
            "GPG_ALLOW_NO_PW", "GPG_DECRYPT_ID", "GPG_DECRYPT_PW", "GPG_DISABLE_SIG", "GPG_FINGERPRINT_ID", "GPG_IGNORE_SIG_VERIFY_ERROR",
            "GPG_REMOTE_ID", "GPG_REQUIRE_SIG", "HMAC_KEY", "HMAC_KEY_BASE64", "KEY", "KEY_BASE64",
        ];
        string[] others = [.. names.Except(allowed)];

        Loaded<AccessPolicy> loaded = Parse("SOURCE ANY\n%include_keys k\nREQUIRE_SOURCE Y\n", "KEY abc\n" + string.Concat(others.Select(name => $"{name} Y\n")));

        AccessStanza stanza = Assert.Single(loaded.Value!.Stanzas);
        Assert.Equal(["KEY", "REQUIRE_SOURCE"], stanza.Written.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(allowed, AccessKeywords.ByName.Values.Where(keyword => keyword.IsForKeyFiles).Select(keyword => keyword.Name).Order(StringComparer.Ordinal));
        Assert.Equal(
            others.Select((name, i) => $"Ignoring invalid entry: {(AccessKeywords.ByName.ContainsKey(name) ? $"'{name}'" : "(not a name)")} in line {i + 2} of key file 'k'"),
            loaded.Diagnostics.Skip(1).Select(item => item.Text));
    }

    [Theory]
    [InlineData("no line at all", "", "[*] No keys found for access stanza source: '10.0.0.1'")]
    [InlineData("no key", "HMAC_KEY " + Secret, "[*] No keys found for access stanza source: '10.0.0.1'")]
    [InlineData("refused key", "\nKEY __CHANGEME__", "[*] Key file 'k' cannot be used: line 2 is not right")]
    [InlineData("no base64", "KEY_BASE64 " + Secret + "-", "[*] Key file 'k' cannot be used: line 1 is not right")]
    [InlineData("one word", "KEY x\n" + Secret, "[*] Key file 'k' cannot be used: line 2 is not right")]
    [InlineData("zero byte", "KEY " + Secret + "\0", "[*] Key file 'k' cannot be used: line 1 is not right")]
    [InlineData("identical keys", "KEY " + Secret + "\nHMAC_KEY " + Secret, "[*] The encryption passphrase and HMAC key should not be identical for access stanza source: '10.0.0.1'")]
    [InlineData("long key", "KEY " + Secret + Secret + Secret, "[*] KEY value is longer than 32 bytes in stanza source '10.0.0.1' in access file: 'k'")]
    [InlineData("bad id", "GPG_ALLOW_NO_PW Y\nGPG_REMOTE_ID " + Secret, "[*] Key file 'k' cannot be used: line 2 is not right")]
    [InlineData("bad text", "GPG_DECRYPT_ID " + Secret + "\u0007", "[*] Key file 'k' cannot be used: line 1 is not right")]
    [InlineData("GPG without signers", "GPG_ALLOW_NO_PW Y", "Warning: Must have either sig ID's or fingerprints to check via GPG_REMOTE_ID or GPG_FINGERPRINT_ID (stanza source: '10.0.0.1' #1)")]
    public void CostsItsStanzaAlone(string name, string file, string expected)
    {
        Loaded<AccessPolicy> loaded = Parse($"SOURCE 10.0.0.1\nREQUIRE_SOURCE Y\n%include_keys k\n{Other}", file);

        AccessStanza stanza = Assert.Single(loaded.Value!.Stanzas);
        Assert.Equal((name, 1, "10.0.0.2"), (name, stanza.Number, stanza.Source.Text));
        Assert.Equal(
            [$"{expected} (a, line 3)", $"{Skipped} (a, line 3)"],
            loaded.Diagnostics.Where(item => item.Severity == ConfigSeverity.Warning).Select(item => item.ToString()));
    }

    [Theory]
    [InlineData("SOURCE 10.0.0.1\nREQUIRE_SOURCE Y\n%include_keys missing\n")]
    [InlineData("SOURCE 10.0.0.1\nREQUIRE_SOURCE Y\nKEY abc\n%include_keys missing\n")]
    public void AMissingFileCostsItsStanza(string text)
    {
        Loaded<AccessPolicy> loaded = Parse(text + Other, "");

        Assert.Equal("10.0.0.2", Assert.Single(loaded.Value!.Stanzas).Source.Text);
        Assert.Contains("[*] Key file 'missing' cannot be used: No such file or directory", loaded.Diagnostics.Select(item => item.Text));
        Assert.Contains("[*] Data error in included keyfile: 'missing', skipping stanza.", loaded.Diagnostics.Select(item => item.Text));
    }

    [Fact]
    public void WithoutAnotherStanzaNothingIsLeft() => Assert.Equal(
        ["Fatal, could not find any valid access.conf stanzas"],
        Parse("SOURCE ANY\n%include_keys missing\n", "").Diagnostics.Where(item => item.Severity == ConfigSeverity.Error).Select(item => item.Text));

    [Fact]
    public void DoesNotHideWhatIsWrongInTheFileAroundIt()
    {
        Loaded<AccessPolicy> loaded = Parse($"SOURCE 10.0.0.1\n%include_keys missing\nOPEN_PORTS x\n%include none\n{Other}", "");

        Assert.Equal([3, 3, 4], loaded.Diagnostics.Where(item => item.Severity == ConfigSeverity.Error).Select(item => item.Line));
    }

    [Fact]
    public void BeforeTheFirstSourceItIsNotRead() => Assert.Equal(
        ["[*] %include_keys stands before the first SOURCE and has no effect"],
        Parse("%include_keys k\n" + Other, "KEY abc\n").Diagnostics.Select(item => item.Text));

    [Fact]
    public void TheLastKeyWins()
    {
        Assert.Equal("mine", KeyOf("SOURCE ANY\nKEY abc\n%include_keys k\n"));
        Assert.Equal("abc", KeyOf("SOURCE ANY\n%include_keys k\nKEY abc\n"));

        static string KeyOf(string text) => AccessFileTests.Reveal(Parse(text, "KEY mine\n").Value!.Stanzas[0].Keys.EncryptionKey);
    }

    [Theory]
    [InlineData(0b110_000_000, null)]
    [InlineData(0b110_100_000, null)]
    [InlineData(0b110_100_100, "It holds keys and is open to other users (mode 0644). Use mode 0600")]
    [InlineData(0b110_110_000, "It holds keys and is open to other users (mode 0660). Use mode 0600")]
    public void ChecksTheMode(int mode, string? problem)
    {
        using TemporaryFolder folder = new();
        string keys = folder.Write("keys", "KEY abc\n", (UnixFileMode)mode);
        Loaded<AccessPolicy> loaded = LoadWith(folder, keys);

        Assert.Equal(problem is null ? 2 : 1, loaded.Value!.Stanzas.Count);
        string[] expected = problem is null ? [] : [$"[*] Key file '{keys}' cannot be used: {problem}"];
        Assert.Equal(expected, loaded.Diagnostics.Where(item => item.Text.StartsWith("[*] Key", StringComparison.Ordinal)).Select(item => item.Text));
    }

    [Fact]
    public void ALongFileIsNotRead()
    {
        using TemporaryFolder folder = new();
        string keys = folder.Write("keys", "KEY abc\n" + new string('#', 64 * 1024));

        Assert.Contains($"[*] Key file '{keys}' cannot be used: It is longer than 64 KiB", LoadWith(folder, keys).Diagnostics.Select(item => item.Text));
    }

    [Fact]
    public void WithoutASafeWayToOpenItNoneIsRead()
    {
        using TemporaryFolder folder = new();
        string keys = folder.Write("keys", "KEY abc\n");
        string root = folder.Write("root", $"SOURCE ANY\n%include_keys {keys}\n{Other}");

        Assert.Contains(
            $"[*] Key file '{keys}' cannot be used: Key files cannot be opened safely on this system",
            AccessFileTests.Load(root).Diagnostics.Select(item => item.Text));
    }

    private static Loaded<AccessPolicy> LoadWith(TemporaryFolder folder, string keys) => AccessFileTests.Load(
        folder.Write("root", $"SOURCE ANY\n%include_keys {keys}\n{Other}"),
        system: new AccessSystem
        {
            OpenKeyFile = (string path, out string problem) =>
            {
                problem = "";
                return File.OpenHandle(path);
            },
        });

    private static Loaded<AccessPolicy> Parse(string text, string keys)
    {
        Loaded<AccessPolicy> loaded = MemoryFiles.Parse(("a", text), ("k", keys));
        Assert.All(loaded.Diagnostics, item => Assert.DoesNotContain(Secret, item.ToString(), StringComparison.Ordinal));
        return loaded;
    }
}
