using System.Text;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>Setters of digests and modes (client.md 4.3).</summary>
internal static class AlgorithmSetters
{
    /// <summary>The names of digests, for <c>-m</c> and <c>--hmac-digest-type</c>.</summary>
    public static string[] DigestNames { get; } = ["md5", "sha1", "sha256", "sha384", "sha512", "sha3_256", "sha3_512"];

    /// <summary>The names of encryption modes.</summary>
    public static string[] ModeNames { get; } = ["CBC", "ECB", "CFB", "OFB", "CTR", "legacy", "Asymmetric"];

    public static SetResult SetDigest(Settings settings, ReadOnlySpan<byte> value)
    {
        string name = Encoding.UTF8.GetString(value);
        if (!AlgorithmNames.TryParseDigest(name, out DigestType digest))
        {
            return SetResult.Refused(settings.Level == Level.CommandLine ? $"* Invalid digest type: {name}, use {ListOf(DigestNames)}" : null);
        }

        settings.Digest = digest;
        return SetResult.Accepted;
    }

    public static SetResult SetMode(Settings settings, ReadOnlySpan<byte> value)
    {
        string name = Encoding.UTF8.GetString(value);
        if (!AlgorithmNames.TryParseMode(name, out EncryptionMode mode))
        {
            return SetResult.Refused(settings.Level == Level.CommandLine ? $"* Invalid encryption mode: {name}, use {ListOf(ModeNames)}" : null);
        }

        settings.Mode = mode;
        return SetResult.Accepted;
    }

    public static SetResult SetHmacDigest(Settings settings, ReadOnlySpan<byte> value)
    {
        string name = Encoding.UTF8.GetString(value);
        if (!AlgorithmNames.TryParseHmac(name, out HmacType digest))
        {
            return SetResult.Refused($"* Invalid hmac digest type: {name}, use {ListOf(DigestNames)}");
        }

        settings.HmacDigest = digest;
        settings.Hmac.Imply(settings.Level);
        return SetResult.Accepted;
    }

    // The keyword alone does not turn the HMAC on (client.md 4.3).
    public static SetResult SetHmacDigestFromRc(Settings settings, ReadOnlySpan<byte> value)
    {
        string name = Encoding.UTF8.GetString(value);
        if (!AlgorithmNames.TryParseHmac(name, out HmacType digest))
        {
            return SetResult.Refused($"HMAC_DIGEST_TYPE argument '{name}' must be one of {ListOf(DigestNames)}");
        }

        settings.HmacDigest = digest;
        return SetResult.Accepted;
    }

    private static string ListOf(string[] names) => $"{{{string.Join(',', names)}}}";
}
