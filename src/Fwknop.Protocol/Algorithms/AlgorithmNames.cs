namespace Fwknop.Protocol;

/// <summary>The names of algorithms in options and configuration files (protocol.md 3.9, 4.4, 6.1). Case is ignored on reading.</summary>
public static class AlgorithmNames
{
    private static readonly string[] HashNames = ["md5", "sha1", "sha256", "sha384", "sha512", "sha3_256", "sha3_512"];

    private static readonly (EncryptionMode Mode, string Name)[] ModeNames =
    [
        (EncryptionMode.Cbc, "CBC"), (EncryptionMode.Ecb, "ECB"), (EncryptionMode.Cfb, "CFB"), (EncryptionMode.Ofb, "OFB"),
        (EncryptionMode.Ctr, "CTR"), (EncryptionMode.Asymmetric, "Asymmetric"), (EncryptionMode.Legacy, "legacy"),
    ];

    /// <summary>The digest names as people write them, by number: <c>md5</c> to <c>sha3_512</c>.</summary>
    public static IReadOnlyList<string> Digests => HashNames;

    /// <summary>Reads a digest name such as <c>sha256</c> or <c>SHA3_512</c>.</summary>
    public static bool TryParseDigest(ReadOnlySpan<char> name, out DigestType type)
    {
        type = (DigestType)NumberOf(name);
        return type != 0;
    }

    /// <summary>Reads an HMAC digest name; the names are those of <see cref="DigestType"/>.</summary>
    public static bool TryParseHmac(ReadOnlySpan<char> name, out HmacType type)
    {
        type = (HmacType)NumberOf(name);
        return type != HmacType.None;
    }

    /// <summary>Reads an encryption mode name such as <c>CBC</c> or <c>legacy</c>.</summary>
    public static bool TryParseMode(ReadOnlySpan<char> name, out EncryptionMode mode)
    {
        foreach ((EncryptionMode candidate, string text) in ModeNames)
        {
            if (name.Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                mode = candidate;
                return true;
            }
        }

        mode = 0;
        return false;
    }

    /// <summary>The upper-case name used in dumps and saved settings: <c>SHA256</c>, <c>SHA3_512</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of the enumeration.</exception>
    public static string GetName(DigestType type) => Enum.IsDefined(type)
        ? HashNames[(int)type - 1].ToUpperInvariant()
        : throw new ArgumentOutOfRangeException(nameof(type));

    /// <inheritdoc cref="GetName(DigestType)"/>
    public static string GetName(HmacType type) => type == HmacType.None ? "None" : GetName((DigestType)type);

    /// <summary>The name used in dumps and saved settings: <c>CBC</c>, <c>Asymmetric</c>, <c>legacy</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of the enumeration.</exception>
    public static string GetName(EncryptionMode mode)
    {
        foreach ((EncryptionMode candidate, string text) in ModeNames)
        {
            if (candidate == mode)
            {
                return text;
            }
        }

        throw new ArgumentOutOfRangeException(nameof(mode));
    }

    private static byte NumberOf(ReadOnlySpan<char> name)
    {
        for (int i = 0; i < HashNames.Length; i++)
        {
            if (name.Equals(HashNames[i], StringComparison.OrdinalIgnoreCase))
            {
                return (byte)(i + 1);
            }
        }

        return 0;
    }
}
