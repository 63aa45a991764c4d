using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>What is said of packets that servers do not read for their length (client.md 11.1).</summary>
internal static class PacketSize
{
    /// <summary>Why no server can read such a packet, or null.</summary>
    public static string? Problem(PacketLength length) => !length.IsTakenForOpenPgp
        ? null
        : $"[*] The SPA packet is too long: {length.CipherText} characters without HMAC where at most {length.OpenPgpCipherText - 1} can be "
            + "decoded by a server. Shorten -A, -N or -U, or choose a shorter digest with -m. No SPA packet sent.";

    /// <summary>What to warn of when only the packet as a whole is long, or null.</summary>
    public static string? Warning(int packetLength) => packetLength < Limits.OpenPgpText
        ? null
        : $"[-] WARNING: The SPA packet has {packetLength} characters; from {Limits.OpenPgpText} on most servers take it for a GPG packet "
            + "and do not try their keys. Shorten -A, -N or -U, or choose a shorter digest.";
}
