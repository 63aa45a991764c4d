using System.Security.Cryptography;

namespace Fwknop.Protocol;

/// <summary>The hashes of the format, plain (protocol.md 3.9) and keyed (6.1), into the caller's memory.</summary>
internal static class PacketHash
{
    /// <summary>Longest hash in bytes.</summary>
    public const int MaxBytes = 64;

    /// <summary>Longest hash as base64 text.</summary>
    public const int MaxText = 86;

    /// <summary>Bytes of a hash.</summary>
    public static int ByteLength(DigestType type) => type switch
    {
        DigestType.Md5 => MD5.HashSizeInBytes,
        DigestType.Sha1 => SHA1.HashSizeInBytes,
        DigestType.Sha256 or DigestType.Sha3_256 => SHA256.HashSizeInBytes,
        DigestType.Sha384 => SHA384.HashSizeInBytes,
        DigestType.Sha512 or DigestType.Sha3_512 => SHA512.HashSizeInBytes,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>Characters of an HMAC at the end of a packet; 0 for none (protocol.md 6.1).</summary>
    public static int TextLength(HmacType type) => type == HmacType.None ? 0 : SpaBase64.EncodedLength(ByteLength((DigestType)type));

    /// <summary>False for SHA-3 where the platform's cryptography has none.</summary>
    public static bool IsSupported(DigestType type) => type switch
    {
        DigestType.Sha3_256 => SHA3_256.IsSupported,
        DigestType.Sha3_512 => SHA3_512.IsSupported,
        _ => true,
    };

    /// <summary>Writes the base64 text of the hash of <paramref name="data"/>.</summary>
    /// <param name="type">A supported type.</param>
    /// <param name="data">What is hashed.</param>
    /// <param name="text">At least <see cref="MaxText"/> bytes.</param>
    /// <returns>Characters written.</returns>
    public static int WriteDigest(DigestType type, ReadOnlySpan<byte> data, Span<byte> text)
    {
        Span<byte> hash = stackalloc byte[MaxBytes];
        int length = type switch
        {
            DigestType.Md5 => MD5.HashData(data, hash),
            DigestType.Sha1 => SHA1.HashData(data, hash),
            DigestType.Sha256 => SHA256.HashData(data, hash),
            DigestType.Sha384 => SHA384.HashData(data, hash),
            DigestType.Sha512 => SHA512.HashData(data, hash),
            DigestType.Sha3_256 => SHA3_256.HashData(data, hash),
            DigestType.Sha3_512 => SHA3_512.HashData(data, hash),
            _ => throw new ArgumentOutOfRangeException(nameof(type)),
        };
        return SpaBase64.Encode(hash[..length], text);
    }

    /// <summary>Writes the base64 text of the HMAC (RFC 2104) of <paramref name="data"/>.</summary>
    /// <inheritdoc cref="WriteDigest"/>
    public static int WriteHmac(HmacType type, HmacKey key, ReadOnlySpan<byte> data, Span<byte> text)
    {
        Span<byte> mac = stackalloc byte[MaxBytes];
        int length = type switch
        {
            HmacType.Md5 => HMACMD5.HashData(key.Bytes, data, mac),
            HmacType.Sha1 => HMACSHA1.HashData(key.Bytes, data, mac),
            HmacType.Sha256 => HMACSHA256.HashData(key.Bytes, data, mac),
            HmacType.Sha384 => HMACSHA384.HashData(key.Bytes, data, mac),
            HmacType.Sha512 => HMACSHA512.HashData(key.Bytes, data, mac),
            HmacType.Sha3_256 => HMACSHA3_256.HashData(key.Bytes, data, mac),
            HmacType.Sha3_512 => HMACSHA3_512.HashData(key.Bytes, data, mac),
            _ => throw new ArgumentOutOfRangeException(nameof(type)),
        };
        return SpaBase64.Encode(mac[..length], text);
    }
}
