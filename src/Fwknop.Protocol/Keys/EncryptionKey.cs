using System.Diagnostics.CodeAnalysis;

namespace Fwknop.Protocol;

/// <summary>The symmetric key of a packet: 0 to 32 raw bytes, from which each packet's salt derives its AES key (protocol.md 4.1, 4.2).</summary>
public sealed class EncryptionKey : SpaKey
{
    /// <summary>Longest key in bytes (protocol.md 4.1; more is reference error 95).</summary>
    public const int MaxLength = Limits.EncryptionKeyBytes;

    /// <summary>What <c>--key-gen</c> draws (protocol.md 11).</summary>
    public const int DefaultLength = 32;

    private EncryptionKey(ReadOnlySpan<byte> bytes)
        : base(bytes)
    {
    }

    private EncryptionKey(int length)
        : base(length)
    {
    }

    /// <summary>Makes a key from raw bytes; they are copied, the caller wipes the original.</summary>
    /// <exception cref="ArgumentException">More than <see cref="MaxLength"/> bytes.</exception>
    public static EncryptionKey FromBytes(ReadOnlySpan<byte> bytes) =>
        TryFromBytes(bytes, out EncryptionKey? key) ? key : throw new ArgumentException($"A key has at most {MaxLength} bytes.", nameof(bytes));

    /// <summary>Makes a key from raw bytes.</summary>
    /// <returns>False for more than <see cref="MaxLength"/> bytes.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out EncryptionKey? key)
    {
        key = bytes.Length <= MaxLength ? new EncryptionKey(bytes) : null;
        return key is not null;
    }

    /// <summary>Reads a base64 key as <c>KEY_BASE64</c> settings and <c>fwknop --key-gen</c> carry it.</summary>
    /// <param name="base64">ASCII text; read as leniently as the reference does (protocol.md 2).</param>
    /// <param name="key">The key, or null.</param>
    /// <returns>False when the text is not base64 or decodes to more than <see cref="MaxLength"/> bytes.</returns>
    public static bool TryFromBase64(ReadOnlySpan<byte> base64, [NotNullWhen(true)] out EncryptionKey? key) =>
        TryDecode(base64, TryFromBytes, out key);

    /// <summary>Reads a base64 key.</summary>
    /// <exception cref="FormatException">Not base64, or more than <see cref="MaxLength"/> bytes.</exception>
    public static EncryptionKey FromBase64(ReadOnlySpan<byte> base64) =>
        TryFromBase64(base64, out EncryptionKey? key) ? key : throw new FormatException($"Not base64, or more than {MaxLength} bytes.");

    /// <summary>Makes a key from a typed passphrase: its UTF-8 bytes, unchanged.</summary>
    /// <returns>False for more than <see cref="MaxLength"/> bytes.</returns>
    public static bool TryFromPassphrase(ReadOnlySpan<char> passphrase, [NotNullWhen(true)] out EncryptionKey? key) =>
        TryFromText(passphrase, TryFromBytes, out key);

    /// <summary>Draws a new key from the operating system's random source.</summary>
    /// <param name="length">Bytes, 1 to <see cref="MaxLength"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is out of range.</exception>
    public static EncryptionKey Generate(int length = DefaultLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxLength);
        return new EncryptionKey(length);
    }
}
