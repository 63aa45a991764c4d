using Fwknop.Configuration.Access;
using Fwknop.Protocol;

namespace Fwknop.Grants;

/// <summary>The parts of a stanza that it may have or not, on their way to the listener. The passphrase of a GPG key is the decryptor's alone.</summary>
internal static class StanzaRules
{
    public static void Write(BinaryWriter writer, TotpRules? totp)
    {
        writer.Write(totp is not null);
        if (totp is not null)
        {
            SecretField.Write(writer, totp.Secret);
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

        StanzaSecret secret = SecretField.Read(reader, bytes => new StanzaSecret(bytes)) ?? throw new InvalidDataException("A second factor has no secret.");
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
