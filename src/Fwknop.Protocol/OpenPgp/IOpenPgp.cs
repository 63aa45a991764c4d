using System.Diagnostics.CodeAnalysis;

namespace Fwknop.Protocol;

/// <summary>
/// The OpenPGP part of asymmetric packets (protocol.md 5), which this library leaves to others: it starts no process. Encoding, HMAC, sizes
/// and the signature policy stay here. Called only for packets whose HMAC was right, where one is agreed on.
/// </summary>
public interface IOpenPgp
{
    /// <summary>What packets are made with and for; for dumps only.</summary>
    OpenPgpNames Names { get; }

    /// <summary>Encrypts to exactly one recipient, and signs when there is a signer.</summary>
    /// <param name="plaintext">The encoded message and its digest.</param>
    /// <param name="message">The OpenPGP message, binary.</param>
    /// <param name="why">The reason for failure (protocol.md 12, 115 to 133).</param>
    bool TryEncrypt(ReadOnlySpan<byte> plaintext, [NotNullWhen(true)] out byte[]? message, out Rejection why);

    /// <summary>
    /// Decrypts, and reports the signatures as they were found. It does not judge them: <see cref="SignaturePolicy"/> does.
    /// </summary>
    /// <param name="message">The OpenPGP message, binary; hostile.</param>
    /// <param name="decrypted">What was in it; the caller disposes it.</param>
    /// <param name="why">The reason for failure.</param>
    bool TryDecrypt(ReadOnlySpan<byte> message, [NotNullWhen(true)] out DecryptedMessage? decrypted, out Rejection why);
}
