using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Fwknop.Protocol;

/// <summary>
/// A secret key: owned memory that the garbage collector never copies, zeroed by <see cref="Dispose()"/>, never printed.
/// </summary>
public abstract class SpaKey : IDisposable
{
    private readonly byte[] _bytes;
    private bool _disposed;

    private protected SpaKey(ReadOnlySpan<byte> bytes)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(_bytes);
    }

    private protected SpaKey(int length)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        RandomNumberGenerator.Fill(_bytes);
    }

    /// <summary>Length in bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>The key itself. Valid until <see cref="Dispose()"/>.</summary>
    internal ReadOnlySpan<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _bytes;
        }
    }

    /// <summary>Copies the key out, for storing it. The caller owns the copy and wipes it.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public void CopyTo(Span<byte> destination) => Bytes.CopyTo(destination);

    /// <summary>
    /// Writes the key as base64 with padding, the form of <c>KEY_BASE64</c> settings (protocol.md 2). The caller wipes the text.
    /// </summary>
    /// <param name="destination">ASCII bytes; at least <c>(Length + 2) / 3 * 4</c>.</param>
    /// <returns>The number of bytes written.</returns>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public int WriteBase64(Span<byte> destination)
    {
        if (Base64.EncodeToUtf8(Bytes, destination, out _, out int written) != System.Buffers.OperationStatus.Done)
        {
            throw new ArgumentException("The destination is too short for the key's base64 text.", nameof(destination));
        }

        return written;
    }

    /// <summary>True when both keys hold the same bytes; takes the same time whatever differs.</summary>
    public bool HasSameBytesAs(SpaKey other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return CryptographicOperations.FixedTimeEquals(Bytes, other.Bytes);
    }

    /// <summary>Overwrites the key with zeros. Any later use throws <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _disposed = true;
        GC.SuppressFinalize(this);
    }

    /// <summary>The kind of key, never its bytes.</summary>
    public sealed override string ToString() => GetType().Name;

    private protected delegate bool Factory<TKey>(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TKey? key)
        where TKey : SpaKey;

    /// <summary>Decodes base64 as settings carry it (protocol.md 2, lenient) and makes the key from the bytes.</summary>
    private protected static bool TryDecode<TKey>(ReadOnlySpan<byte> base64, Factory<TKey> make, [NotNullWhen(true)] out TKey? key)
        where TKey : SpaKey
    {
        key = null;
        if (base64.Length > Limits.KeyBase64Text)
        {
            return false;
        }

        Span<byte> decoded = stackalloc byte[Limits.KeyBase64Text];
        try
        {
            return SpaBase64.TryDecodeLenient(base64, decoded, out int length) && make(decoded[..length], out key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(decoded);
        }
    }

    /// <summary>The UTF-8 bytes of a typed passphrase, made into a key; the intermediate copy is wiped.</summary>
    private protected static bool TryFromText<TKey>(ReadOnlySpan<char> text, Factory<TKey> make, [NotNullWhen(true)] out TKey? key)
        where TKey : SpaKey
    {
        key = null;
        Span<byte> utf8 = stackalloc byte[Limits.HmacKeyBytes];
        try
        {
            return Encoding.UTF8.TryGetBytes(text, utf8, out int length) && make(utf8[..length], out key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(utf8);
        }
    }
}
