using System.Diagnostics.CodeAnalysis;
using Fwknop.Protocol;

namespace Fwknop.OpenPgp.Tests;

/// <summary>Must not be asked.</summary>
internal sealed class ForbiddenOpenPgp : IOpenPgp
{
    public OpenPgpNames Names { get; } = new(null, null, null, "none");

    public bool TryEncrypt(ReadOnlySpan<byte> plaintext, [NotNullWhen(true)] out byte[]? message, out Rejection why) =>
        throw new InvalidOperationException("Encrypts.");

    public bool TryDecrypt(ReadOnlySpan<byte> message, [NotNullWhen(true)] out DecryptedMessage? decrypted, out Rejection why) =>
        throw new InvalidOperationException("Decrypts.");
}
