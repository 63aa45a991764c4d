using System.Text;
using Fwknop.Configuration.Access;

namespace Fwknop.Grants;

/// <summary>What the daemon hands a decryptor over its standard input, once: its keyrings with their passphrases. The pipe stays open; its end is the decryptor's.</summary>
public sealed record DecryptorSetup
{
    // "FWKD" and the version of this layout; both programs come from one build.
    private const int Magic = 0x46574401;

    /// <summary>The socket to the listener, which the decryptor inherits.</summary>
    public required int Descriptor { get; init; }

    /// <summary>-v, counted.</summary>
    public int Verbosity { get; init; }

    /// <summary>All keyrings that belong to the user this decryptor runs as.</summary>
    public required IReadOnlyList<Keyring> Keyrings { get; init; }

    /// <summary>Writes the setup.</summary>
    /// <exception cref="IOException">The other end is gone.</exception>
    public void Write(Stream stream)
    {
        using BinaryWriter writer = new(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        writer.Write(Descriptor);
        writer.Write(Verbosity);
        writer.Write(Keyrings.Count);
        foreach (Keyring keyring in Keyrings)
        {
            writer.Write(keyring.HomeDirectory);
            writer.Write(keyring.Executable);
            writer.Write(keyring.DecryptId ?? "");
            SecretField.Write(writer, keyring.Passphrase);
        }

        writer.Write(Magic);
    }

    /// <summary>Reads a setup.</summary>
    /// <exception cref="InvalidDataException">Not what <see cref="Write"/> of this build makes.</exception>
    /// <exception cref="EndOfStreamException">The stream ends early.</exception>
    public static DecryptorSetup Read(Stream stream)
    {
        using BinaryReader reader = new(stream, Encoding.UTF8, leaveOpen: true);
        SetupMagic.Expect(reader, Magic);
        int descriptor = reader.ReadInt32();
        int verbosity = reader.ReadInt32();
        int count = reader.ReadInt32();
        List<Keyring> keyrings = [];
        for (int i = 0; i < count; i++)
        {
            keyrings.Add(ReadKeyring(reader));
        }

        SetupMagic.Expect(reader, Magic);
        return new DecryptorSetup { Descriptor = descriptor, Verbosity = verbosity, Keyrings = keyrings };
    }

    private static Keyring ReadKeyring(BinaryReader reader)
    {
        string home = reader.ReadString();
        string executable = reader.ReadString();
        string decryptId = reader.ReadString();
        return new Keyring(home, executable, decryptId.Length == 0 ? null : decryptId, SecretField.Read(reader, bytes => new StanzaSecret(bytes)));
    }
}
