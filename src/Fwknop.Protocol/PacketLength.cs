namespace Fwknop.Protocol;

/// <summary>The length of a packet in characters, and how long receivers let it be (protocol.md 7).</summary>
public readonly record struct PacketLength
{
    private PacketLength(int fullText, EncryptionMode mode, HmacType hmacType)
    {
        FullText = fullText;
        CipherText = fullText - Envelope.PrefixOf(mode).Length;
        Hmac = PacketHash.TextLength(hmacType);
        OpenPgpCipherText = Envelope.OpenPgpLength(mode, hmacType != HmacType.None);
    }

    /// <summary>The whole ciphertext, with the prefix that does not travel.</summary>
    public int FullText { get; }

    /// <summary>The ciphertext as it travels.</summary>
    public int CipherText { get; }

    /// <summary>The HMAC; 0 for none.</summary>
    public int Hmac { get; }

    /// <summary>From this length on receivers take <see cref="CipherText"/> for an OpenPGP message; below for a symmetric one.</summary>
    public int OpenPgpCipherText { get; }

    /// <summary>The whole packet.</summary>
    public int Packet => CipherText + Hmac;

    /// <summary>True when receivers take the packet for an OpenPGP one.</summary>
    public bool IsTakenForOpenPgp => CipherText >= OpenPgpCipherText;

    /// <summary>Measures what sealing a message with symmetric keys gives, readable or not.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such digest.</exception>
    public static PacketLength OfSymmetric(SpaMessage message, DigestType digestType, HmacType hmacType)
    {
        ArgumentNullException.ThrowIfNull(message);
        MessageType wireType = MessageRules.ForcedType(message.Type, message.NatAccess is not null, message.ClientTimeout);
        int plaintext = MessageEncoder.Measure(message, wireType) + 1 + SpaBase64.EncodedLength(PacketHash.ByteLength(digestType));
        int padded = Limits.Block * ((plaintext / Limits.Block) + 1);
        int fullText = SpaBase64.EncodedLength(Envelope.Label.Length + Limits.Salt + padded);
        return new PacketLength(fullText, EncryptionMode.Cbc, hmacType);
    }

    /// <summary>Measures the packet that carries an OpenPGP message.</summary>
    /// <param name="messageLength">Bytes of the OpenPGP message.</param>
    /// <param name="hmacType">The HMAC on top.</param>
    public static PacketLength OfOpenPgp(int messageLength, HmacType hmacType) =>
        new(SpaBase64.EncodedLength(messageLength), EncryptionMode.Asymmetric, hmacType);

    /// <summary>The same of a text that is there.</summary>
    internal static PacketLength Of(ReadOnlySpan<byte> fullText, PacketKeys keys) => new(fullText.Length, keys.Mode, keys.HmacType);
}
