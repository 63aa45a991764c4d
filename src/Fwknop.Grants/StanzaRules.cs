using System.Net;
using Fwknop.Configuration;
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

    /// <summary>As access.conf has it, for where the ways of ports lead decides whether they are granted.</summary>
    public static void Write(BinaryWriter writer, StanzaNat nat)
    {
        writer.Write(nat.ForwardsAll);

        // To which address is the daemon's business alone.
        writer.Write(nat.TranslatesSource);
        writer.Write(nat.AllowedTargets?.Text ?? "");
        writer.Write(nat.Targets.Count);
        foreach (ForcedTarget target in nat.Targets)
        {
            writer.Write(target.Address.ToString());
            writer.Write(target.Port);
            writer.Write((byte)(target.Protocol ?? 0));
            writer.Write((int)(target.RequestedPort ?? 0));
        }
    }

    public static StanzaNat ReadNat(BinaryReader reader)
    {
        bool forwardsAll = reader.ReadBoolean();
        bool translatesSource = reader.ReadBoolean();
        NatTargetList? allowed = ReadTargets(reader.ReadString());
        ForcedTarget[] targets = new ForcedTarget[reader.ReadInt32()];
        for (int i = 0; i < targets.Length; i++)
        {
            IPAddress address = NatAddress.TryParse(reader.ReadString(), out IPAddress? host) ? host : throw new InvalidDataException("An address is malformed.");
            ushort port = reader.ReadUInt16();
            byte protocol = reader.ReadByte();
            int requested = reader.ReadInt32();
            targets[i] = new ForcedTarget(address, port, protocol == 0 ? null : (TransportProtocol)protocol, requested == 0 ? null : (ushort)requested);
        }

        return new StanzaNat { ForwardsAll = forwardsAll, Masquerades = translatesSource, AllowedTargets = allowed, Targets = targets };
    }

    private static NatTargetList? ReadTargets(string text) =>
        text.Length == 0 ? null
        : NatTargetList.TryParse(text, out NatTargetList? list, out _) ? list
        : throw new InvalidDataException("A list of NAT targets is malformed.");

    private static string[] ReadList(BinaryReader reader) => reader.ReadString().Split(',', StringSplitOptions.RemoveEmptyEntries);
}
