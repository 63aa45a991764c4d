using System.Security.Cryptography;
using Fwknop.Configuration.Access;
using Fwknop.Protocol;

namespace Fwknop.Grants;

/// <summary>The parts of a stanza that it may have or not, on their way to the listener. The passphrase of a GPG key stays with the daemon.</summary>
internal static class StanzaRules
{
    private const int MaxSecretBytes = Limits.HmacKeyBytes;

    public static void Write(BinaryWriter writer, TotpRules? totp)
    {
        writer.Write(totp is not null);
        if (totp is not null)
        {
            Span<byte> secret = stackalloc byte[MaxSecretBytes];
            totp.Secret.CopyTo(secret);
            writer.Write(totp.Secret.Length);
            writer.Write(secret[..totp.Secret.Length]);
            CryptographicOperations.ZeroMemory(secret);
            writer.Write(totp.Digits);
            writer.Write(totp.Period);
        }
    }

    public static TotpRules? ReadTotp(BinaryReader reader)
    {
        if (!reader.ReadBoolean())
        {
            return null;
        }

        int length = reader.ReadInt32();
        if (length is < 0 or > MaxSecretBytes)
        {
            throw new InvalidDataException("A secret is too long.");
        }

        Span<byte> bytes = stackalloc byte[length];
        reader.BaseStream.ReadExactly(bytes);
        StanzaSecret secret = new(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return new TotpRules(secret, reader.ReadInt32(), reader.ReadInt32());
    }

    public static void Write(BinaryWriter writer, GpgRules? gpg)
    {
        writer.Write(gpg is not null);
        if (gpg is not null)
        {
            writer.Write(gpg.HomeDirectory);
            writer.Write(gpg.Executable);
            writer.Write(gpg.DecryptId is not null);
            writer.Write(gpg.DecryptId ?? "");
            writer.Write(gpg.Signatures.IsRequired);
            writer.Write(gpg.Signatures.IgnoresErrors);
            writer.Write(string.Join(',', gpg.RemoteIds));
            writer.Write(string.Join(',', gpg.Fingerprints));
        }
    }

    public static GpgRules? ReadGpg(BinaryReader reader)
    {
        if (!reader.ReadBoolean())
        {
            return null;
        }

        string home = reader.ReadString();
        string executable = reader.ReadString();
        bool hasDecryptId = reader.ReadBoolean();
        string decryptId = reader.ReadString();
        SignaturePolicy signatures = new() { IsRequired = reader.ReadBoolean(), IgnoresErrors = reader.ReadBoolean() };
        return new GpgRules
        {
            HomeDirectory = home,
            Executable = executable,
            DecryptId = hasDecryptId ? decryptId : null,
            Signatures = signatures,
            RemoteIds = ReadList(reader),
            Fingerprints = ReadList(reader),
        };
    }

    private static string[] ReadList(BinaryReader reader) => reader.ReadString().Split(',', StringSplitOptions.RemoveEmptyEntries);
}
