namespace Fwknop.Protocol;

/// <summary>
/// How AES-256 is used (protocol.md 4.4). The numbers are the reference's; 4 (PCBC) is left out because the reference never
/// implemented it. The mode is not carried in the packet: both sides are configured alike.
/// </summary>
public enum EncryptionMode : byte
{
    /// <summary>Electronic code book. Offered for old peers; equal blocks show.</summary>
    Ecb = 1,

    /// <summary>Cipher block chaining. The default.</summary>
    Cbc = 2,

    /// <summary>Cipher feedback with full 128-bit segments.</summary>
    Cfb = 3,

    /// <summary>Output feedback, 128 bits.</summary>
    Ofb = 5,

    /// <summary>Counter mode: 128-bit big-endian counter starting at the IV.</summary>
    Ctr = 6,

    /// <summary>OpenPGP packets (protocol.md 5), by way of an <see cref="IOpenPgp"/>. No symmetric packet can be made or read with it.</summary>
    Asymmetric = 7,

    /// <summary>CBC with keys shorter than 16 bytes padded with ASCII <c>0</c> to 16 (protocol.md 4.2).</summary>
    Legacy = 8,
}
