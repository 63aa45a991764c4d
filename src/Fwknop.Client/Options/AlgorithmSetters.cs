using System.Text;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>Setters of digests and modes (client.md 4.3).</summary>
internal static class AlgorithmSetters
{
    /// <summary>The names of digests, for <c>-m</c> and <c>--hmac-digest-type</c>.</summary>
    public static string[] DigestNames { get; } = [.. AlgorithmNames.Digests];

    /// <summary>The names of encryption modes, in the order of the messages about them.</summary>
    public static string[] ModeNames { get; } = ["CBC", "ECB", "CFB", "OFB", "CTR", "legacy", "Asymmetric"];

    private delegate bool Parser<T>(ReadOnlySpan<char> name, out T value);

    public static SetResult SetDigest(Settings settings, ReadOnlySpan<byte> value) => Set<DigestType>(
        value,
        AlgorithmNames.TryParseDigest,
        name => settings.Level == Level.CommandLine ? $"* Invalid digest type: {name}, use {ListOf(DigestNames)}" : null,
        digest => settings.Digest = digest);

    public static SetResult SetMode(Settings settings, ReadOnlySpan<byte> value) => Set<EncryptionMode>(
        value,
        AlgorithmNames.TryParseMode,
        name => settings.Level == Level.CommandLine ? $"* Invalid encryption mode: {name}, use {ListOf(ModeNames)}" : null,
        mode => settings.Mode = mode);

    public static SetResult SetHmacDigest(Settings settings, ReadOnlySpan<byte> value) => Set<HmacType>(
        value,
        AlgorithmNames.TryParseHmac,
        name => $"* Invalid hmac digest type: {name}, use {ListOf(DigestNames)}",
        digest =>
        {
            settings.HmacDigest = digest;
            settings.Hmac.Imply(settings.Level);
        });

    // The keyword alone does not turn the HMAC on (client.md 4.3).
    public static SetResult SetHmacDigestFromRc(Settings settings, ReadOnlySpan<byte> value) => Set<HmacType>(
        value,
        AlgorithmNames.TryParseHmac,
        name => $"HMAC_DIGEST_TYPE argument '{name}' must be one of {ListOf(DigestNames)}",
        digest => settings.HmacDigest = digest);

    private static SetResult Set<T>(ReadOnlySpan<byte> value, Parser<T> parse, Func<string, string?> refusal, Action<T> store)
    {
        string name = Encoding.UTF8.GetString(value);
        if (!parse(name, out T parsed))
        {
            return SetResult.Refused(refusal(name));
        }

        store(parsed);
        return SetResult.Accepted;
    }

    private static string ListOf(string[] names) => $"{{{string.Join(',', names)}}}";
}
