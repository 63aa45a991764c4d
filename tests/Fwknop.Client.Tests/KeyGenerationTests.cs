using System.Text.RegularExpressions;

namespace Fwknop.Client.Tests;

/// <summary>client.md 9.</summary>
public sealed class KeyGenerationTests
{
    [Theory]
    [InlineData("", 32, 64)]
    [InlineData("--hmac-digest-type md5", 32, 16)]
    [InlineData("--hmac-digest-type sha1", 32, 20)]
    [InlineData("--hmac-digest-type sha256", 32, 64)]
    [InlineData("--hmac-digest-type sha384", 32, 128)]
    [InlineData("--hmac-digest-type sha512", 32, 128)]
    [InlineData("--hmac-digest-type sha3_256", 32, 64)]
    [InlineData("--hmac-digest-type sha3_512", 32, 64)]
    [InlineData("--key-len 1 --hmac-key-len 1", 1, 1)]
    [InlineData("--key-len 16 --hmac-key-len 128", 16, 128)]
    public void Lengths(string options, int keyLength, int hmacLength)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run(["-k", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal((0, ""), (run.Status, run.Error));
        (byte[] key, byte[] hmac) = Parse(run.Output);
        Assert.Equal((keyLength, hmacLength), (key.Length, hmac.Length));
    }

    [Theory]
    [InlineData("33")]
    [InlineData("128")]
    public void Too_long_key_fails_as_in_the_reference(string length)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run("-k", "--key-len", length);
        Assert.Equal(
            (1, "", "fwknop: fko_key_gen: Error 68 - Args contain invalid data: FKO_ERROR_INVALID_DATA_FUNCS_GEN_KEYLEN_VALIDFAIL\n"
                + "[*] --key-len: an encryption key has at most 32 bytes.\n"),
            (run.Status, run.Output, run.Error));
    }

    [Theory]
    [InlineData("--key-len", "0", "key")]
    [InlineData("--key-len", "129", "key")]
    [InlineData("--key-len", "999999", "key")]
    [InlineData("--key-len", "16x", "key")]
    [InlineData("--hmac-key-len", "0", "hmac key")]
    [InlineData("--hmac-key-len", "129", "hmac key")]
    [InlineData("--hmac-key-len", "999999", "hmac key")]
    [InlineData("--hmac-key-len", "-1", "hmac key")]
    public void Length_out_of_bounds(string option, string length, string name)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run("-k", option, length);
        Assert.Equal((1, "", $"Invalid {name} length '{length}', must be in [1-128]\n"), (run.Status, run.Output, run.Error));
    }

    [Fact]
    public void Makes_no_file_and_sends_nothing()
    {
        using ClientHarness client = new();
        client.Variables["HOME"] = null;
        Assert.Equal(0, client.Run("-k", "-A", "tcp/22", "-a", "192.0.2.1", "-D", "srv").Status);
        client.Variables.Remove("HOME");
        Assert.Equal(0, client.Run("-k", "-A", "tcp/22", "-a", "192.0.2.1", "-D", "srv").Status);
        Assert.Empty(Directory.GetFileSystemEntries(client.Path("")));
        Assert.Empty(client.Sender.Sent);
    }

    [Fact]
    public void All_keys_are_different()
    {
        using ClientHarness client = new();
        string[] lines = [.. Enumerable.Range(0, 100).SelectMany(_ => client.Run("-k").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))];
        Assert.Equal(200, lines.Distinct().Count());
    }

    [Fact]
    public void File_is_for_its_owner_and_replaces_an_open_one()
    {
        using ClientHarness client = new();
        string path = client.Write("keys", new string('x', 5000));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        ClientRunResult run = client.Run("-K", path);
        Assert.Equal((0, $"[+] Wrote Rijndael and HMAC keys to: {path}\n", ""), (run.Status, run.Output, run.Error));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Parse(File.ReadAllText(path));
    }

    [Theory]
    [InlineData("none/keys", "No such file or directory")]
    [InlineData("@long", "File name too long")]
    [InlineData("/dev/full", "No space left on device")]
    public void File_that_cannot_be_made(string name, string reason)
    {
        using ClientHarness client = new();
        string path = client.Path(name == "@long" ? string.Concat(Enumerable.Repeat("x/", 600)) : name);
        ClientRunResult run = client.Run("-K", path);
        Assert.Equal((1, "", $"Unable to create key gen file: {path}: {reason}\n"), (run.Status, run.Output, run.Error));
    }

    [Theory]
    [InlineData("[default]\nUSE_GPG Y\nBAD LINE\n")]
    [InlineData("[default]\nHMAC_DIGEST_TYPE md5\n")]
    public void Rc_file_does_not_matter(string rc)
    {
        using ClientHarness client = new ClientHarness().WithRc(rc);
        ClientRunResult run = client.Run("-k", "-V", "-n", "nowhere");
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Equal(64, Parse(run.Output).Hmac.Length);
    }

    private static (byte[] Key, byte[] Hmac) Parse(string text)
    {
        Match match = Regex.Match(text, "^KEY_BASE64: (?<key>[A-Za-z0-9+/]+=*)\nHMAC_KEY_BASE64: (?<hmac>[A-Za-z0-9+/]+=*)\n$");
        Assert.True(match.Success, text);
        return (Convert.FromBase64String(match.Groups["key"].Value), Convert.FromBase64String(match.Groups["hmac"].Value));
    }
}
