namespace Fwknop.Protocol;

/// <summary>
/// A message whose packet was checked in full: HMAC where one is agreed on, decryption, inner digest, every field. Only
/// <see cref="SpaPacket.TryOpen"/> makes one. Replay, age and policy are still to be checked by whoever acts on it.
/// </summary>
public sealed class AuthenticMessage
{
    internal AuthenticMessage(SpaMessage message, DigestType digestType, FieldText encodedMessage, string digest, ReplayDigest replayDigest)
    {
        Message = message;
        DigestType = digestType;
        EncodedMessage = encodedMessage;
        Digest = digest;
        ReplayDigest = replayDigest;
    }

    /// <summary>The fields.</summary>
    public SpaMessage Message { get; }

    /// <summary>The inner digest's type, told by its length (protocol.md 3.9).</summary>
    public DigestType DigestType { get; }

    /// <summary>The decrypted text without its digest, for dumps.</summary>
    public FieldText EncodedMessage { get; }

    /// <summary>The inner digest as base64 text, for dumps.</summary>
    public string Digest { get; }

    /// <summary>What to remember the packet by.</summary>
    public ReplayDigest ReplayDigest { get; }
}
