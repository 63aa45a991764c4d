using System.Diagnostics.CodeAnalysis;
using Fwknop.Protocol;

namespace Fwknop.OpenPgp.Tests;

/// <summary>Makes messages of a given length that begin as those of suitable keys do.</summary>
internal sealed class FixedOpenPgp(int length) : IOpenPgp
{
    public OpenPgpNames Names { get; } = new("r", "s", null, "none");

    public bool TryEncrypt(ReadOnlySpan<byte> plaintext, [NotNullWhen(true)] out byte[]? message, out Rejection why)
    {
        message = new byte[length];
        byte[] start = [0x85, 0x01];
        start.AsSpan(0, Math.Min(start.Length, length)).CopyTo(message);
        why = Rejection.None;
        return true;
    }

    public bool TryDecrypt(ReadOnlySpan<byte> message, [NotNullWhen(true)] out DecryptedMessage? decrypted, out Rejection why) =>
        throw new NotSupportedException();
}
