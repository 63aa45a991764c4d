using System.Diagnostics.CodeAnalysis;

namespace Fwknop.Protocol;

/// <summary>The key of the HMAC over the packet text (protocol.md 6).</summary>
public sealed class HmacKey : SpaKey
{
    /// <summary>Longest key in bytes (protocol.md 6.1: the library takes 136; command lines and files take 128).</summary>
    public const int MaxLength = Limits.HmacKeyBytes;

    /// <summary>What <c>--key-gen</c> draws for SHA-256 (protocol.md 11).</summary>
    public const int DefaultLength = 64;

    private HmacKey(ReadOnlySpan<byte> bytes)
        : base(bytes)
    {
    }

    private HmacKey(int length)
        : base(length)
    {
    }

    /// <summary>Makes a key from raw bytes; they are copied, the caller wipes the original.</summary>
    /// <exception cref="ArgumentException">More than <see cref="MaxLength"/> bytes.</exception>
    public static HmacKey FromBytes(ReadOnlySpan<byte> bytes) =>
        TryFromBytes(bytes, out HmacKey? key) ? key : throw new ArgumentException($"A key has at most {MaxLength} bytes.", nameof(bytes));

    /// <summary>Makes a key from raw bytes.</summary>
    /// <returns>False for more than <see cref="MaxLength"/> bytes.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out HmacKey? key)
    {
        key = bytes.Length <= MaxLength ? new HmacKey(bytes) : null;
        return key is not null;
    }

    /// <summary>Reads a base64 key as <c>HMAC_KEY_BASE64</c> settings and <c>fwknop --key-gen</c> carry it.</summary>
    /// <param name="base64">ASCII text; read as leniently as the reference does (protocol.md 2).</param>
    /// <param name="key">The key, or null.</param>
    /// <returns>False when the text is not base64 or decodes to more than <see cref="MaxLength"/> bytes.</returns>
    public static bool TryFromBase64(ReadOnlySpan<byte> base64, [NotNullWhen(true)] out HmacKey? key) =>
        TryDecode(base64, TryFromBytes, out key);

    /// <summary>Reads a base64 key.</summary>
    /// <exception cref="FormatException">Not base64, or more than <see cref="MaxLength"/> bytes.</exception>
    public static HmacKey FromBase64(ReadOnlySpan<byte> base64) =>
        TryFromBase64(base64, out HmacKey? key) ? key : throw new FormatException($"Not base64, or more than {MaxLength} bytes.");

    /// <summary>Makes a key from a typed passphrase: its UTF-8 bytes, unchanged.</summary>
    /// <returns>False for more than <see cref="MaxLength"/> bytes.</returns>
    public static bool TryFromPassphrase(ReadOnlySpan<char> passphrase, [NotNullWhen(true)] out HmacKey? key) =>
        TryFromText(passphrase, TryFromBytes, out key);

    /// <summary>Draws a new key from the operating system's random source.</summary>
    /// <param name="length">Bytes, 1 to <see cref="MaxLength"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is out of range.</exception>
    public static HmacKey Generate(int length = DefaultLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxLength);
        return new HmacKey(length);
    }
}
