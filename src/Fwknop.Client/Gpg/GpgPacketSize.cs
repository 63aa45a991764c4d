using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>GPG packets that no server reads, with the measured size (client.md 10; protocol.md 5.2, 7).</summary>
internal static class GpgPacketSize
{
    /// <summary>Why no server reads such a packet.</summary>
    /// <param name="why">What <see cref="SpaPacket.TrySeal"/> said.</param>
    /// <param name="messageLength">Bytes of the OpenPGP message.</param>
    /// <param name="hmacType">The HMAC on top.</param>
    public static string Problem(Rejection why, int messageLength, HmacType hmacType)
    {
        PacketLength length = PacketLength.OfOpenPgp(messageLength, hmacType);
        return why switch
        {
            Rejection.OpenPgpKeyUnsuitable =>
                $"[*] Servers cannot read GPG packets for this recipient key ({length.FullText} characters, but not the beginning that they expect). "
                + "It takes an RSA or Elgamal key of 2048 to 4096 bits; elliptic curves and RSA-1024 do not work. No SPA packet sent.",
            Rejection.TooShortForOpenPgp =>
                $"[*] The GPG packet is too short: {length.CipherText} characters without HMAC, and servers take less than {Limits.OpenPgpText} "
                + "for a packet without GPG. Use a larger key, or sign with --gpg-signer-key. No SPA packet sent.",
            _ when length.FullText > Limits.MaxText =>
                $"[*] The GPG packet is too long: {length.FullText} characters, and at most {Limits.MaxText} can be decoded by a server. "
                + "Two RSA keys of 4096 bits do not fit: use 3072 or 2048 bits for one of them, or an ed25519 key to sign with. No SPA packet sent.",
            _ =>
                $"[*] The GPG packet is too long with its HMAC: {length.CipherText} + {length.Hmac} characters, and at most {Limits.MaxText} can be decoded "
                + "by a server. Use a shorter HMAC digest or smaller keys. No SPA packet sent.",
        };
    }
}
