namespace Fwknop.Protocol;

/// <summary>
/// A message whose packet was checked in full: HMAC where one is agreed on, decryption, inner digest, every field. Only
/// <see cref="SpaPacket.TryOpen"/> makes one. Replay, age and policy are still to be checked by whoever acts on it.
/// </summary>
public sealed class AuthenticMessage
{
    internal AuthenticMessage()
    {
    }

    /// <summary>The fields.</summary>
    public required SpaMessage Message { get; init; }

    /// <summary>The inner digest's type, told by its length (protocol.md 3.9).</summary>
    public required DigestType DigestType { get; init; }

    /// <summary>The decrypted text without its digest, for dumps.</summary>
    public required FieldText EncodedMessage { get; init; }

    /// <summary>The inner digest as base64 text, for dumps.</summary>
    public required string Digest { get; init; }

    /// <summary>The packet without its HMAC, for dumps.</summary>
    public required string CipherText { get; init; }

    /// <summary>The HMAC as base64 text, or null; for dumps.</summary>
    public required string? Hmac { get; init; }

    /// <summary>What to remember the packet by.</summary>
    public required ReplayDigest ReplayDigest { get; init; }

    /// <summary>
    /// What the packet would be remembered by without its HMAC, or null when it has none. Where the same encryption key is also accepted
    /// without HMAC, the HMAC can be cut off a recorded packet: remember this one, too.
    /// </summary>
    public required ReplayDigest? BareDigest { get; init; }

    /// <summary>
    /// What to remember an OpenPGP packet by besides; null for others. Whoever has recorded one can write the same encrypted content in other bytes
    /// (RFC 4880, 4.2: several ways to write a length), which only an HMAC prevents. This one is of the decrypted text, which has a random value.
    /// </summary>
    public ReplayDigest? ContentDigest { get; init; }

    /// <summary>The first signature of an OpenPGP packet, or null. The policy in <see cref="PacketKeys"/> has been applied.</summary>
    public OpenPgpSignature? Signature { get; init; }
}
