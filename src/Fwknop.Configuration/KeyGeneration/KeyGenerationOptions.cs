using Fwknop.Protocol;

namespace Fwknop.Configuration.KeyGeneration;

/// <summary>What <c>--key-gen</c> makes and where it goes (server.md 1.5, client.md 9).</summary>
public sealed record KeyGenerationOptions
{
    /// <summary>Bytes of the encryption key.</summary>
    public int KeyLength { get; init; } = EncryptionKey.DefaultLength;

    /// <summary>Bytes of the HMAC key; null = what suits <see cref="HmacType"/>.</summary>
    public int? HmacKeyLength { get; init; }

    /// <summary>What the HMAC key is for.</summary>
    public HmacType HmacType { get; init; } = HmacType.Sha256;

    /// <summary>The file for the keys; null = standard output.</summary>
    public string? File { get; init; }

    /// <summary>Bytes the HMAC key gets.</summary>
    public int EffectiveHmacKeyLength => HmacKeyLength ?? DefaultHmacKeyLength(HmacType);

    /// <summary>
    /// Bytes of an HMAC key by type: MD5 and SHA-1 their digest, the other SHA kinds their block. The reference has none for SHA-3;
    /// 64 stays within what its programs take (client.md 9).
    /// </summary>
    public static int DefaultHmacKeyLength(HmacType type) => type switch
    {
        HmacType.Md5 => 16,
        HmacType.Sha1 => 20,
        HmacType.Sha384 or HmacType.Sha512 => 128,
        _ => 64,
    };
}
