using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Fwknop.Protocol;

/// <summary>
/// What a packet is remembered by: the SHA-256 of its text (protocol.md 9, step 6), the value in <c>digest.cache</c> files. Only
/// canonical packets reach this point, so the text stands for the salt, ciphertext and HMAC as bytes.
/// </summary>
public readonly struct ReplayDigest : IEquatable<ReplayDigest>
{
    /// <summary>Bytes of a digest.</summary>
    public const int Size = SHA256.HashSizeInBytes;

    /// <summary>Characters of its base64 text, without padding.</summary>
    internal const int TextLength = 43;

    private readonly UInt128 _high;
    private readonly UInt128 _low;

    /// <summary>Takes the 32 bytes of a digest.</summary>
    /// <exception cref="ArgumentException">Not <see cref="Size"/> bytes.</exception>
    public ReplayDigest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
        {
            throw new ArgumentException($"A replay digest has {Size} bytes.", nameof(bytes));
        }

        _high = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        _low = BinaryPrimitives.ReadUInt128BigEndian(bytes[(Size / 2)..]);
    }

    /// <summary>
    /// The digest of a packet as received, before it is opened. Of no use for a packet that <see cref="SpaPacket.TryOpen"/> refuses: only there
    /// is made sure that the text has its one spelling.
    /// </summary>
    public static ReplayDigest Of(ReadOnlySpan<byte> packet)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(packet, hash);
        return new ReplayDigest(hash);
    }

    /// <summary>Reads the base64 text of a digest as it stands in a digest file.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ReplayDigest digest)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bool valid = text.Length == TextLength && SpaBase64.TryDecode(text, bytes, out _);
        digest = valid ? new ReplayDigest(bytes) : default;
        return valid;
    }

    public static bool operator ==(ReplayDigest left, ReplayDigest right) => left.Equals(right);

    public static bool operator !=(ReplayDigest left, ReplayDigest right) => !left.Equals(right);

    /// <summary>Writes the 32 bytes.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter.</exception>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt128BigEndian(destination[(Size / 2)..], _low);
    }

    /// <inheritdoc/>
    public bool Equals(ReplayDigest other) => _high == other._high && _low == other._low;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ReplayDigest other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _low.GetHashCode();

    /// <summary>The base64 text, 43 characters.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToBase64String(bytes)[..TextLength];
    }
}
