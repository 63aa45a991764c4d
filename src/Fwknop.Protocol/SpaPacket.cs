using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Fwknop.Protocol;

/// <summary>
/// One packet as it goes over the network: <see cref="Bytes"/> is the whole payload of one datagram (protocol.md 1).
/// </summary>
/// <example>
/// <code>
/// using PacketKeys keys = new(EncryptionKey.FromBase64(key), HmacKey.FromBase64(hmacKey));
/// SpaMessage message = SpaMessage.Access("alice", DateTimeOffset.UtcNow, IPAddress.Parse("203.0.113.7"), PortSpec.Tcp(22));
/// SpaPacket packet = SpaPacket.Seal(message, keys);
/// </code>
/// </example>
public sealed class SpaPacket
{
    private readonly byte[] _bytes;

    private SpaPacket(byte[] bytes, FieldText encodedMessage, string digest, string? hmac, MessageType wireType)
    {
        _bytes = bytes;
        EncodedMessage = encodedMessage;
        Digest = digest;
        Hmac = hmac;
        WireType = wireType;
    }

    /// <summary>The payload to send: ASCII, 36 to 1499 bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>The clear text without its digest, for dumps.</summary>
    public FieldText EncodedMessage { get; }

    /// <summary>The inner digest as base64 text, for dumps.</summary>
    public string Digest { get; }

    /// <summary>The HMAC as base64 text, or null.</summary>
    public string? Hmac { get; }

    /// <summary>The type that went into the packet (<see cref="MessageRules.ForcedType"/>).</summary>
    public MessageType WireType { get; }

    /// <summary>What a server remembers the packet by.</summary>
    public ReplayDigest ReplayDigest => ReplayDigest.Of(_bytes);

    /// <summary>Encodes, encrypts and authenticates a message.</summary>
    /// <exception cref="SpaException">A field is invalid, or no receiver would read the packet.</exception>
    public static SpaPacket Seal(SpaMessage message, PacketKeys keys, DigestType digestType = DigestType.Sha256) =>
        TrySeal(message, keys, digestType, out SpaPacket? packet, out Rejection why) ? packet : throw new SpaException(why);

    /// <summary>Encodes, encrypts and authenticates a message.</summary>
    /// <param name="message">What to ask for.</param>
    /// <param name="keys">What was agreed on with the server.</param>
    /// <param name="digestType">The inner digest.</param>
    /// <param name="packet">The packet, or null.</param>
    /// <param name="why">
    /// The reference's reason for a bad field (protocol.md 12), or its decoder's for one that it would refuse on arrival.
    /// </param>
    /// <exception cref="PlatformNotSupportedException">SHA-3 is asked for and the platform's cryptography has none.</exception>
    public static bool TrySeal(
        SpaMessage message, PacketKeys keys, DigestType digestType, [NotNullWhen(true)] out SpaPacket? packet, out Rejection why)
    {
        Span<byte> salt = stackalloc byte[Limits.Salt];
        RandomNumberGenerator.Fill(salt);
        return TrySealWithSalt(message, keys, digestType, salt, out packet, out why);
    }

    /// <summary>
    /// Checks a datagram and reads its message, in the order of protocol.md 8: sizes, alphabet, HMAC, decryption, digest, fields. Nothing
    /// is allocated before the HMAC has been found right, and bad bytes never throw.
    /// </summary>
    /// <param name="datagram">The payload as received.</param>
    /// <param name="keys">What was agreed on with the client.</param>
    /// <param name="message">The message, or null.</param>
    /// <param name="why">The reason for refusal; for logs and counters, never for the sender.</param>
    public static bool TryOpen(
        ReadOnlySpan<byte> datagram, PacketKeys keys, [NotNullWhen(true)] out AuthenticMessage? message, out Rejection why)
    {
        ArgumentNullException.ThrowIfNull(keys);
        message = null;
        if (!Envelope.TryParse(datagram, keys, out Envelope envelope, out why))
        {
            return false;
        }

        if (!envelope.IsAuthentic(keys))
        {
            why = Rejection.HmacMismatch;
            return false;
        }

        if (Envelope.IsTakenForOpenPgp(envelope.CipherText.Length, keys))
        {
            return TryOpenOpenPgp(datagram, envelope, keys, out message, out why);
        }

        Span<byte> padded = stackalloc byte[Limits.MaxText];
        try
        {
            return envelope.TryDecrypt(keys, padded, out int length, out why)
                && TryReadPadded(padded[..length], datagram, envelope, out message, out why);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(padded);
        }
    }

    /// <summary>
    /// Tells a wrong encryption key from a wrong HMAC key: true when the keys have an HMAC key and the HMAC of the text is right, whatever it covers.
    /// </summary>
    /// <param name="datagram">The packet text.</param>
    /// <param name="keys">The agreed keys.</param>
    public static bool HasRightHmac(ReadOnlySpan<byte> datagram, PacketKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return keys.HmacKey is not null && Envelope.TryParse(datagram, keys, out Envelope envelope, out _) && envelope.IsAuthentic(keys);
    }

    /// <summary>The wire text.</summary>
    public override string ToString() => Encoding.ASCII.GetString(_bytes);

    /// <summary>Seals with a given salt, which must never be used twice with a key.</summary>
    internal static bool TrySealWithSalt(
        SpaMessage message, PacketKeys keys, DigestType digestType, ReadOnlySpan<byte> salt,
        [NotNullWhen(true)] out SpaPacket? packet, out Rejection why)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(keys);
        packet = null;
        why = MessageEncoder.Check(message, out MessageType wireType);
        if (why == Rejection.None && keys.OpenPgp is null && !SymmetricCipher.IsUsable(keys.Mode))
        {
            why = Rejection.UnsupportedFeature;
        }

        if (why != Rejection.None)
        {
            return false;
        }

        if (!PacketHash.IsSupported(digestType))
        {
            throw new PlatformNotSupportedException(
                $"The cryptographic library of this platform has no {AlgorithmNames.GetName(digestType)}; OpenSSL 1.1.1 or later does.");
        }

        Span<byte> plaintext = stackalloc byte[Limits.MaxText + Limits.Block];
        int encodedLength = MessageEncoder.Write(message, wireType, plaintext);
        plaintext[encodedLength] = (byte)':';
        Span<byte> digest = stackalloc byte[PacketHash.MaxText];
        digest = digest[..PacketHash.WriteDigest(digestType, plaintext[..encodedLength], digest)];
        digest.CopyTo(plaintext[(encodedLength + 1)..]);

        Span<byte> fullText = stackalloc byte[2 * Limits.MaxText];
        int plainLength = encodedLength + 1 + digest.Length;
        int textLength = keys.OpenPgp is null
            ? Encrypt(keys, salt, plaintext, plainLength, fullText)
            : EncryptOpenPgp(keys.OpenPgp, plaintext[..plainLength], fullText, out why);
        fullText = fullText[..textLength];
        if (why != Rejection.None || !IsReadable(fullText, keys, out why))
        {
            return false;
        }

        Span<byte> hmac = stackalloc byte[PacketHash.MaxText];
        hmac = keys.HmacKey is null ? default : hmac[..PacketHash.WriteHmac(keys.HmacType, keys.HmacKey, fullText, hmac)];
        packet = new SpaPacket(
            [.. fullText[Envelope.PrefixOf(keys.Mode).Length..], .. hmac],
            new FieldText(plaintext[..encodedLength]),
            Encoding.ASCII.GetString(digest),
            keys.HmacKey is null ? null : Encoding.ASCII.GetString(hmac),
            wireType);
        return true;
    }

    // Whether receivers take the text for what it is (protocol.md 5.2, 7).
    private static bool IsReadable(ReadOnlySpan<byte> fullText, PacketKeys keys, out Rejection why)
    {
        ReadOnlySpan<byte> prefix = Envelope.PrefixOf(keys.Mode);
        bool isOpenPgp = keys.OpenPgp is not null;
        PacketLength length = PacketLength.Of(fullText, keys);
        why = length.IsTakenForOpenPgp && !isOpenPgp ? Rejection.TooLongToDecode
            : !isOpenPgp ? Rejection.None
            : !fullText.StartsWith(prefix) ? Rejection.OpenPgpKeyUnsuitable
            : !length.IsTakenForOpenPgp ? Rejection.TooShortForOpenPgp
            : length.Packet > Limits.MaxText ? Rejection.EncryptGpgResultMessageLengthInvalid
            : Rejection.None;
        return why == Rejection.None;
    }

    // Returns the length of the text; 0 when there is none.
    private static int EncryptOpenPgp(IOpenPgp openPgp, ReadOnlySpan<byte> plaintext, Span<byte> fullText, out Rejection why)
    {
        if (!openPgp.TryEncrypt(plaintext, out byte[]? message, out why))
        {
            return 0;
        }

        if (SpaBase64.EncodedLength(message.Length) is < Limits.MinText or > Limits.MaxText)
        {
            why = Rejection.EncryptGpgResultMessageLengthInvalid;
            return 0;
        }

        return SpaBase64.Encode(message, fullText);
    }

    // Pads in place (PKCS#7), encrypts and writes the text with its prefix (protocol.md 4.3).
    private static int Encrypt(PacketKeys keys, ReadOnlySpan<byte> salt, Span<byte> plaintext, int length, Span<byte> fullText)
    {
        int padding = Limits.Block - (length % Limits.Block);
        foreach (ref byte pad in plaintext.Slice(length, padding))
        {
            pad = (byte)padding;
        }

        int padded = length + padding;

        Span<byte> aesKey = stackalloc byte[Limits.EncryptionKeyBytes];
        Span<byte> iv = stackalloc byte[Limits.Block];
        KeyDerivation.Derive(keys.EncryptionKey, keys.Mode, salt, aesKey, iv);

        int header = Envelope.Label.Length + Limits.Salt;
        Span<byte> binary = stackalloc byte[header + Limits.MaxText + Limits.Block];
        Envelope.Label.CopyTo(binary);
        salt.CopyTo(binary[Envelope.Label.Length..]);
        SymmetricCipher.Encrypt(keys.Mode, aesKey, iv, plaintext[..padded], binary[header..]);
        CryptographicOperations.ZeroMemory(aesKey);
        return SpaBase64.Encode(binary[..(header + padded)], fullText);
    }

    private static bool TryOpenOpenPgp(
        ReadOnlySpan<byte> datagram, in Envelope envelope, PacketKeys keys,
        [NotNullWhen(true)] out AuthenticMessage? message, out Rejection why)
    {
        message = null;
        if (keys.OpenPgp is null)
        {
            why = keys.Mode == EncryptionMode.Asymmetric ? Rejection.UnsupportedFeature : Rejection.EncryptTypeUnknown;
            return false;
        }

        if (!envelope.TryDecryptOpenPgp(keys, out DecryptedMessage? decrypted, out why))
        {
            return false;
        }

        using (decrypted)
        {
            OpenPgpSignature? signature = decrypted.Signatures.Count > 0 ? decrypted.Signatures[0] : null;
            return TryRead(decrypted.Plaintext, isOpenPgp: true, signature, datagram, envelope, out message, out why);
        }
    }

    private static bool TryReadPadded(
        ReadOnlySpan<byte> padded, ReadOnlySpan<byte> datagram, in Envelope envelope,
        [NotNullWhen(true)] out AuthenticMessage? message, out Rejection why)
    {
        // Invalid padding is told last, as the reference notices it last: what a wrong key gives is a decryption failure.
        int unpadded = CanonicalForm.UnpaddedLength(padded);
        ReadOnlySpan<byte> plaintext = unpadded < 0 ? padded : padded[..unpadded];
        if (!TryRead(plaintext, isOpenPgp: false, null, datagram, envelope, out message, out why) || unpadded >= 0)
        {
            return message is not null;
        }

        message = null;
        why = Rejection.NotCanonical;
        return false;
    }

    private static bool TryRead(
        ReadOnlySpan<byte> plaintext, bool isOpenPgp, OpenPgpSignature? signature, ReadOnlySpan<byte> datagram, in Envelope envelope,
        [NotNullWhen(true)] out AuthenticMessage? message, out Rejection why)
    {
        message = null;
        if (!MessageDecoder.TryVerifyDigest(plaintext, isOpenPgp, out ReadOnlySpan<byte> encoded, out DigestType digestType, out why)
            || !MessageDecoder.TryReadFields(encoded, out SpaMessage? fields, out why))
        {
            return false;
        }

        message = new AuthenticMessage
        {
            Message = fields,
            DigestType = digestType,
            EncodedMessage = new FieldText(encoded),
            Digest = Encoding.ASCII.GetString(plaintext[(encoded.Length + 1)..]),
            CipherText = Encoding.ASCII.GetString(envelope.CipherText),
            Hmac = envelope.Mac.IsEmpty ? null : Encoding.ASCII.GetString(envelope.Mac),
            ReplayDigest = ReplayDigest.Of(datagram),
            BareDigest = envelope.Mac.IsEmpty ? null : ReplayDigest.Of(envelope.CipherText),
            ContentDigest = isOpenPgp ? ReplayDigest.Of(plaintext) : null,
            Signature = signature,
        };
        return true;
    }
}
