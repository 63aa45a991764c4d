using System.Text;
using Fwknop.Configuration.KeyGeneration;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Tests.KeyGeneration;

/// <summary>Key generation of server.md 1.5 and client.md 9.</summary>
public class KeyGeneratorTests
{
    [Theory]
    [InlineData(HmacType.Md5, 16)]
    [InlineData(HmacType.Sha1, 20)]
    [InlineData(HmacType.Sha256, 64)]
    [InlineData(HmacType.Sha384, 128)]
    [InlineData(HmacType.Sha512, 128)]
    [InlineData(HmacType.Sha3_256, 64)]
    [InlineData(HmacType.Sha3_512, 64)]
    public void MakesKeysOfTheLengthThatSuitsTheType(HmacType type, int hmacLength)
    {
        using MemoryStream output = new();

        Assert.Null(KeyGenerator.Run(new KeyGenerationOptions { HmacType = type }, "fwknopd", output.Write, File.Create));

        (byte[] key, byte[] hmacKey) = Decode(Encoding.ASCII.GetString(output.ToArray()));
        Assert.Equal((32, hmacLength), (key.Length, hmacKey.Length));
    }

    [Fact]
    public void MakesOtherKeysEachTime()
    {
        using MemoryStream first = new();
        using MemoryStream second = new();
        KeyGenerator.Run(new KeyGenerationOptions(), "fwknopd", first.Write, File.Create);
        KeyGenerator.Run(new KeyGenerationOptions(), "fwknopd", second.Write, File.Create);

        Assert.NotEqual(Decode(Encoding.ASCII.GetString(first.ToArray())).Key, Decode(Encoding.ASCII.GetString(second.ToArray())).Key);
    }

    [Fact]
    public void RefusesLengthsAsTheReferenceDoes()
    {
        Assert.Equal(
            "fwknopd: fko_key_gen: Error 68 - Args contain invalid data: FKO_ERROR_INVALID_DATA_FUNCS_GEN_KEYLEN_VALIDFAIL",
            KeyGenerator.Run(new KeyGenerationOptions { KeyLength = 33 }, "fwknopd", Stream.Null.Write, File.Create));
        Assert.Equal(
            "fwknopd: fko_key_gen: Error 69 - Args contain invalid data: FKO_ERROR_INVALID_DATA_FUNCS_GEN_HMACLEN_VALIDFAIL",
            KeyGenerator.Run(new KeyGenerationOptions { HmacKeyLength = 129 }, "fwknopd", Stream.Null.Write, File.Create));
    }

    [Fact]
    public void WritesAFileAndSaysSo()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("keys");
        using MemoryStream output = new();

        Assert.Null(KeyGenerator.Run(new KeyGenerationOptions { File = path }, "fwknopd", output.Write, File.Create));

        Assert.Equal(64, Decode(File.ReadAllText(path)).HmacKey.Length);
        Assert.Equal($"[+] Wrote Rijndael and HMAC keys to: {path}\n", Encoding.UTF8.GetString(output.ToArray()));
    }

    [Theory]
    [InlineData("missing/keys", "No such file or directory")]
    [InlineData(".", "Is a directory")]
    [InlineData("@long", "File name too long")]
    public void SaysWhyAFileCannotBeMade(string name, string reason)
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf(name == "@long" ? string.Concat(Enumerable.Repeat("x/", 600)) : name);
        using MemoryStream output = new();

        Assert.Equal(
            $"Unable to create key gen file: {path}: {reason}",
            KeyGenerator.Run(new KeyGenerationOptions { File = path }, "fwknopd", output.Write, File.Create));
        Assert.Equal(0, output.Length);
    }

    [Fact]
    public void RefusesAnEmptyPath() => Assert.Equal(
        "Unable to create key gen file: : No such file or directory",
        KeyGenerator.Run(new KeyGenerationOptions { File = "" }, "fwknopd", Stream.Null.Write, File.Create));

    private static (byte[] Key, byte[] HmacKey) Decode(string text)
    {
        string[] lines = text.Split('\n');
        Assert.Equal((3, ""), (lines.Length, lines[2]));
        Assert.StartsWith("KEY_BASE64: ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("HMAC_KEY_BASE64: ", lines[1], StringComparison.Ordinal);
        return (Convert.FromBase64String(lines[0]["KEY_BASE64: ".Length..]), Convert.FromBase64String(lines[1]["HMAC_KEY_BASE64: ".Length..]));
    }
}
