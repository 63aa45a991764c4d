using System.Security.Cryptography;
using Fwknop.Protocol;

namespace Fwknop.Configuration.KeyGeneration;

/// <summary>New keys for a client and its server. Owns both keys.</summary>
/// <param name="encryptionKey">The encryption key.</param>
/// <param name="hmacKey">The HMAC key.</param>
public sealed class KeyPair(EncryptionKey encryptionKey, HmacKey hmacKey) : IDisposable
{
    /// <summary>The encryption key; wiped with the pair.</summary>
    public EncryptionKey EncryptionKey { get; } = encryptionKey;

    /// <summary>The HMAC key; wiped with the pair.</summary>
    public HmacKey HmacKey { get; } = hmacKey;

    /// <summary>Hands out two lines that are valid in an rc file and in access.conf, in one call; the text is wiped after it.</summary>
    public void WriteLines(Action<ReadOnlySpan<byte>> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        Span<byte> text = stackalloc byte[2 * (Limits.KeyBase64Text + 32)];
        try
        {
            int end = WriteLine("KEY_BASE64: "u8, EncryptionKey, text);
            end += WriteLine("HMAC_KEY_BASE64: "u8, HmacKey, text[end..]);
            destination(text[..end]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    public void Dispose()
    {
        EncryptionKey.Dispose();
        HmacKey.Dispose();
    }

    private static int WriteLine(ReadOnlySpan<byte> name, SpaKey key, Span<byte> line)
    {
        name.CopyTo(line);
        int end = name.Length + key.WriteBase64(line[name.Length..]);
        line[end] = (byte)'\n';
        return end + 1;
    }
}
