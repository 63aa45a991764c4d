using System.Text;
using Fwknop.Configuration.Access;

namespace Fwknop.Grants.Tests;

/// <summary>What the daemon hands to a decryptor arrives whole, or not at all.</summary>
public sealed class DecryptorSetupTests
{
    private static readonly DecryptorSetup Setup = new()
    {
        Descriptor = 37,
        Verbosity = 2,
        Keyrings =
        [
            new Keyring("/var/lib/keys", "/usr/bin/gpg", "me", new StanzaSecret("pass phrase"u8)),
            new Keyring("/root/.gnupg", "/opt/gpg", null, null),
        ],
    };

    [Fact]
    public void Arrives_as_it_was_sent()
    {
        DecryptorSetup read = DecryptorSetup.Read(new MemoryStream(Bytes()));

        Assert.Equal((37, 2), (read.Descriptor, read.Verbosity));
        Assert.Equal(["/var/lib/keys /usr/bin/gpg me pass phrase", "/root/.gnupg /opt/gpg - -"], read.Keyrings.Select(Describe));
    }

    [Fact]
    public void A_part_of_it_is_refused()
    {
        byte[] bytes = Bytes();
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<EndOfStreamException>(() => DecryptorSetup.Read(new MemoryStream(bytes, 0, length)));
        }

        bytes[0] ^= 1;
        Assert.Throws<InvalidDataException>(() => DecryptorSetup.Read(new MemoryStream(bytes)));
    }

    private static byte[] Bytes()
    {
        using MemoryStream stream = new();
        Setup.Write(stream);
        return stream.ToArray();
    }

    private static string Describe(Keyring keyring)
    {
        byte[] passphrase = new byte[keyring.Passphrase?.Length ?? 0];
        keyring.Passphrase?.CopyTo(passphrase);
        string secret = keyring.Passphrase is null ? "-" : Encoding.ASCII.GetString(passphrase);
        return $"{keyring.HomeDirectory} {keyring.Executable} {keyring.DecryptId ?? "-"} {secret}";
    }
}
