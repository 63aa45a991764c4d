using System.Security.Cryptography;

namespace Fwknop.Protocol;

/// <summary>
/// Passphrase and salt to AES key and IV (protocol.md 4.2): the chain of <c>openssl enc -md md5</c> with one iteration. MD5 is what
/// deployed peers use; three calls of it are no protection for a weak passphrase, so generated keys and an HMAC are advised.
/// </summary>
internal static class KeyDerivation
{
    /// <summary>Fills <paramref name="aesKey"/> (32 bytes) and <paramref name="iv"/> (16 bytes).</summary>
    public static void Derive(
        EncryptionKey key, EncryptionMode mode, ReadOnlySpan<byte> salt, Span<byte> aesKey, Span<byte> iv)
    {
        // Input of each round: previous digest, key, salt.
        Span<byte> input = stackalloc byte[Limits.Block + Limits.EncryptionKeyBytes + Limits.Salt];
        Span<byte> tail = input[Limits.Block..];
        key.Bytes.CopyTo(tail);
        int length = key.Length;
        if (mode == EncryptionMode.Legacy && length < Limits.LegacyKeyBytes)
        {
            tail[length..Limits.LegacyKeyBytes].Fill((byte)'0');
            length = Limits.LegacyKeyBytes;
        }

        salt.CopyTo(tail[length..]);
        int end = Limits.Block + length + Limits.Salt;
        MD5.HashData(input[Limits.Block..end], aesKey);
        aesKey[..Limits.Block].CopyTo(input);
        MD5.HashData(input[..end], aesKey[Limits.Block..]);
        aesKey[Limits.Block..].CopyTo(input);
        MD5.HashData(input[..end], iv);
        CryptographicOperations.ZeroMemory(input);
    }
}
