using Fwknop.Listener.Authentication;
using Fwknop.Protocol;

namespace Fwknop.Listener.Explaining;

/// <summary>Why the keys of a stanza do not open a packet (server.md 6, steps 10 to 13).</summary>
internal static class UnopenedPacket
{
    /// <summary>The reason as a line.</summary>
    /// <param name="opening">What came of it.</param>
    /// <param name="text">The packet's text.</param>
    public static string Describe(Opening opening, ReadOnlySpan<byte> text)
    {
        if (opening.Keys is not { } keys)
        {
            return PacketOpener.TypeOf(text) == PacketOpener.OpenPgp
                ? $"Encryption: a text of {Limits.OpenPgpText} characters and more is taken for OpenPGP, which the stanza does not take"
                : $"Encryption: the stanza takes OpenPGP packets alone, which have {Limits.OpenPgpText} characters and more";
        }

        string hmac = keys.HmacKey is null ? "" : "HMAC: right; ";
        return opening.Rejection switch
        {
            Rejection.HmacMismatch => "HMAC: wrong: another HMAC key or HMAC_DIGEST_TYPE, or the packet was changed",
            Rejection.GpgmeDecryptFailed => $"{hmac}gpg does not decrypt it: {opening.GpgError}",
            Rejection.GpgmeNoSignature => $"{hmac}it is not signed, and the stanza asks for a signature",
            Rejection.GpgmeBadSignature => $"{hmac}its signature does not count: {WhyBad(opening.GpgError)}",
            Rejection.DecryptionFailure when SpaPacket.HasRightHmac(text, keys) => "HMAC: right; decryption fails: another encryption key or ENCRYPTION_MODE",
            Rejection.DecryptionFailure =>
                "Decryption: fails: another encryption key or ENCRYPTION_MODE; or the packet has an HMAC, and the stanza has no key for it",
            _ when SpaPacket.HasRightHmac(text, keys) => $"HMAC: right; what it covers is no message: {opening.Rejection.GetText()}",
            _ => $"Packet: cannot be opened: {opening.Rejection.GetText()}",
        };
    }

    private static string WhyBad(string? gpgError) => string.IsNullOrEmpty(gpgError) ? "the keyring does not vouch for the key (see gpg --lsign-key)" : gpgError;
}
