using System.Globalization;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>Sizes at which servers stop reading packets (client.md 11.1).</summary>
internal static class PacketSize
{
    private const int Prefix = 10;

    /// <summary>Characters of the packet without its HMAC.</summary>
    public static int CipherTextLength(SpaMessage message, DigestType digest)
    {
        string numbers = string.Create(CultureInfo.InvariantCulture, $"{message.Timestamp}:{message.Version}:{(int)message.Type}");
        int plain = message.RandomValue.Length + 1 + SpaBase64.EncodedLength(message.Username.Length) + 1 + numbers.Length + 1
            + SpaBase64.EncodedLength(message.Message.Length)
            + (message.NatAccess is { } nat ? 1 + SpaBase64.EncodedLength(nat.Length) : 0)
            + (message.ClientTimeout > 0 ? 1 + message.ClientTimeout.ToString(CultureInfo.InvariantCulture).Length : 0)
            + 1 + DigestLength(digest);
        int binary = (2 * Limits.Salt) + (Limits.Block * ((plain / Limits.Block) + 1));
        return SpaBase64.EncodedLength(binary) - Prefix;
    }

    /// <summary>Why no server can read such a packet, or null.</summary>
    public static string? Problem(int cipherTextLength, bool hasHmac)
    {
        int limit = hasHmac ? Limits.OpenPgpText - Prefix : Limits.OpenPgpText;
        return cipherTextLength < limit
            ? null
            : $"[*] The SPA packet is too long: {cipherTextLength} characters without HMAC where at most {limit - 1} can be decoded by a server. "
                + "Shorten -A, -N or -U, or choose a shorter digest with -m. No SPA packet sent.";
    }

    /// <summary>What to warn of when only the packet as a whole is long, or null.</summary>
    public static string? Warning(int packetLength) => packetLength < Limits.OpenPgpText
        ? null
        : $"[-] WARNING: The SPA packet has {packetLength} characters; from {Limits.OpenPgpText} on most servers take it for a GPG packet "
            + "and do not try their keys. Shorten -A, -N or -U, or choose a shorter digest.";

    private static int DigestLength(DigestType digest) => SpaBase64.EncodedLength(digest switch
    {
        DigestType.Md5 => 16,
        DigestType.Sha1 => 20,
        DigestType.Sha384 => 48,
        DigestType.Sha512 or DigestType.Sha3_512 => 64,
        _ => 32,
    });
}
