namespace Fwknop.Protocol;

/// <summary>Every bound of the format, each with its source. Lengths are bytes, which on the wire are characters.</summary>
public static class Limits
{
    /// <summary>Shortest packet, full text, encoded message and plaintext (protocol.md 7).</summary>
    internal const int MinText = 36;

    /// <summary>Longest packet, full text, encoded message and plaintext (protocol.md 7).</summary>
    public const int MaxText = 1499;

    /// <summary>From this length on a text is taken for OpenPGP (protocol.md 5.3, 7).</summary>
    public const int OpenPgpText = 400;

    /// <summary>Shortest payload the daemon looks at (protocol.md 9, step 1).</summary>
    public const int MinDatagram = 140;

    /// <summary>Longest payload the daemon looks at (protocol.md 9, step 1).</summary>
    public const int MaxDatagram = 1500;

    /// <summary>Symmetric key (protocol.md 4.1).</summary>
    public const int EncryptionKeyBytes = 32;

    /// <summary>HMAC key (protocol.md 6.1). The reference's library takes this many; its programs take <see cref="HmacKeyProgramBytes"/>.</summary>
    public const int HmacKeyBytes = 136;

    /// <summary>HMAC key in options and files (protocol.md 6.1).</summary>
    public const int HmacKeyProgramBytes = 128;

    /// <summary>Encryption key in legacy mode: shorter ones are filled up, the programs cut longer ones (protocol.md 4.2, 4.4).</summary>
    public const int LegacyKeyBytes = 16;

    /// <summary>Base64 text of a key: room for the longest key and stray padding (our choice).</summary>
    public const int KeyBase64Text = 256;

    /// <summary>Salt in front of the ciphertext (protocol.md 4.3).</summary>
    public const int Salt = 8;

    /// <summary>AES block and IV (protocol.md 4.3).</summary>
    public const int Block = 16;

    /// <summary>Decimal digits of the random value (protocol.md 3.2).</summary>
    public const int RandomValue = 16;

    /// <summary>User name on encoding (protocol.md 3.3). More than <see cref="UsernameDecoded"/> is refused on arrival.</summary>
    public const int Username = 63;

    /// <summary>User name a decoder accepts: 64 characters of base64 (protocol.md 3.1).</summary>
    public const int UsernameDecoded = 48;

    /// <summary>Access or command text on encoding (protocol.md 3.6).</summary>
    public const int Message = 255;

    /// <summary>Access or command text a decoder accepts: 256 characters of base64 (protocol.md 3.1).</summary>
    public const int MessageDecoded = 192;

    /// <summary>NAT access text on encoding (protocol.md 3.1).</summary>
    public const int NatAccess = 127;

    /// <summary>Host part of the NAT access text (protocol.md 3.6).</summary>
    internal const int NatHost = 70;

    /// <summary>Server authentication text on encoding (protocol.md 3.1).</summary>
    public const int ServerAuth = 63;

    /// <summary>Longest client timeout in seconds a decoder accepts (protocol.md 3.7).</summary>
    public const int ClientTimeout = 65536;
}
