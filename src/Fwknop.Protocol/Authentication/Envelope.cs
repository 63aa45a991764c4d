using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Fwknop.Protocol;

/// <summary>
/// A datagram cut into ciphertext and HMAC; lengths and alphabet are checked, nothing is trusted yet (protocol.md 6.2, 6.3).
/// <code>
/// packet = base64(ciphertext) without its constant first 10 (OpenPGP: 2) characters ‖ base64(HMAC)
/// </code>
/// </summary>
internal readonly ref struct Envelope
{
    /// <summary>The base64 of <c>Salted__</c>, the first 60 of its 64 bits, which never travels (protocol.md 4.5).</summary>
    public static ReadOnlySpan<byte> Prefix => "U2FsdGVkX1"u8;

    /// <summary>
    /// The same of OpenPGP packets: a message for an RSA or Elgamal key of 2048 to 4096 bits begins 0x85 0x0. (protocol.md 5.2).
    /// </summary>
    public static ReadOnlySpan<byte> OpenPgpPrefix => "hQ"u8;

    /// <summary>First bytes of the binary form; <see cref="Prefix"/> is their base64.</summary>
    public static ReadOnlySpan<byte> Label => "Salted__"u8;

    private Envelope(ReadOnlySpan<byte> cipherText, ReadOnlySpan<byte> mac)
    {
        CipherText = cipherText;
        Mac = mac;
    }

    /// <summary>Base64 text of the ciphertext, without the prefix.</summary>
    public ReadOnlySpan<byte> CipherText { get; }

    /// <summary>Base64 text of the HMAC; empty when none is agreed on.</summary>
    public ReadOnlySpan<byte> Mac { get; }

    /// <summary>What is left off on the way and covered by the HMAC all the same.</summary>
    public static ReadOnlySpan<byte> PrefixOf(EncryptionMode mode) => mode == EncryptionMode.Asymmetric ? OpenPgpPrefix : Prefix;

    /// <summary>
    /// From how many characters on, without prefix and HMAC, receivers take a packet for an OpenPGP one: 400, counted with the constant prefix
    /// when an HMAC was split off and without it otherwise (protocol.md 7).
    /// </summary>
    public static int OpenPgpLength(EncryptionMode mode, bool hasHmac) => Limits.OpenPgpText - (hasHmac ? PrefixOf(mode).Length : 0);

    /// <summary>Receivers tell symmetric from OpenPGP packets by <see cref="OpenPgpLength"/>.</summary>
    /// <param name="length">Characters without prefix and HMAC.</param>
    /// <param name="keys">The agreed keys.</param>
    public static bool IsTakenForOpenPgp(int length, PacketKeys keys) =>
        length >= OpenPgpLength(keys.Mode, keys.HmacKey is not null);

    /// <summary>Cuts the datagram where the agreed HMAC type says.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, PacketKeys keys, out Envelope envelope, out Rejection why)
    {
        envelope = default;
        int macLength = PacketHash.TextLength(keys.HmacType);
        int textLength = datagram.Length - macLength;
        why = datagram.Length is < Limits.MinText or > Limits.MaxText ? Rejection.NewMessageLengthInvalid
            : textLength < Limits.MinText ? Rejection.HmacCiphertextLengthInvalid
            : !SpaBase64.LooksLikeBase64(datagram[..textLength]) ? NotBase64(textLength, keys)
            : keys.Mode == EncryptionMode.Asymmetric && datagram.StartsWith(OpenPgpPrefix) ? Rejection.NotCanonical
            : Rejection.None;
        if (why != Rejection.None)
        {
            return false;
        }

        envelope = new Envelope(datagram[..textLength], datagram[textLength..]);
        return true;
    }

    /// <summary>
    /// Checks the HMAC over prefix and ciphertext text (protocol.md 6.2) in constant time, without allocating. True when none is
    /// agreed on.
    /// </summary>
    public bool IsAuthentic(PacketKeys keys)
    {
        if (keys.HmacKey is null)
        {
            return true;
        }

        Span<byte> fullText = stackalloc byte[Prefix.Length + Limits.MaxText];
        ReadOnlySpan<byte> covered = WriteFullText(PrefixOf(keys.Mode), fullText);
        Span<byte> expected = stackalloc byte[PacketHash.MaxText];
        int length = PacketHash.WriteHmac(keys.HmacType, keys.HmacKey, covered, expected);
        return CryptographicOperations.FixedTimeEquals(expected[..length], Mac);
    }

    /// <summary>
    /// Decrypts: text to binary, salt to key and IV, ciphertext to padded plaintext (protocol.md 4.6).
    /// </summary>
    /// <param name="keys">The agreed keys.</param>
    /// <param name="padded">At least <see cref="Limits.MaxText"/> bytes.</param>
    /// <param name="length">Bytes of padded plaintext, whole blocks.</param>
    /// <param name="why">The reason for failure.</param>
    public bool TryDecrypt(PacketKeys keys, Span<byte> padded, out int length, out Rejection why)
    {
        // binary = "Salted__" ‖ salt (8) ‖ ciphertext (whole blocks)                                          protocol.md 4.3
        int header = Label.Length + Limits.Salt;
        Span<byte> fullText = stackalloc byte[Prefix.Length + Limits.MaxText];
        Span<byte> binary = stackalloc byte[(Prefix.Length + Limits.MaxText) * 3 / 4];
        length = 0;
        if (!SpaBase64.TryDecode(WriteFullText(Prefix, fullText), binary, out int written) || !binary.StartsWith(Label))
        {
            why = Rejection.NotCanonical;
            return false;
        }

        length = written - header;
        why = length % Limits.Block != 0 ? Rejection.EncryptCipherLengthInvalid
            : length <= 0 ? Rejection.DecryptionSize
            : !SymmetricCipher.IsUsable(keys.Mode) ? Rejection.DecryptionFailure
            : Rejection.None;
        if (why != Rejection.None)
        {
            return false;
        }

        Span<byte> aesKey = stackalloc byte[Limits.EncryptionKeyBytes];
        Span<byte> iv = stackalloc byte[Limits.Block];
        KeyDerivation.Derive(keys.EncryptionKey, keys.Mode, binary.Slice(Label.Length, Limits.Salt), aesKey, iv);
        SymmetricCipher.Decrypt(keys.Mode, aesKey, iv, binary.Slice(header, length), padded);
        CryptographicOperations.ZeroMemory(aesKey);
        return true;
    }

    /// <summary>Decrypts by OpenPGP and applies the signature policy (protocol.md 5.3).</summary>
    /// <param name="keys">The agreed keys, with an <see cref="IOpenPgp"/>.</param>
    /// <param name="decrypted">The plaintext; the caller disposes it.</param>
    /// <param name="why">The reason for failure.</param>
    public bool TryDecryptOpenPgp(PacketKeys keys, [NotNullWhen(true)] out DecryptedMessage? decrypted, out Rejection why)
    {
        Span<byte> fullText = stackalloc byte[OpenPgpPrefix.Length + Limits.MaxText];
        Span<byte> binary = stackalloc byte[(OpenPgpPrefix.Length + Limits.MaxText) * 3 / 4];
        decrypted = null;
        if (!SpaBase64.TryDecode(WriteFullText(OpenPgpPrefix, fullText), binary, out int length))
        {
            why = Rejection.EncryptGpgCipherNotDecodable;
            return false;
        }

        if (!keys.OpenPgp!.TryDecrypt(binary[..length], out decrypted, out why))
        {
            return false;
        }

        why = keys.SignaturePolicy.Check(decrypted.Signatures);
        if (why == Rejection.None && decrypted.Plaintext.Length is < Limits.MinText or > Limits.MaxText)
        {
            why = Rejection.EncryptDecryptedMessageLengthInvalid;
        }

        if (why == Rejection.None)
        {
            return true;
        }

        decrypted.Dispose();
        decrypted = null;
        return false;
    }

    // Without an HMAC the reference notices it only when it decodes what is long enough for OpenPGP.
    private static Rejection NotBase64(int textLength, PacketKeys keys) =>
        keys.Mode == EncryptionMode.Asymmetric && keys.HmacKey is null && IsTakenForOpenPgp(textLength, keys)
            ? Rejection.EncryptGpgCipherNotDecodable
            : Rejection.EncodeNotBase64;

    private ReadOnlySpan<byte> WriteFullText(ReadOnlySpan<byte> prefix, Span<byte> destination)
    {
        prefix.CopyTo(destination);
        CipherText.CopyTo(destination[prefix.Length..]);
        return destination[..(prefix.Length + CipherText.Length)];
    }
}
