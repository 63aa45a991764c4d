using System.Globalization;
using System.Text;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>What <c>--save-rc-stanza</c> writes for each keyword, in the order in which it writes (client.md 6.5).</summary>
internal static class SavedSettings
{
    private static readonly (string Keyword, Func<Settings, SecretBytes?> Value)[] Writers =
    [
        ("DIGEST_TYPE", Text(s => AlgorithmNames.GetName(s.Digest))),
        ("SPA_SERVER_PROTO", Text(s => TransportNames.GetName(s.Transport))),
        ("SPA_SERVER_PORT", Number(s => s.ServerPort)),
        ("SPA_SOURCE_PORT", Number(s => s.SourcePort)),
        ("FW_TIMEOUT", Number(s => s.FirewallTimeout)),
        ("ALLOW_IP", Text(s => s.Allow.Literal ?? (s.Allow.IsResolveIPv6 ? AllowSetters.ResolveIPv6 : s.Allow.IsResolve ? "resolve" : null))),
        ("TIME_OFFSET", Number(s => s.TimeOffset.Seconds)),
        ("ENCRYPTION_MODE", Text(s => AlgorithmNames.GetName(s.Mode))),
        ("USE_GPG", Yes),
        ("USE_GPG_AGENT", Yes),
        ("GPG_RECIPIENT", Text(s => s.GpgRecipient)),
        ("GPG_SIGNER", Text(s => s.GpgSigner)),
        ("GPG_HOMEDIR", Text(s => s.GpgHomeDirectory)),
        ("GPG_EXE", Text(s => s.GpgExecutable)),
        ("GPG_NO_SIGNING_PW", Yes),
        ("SPOOF_USER", Text(s => s.User)),
        ("SPOOF_SOURCE_IP", Text(s => s.SpoofSource)),
        ("ACCESS", Text(s => s.Access)),
        ("SPA_SERVER", Text(s => s.Destination)),
        ("RAND_PORT", Yes),
        ("KEY", s => Copy(s.Key?.Raw)),
        ("KEY_BASE64", s => Copy(s.Key?.Base64)),
        ("HMAC_DIGEST_TYPE", Text(s => AlgorithmNames.GetName(s.HmacDigest))),
        ("HMAC_KEY_BASE64", s => Copy(s.HmacKey?.Base64)),
        ("HMAC_KEY", s => Copy(s.HmacKey?.Raw)),
        ("USE_HMAC", Yes),
        ("USE_WGET_USER_AGENT", Yes),
        ("KEY_FILE", Text(s => s.Key?.File)),
        ("HMAC_KEY_FILE", Text(s => s.HmacKey?.File)),
        ("NAT_ACCESS", Text(s => s.NatAccess)),
        ("HTTP_USER_AGENT", Text(s => s.UserAgent)),
        ("RESOLVE_URL", Text(s => s.ResolveUrl)),
        ("SERVER_RESOLVE_IPV4", Text(s => s.Families == AddressFamilies.IPv4 ? "Y" : null)),
        ("SERVER_RESOLVE_IPV6", Text(s => s.Families == AddressFamilies.IPv6 ? "Y" : null)),
        ("NAT_LOCAL", Yes),
        ("NAT_RAND_PORT", Yes),
        ("NAT_PORT", Number(s => s.NatPort)),
        ("VERBOSE", Text(s => s.OptionVerbosity == 1 ? "Y" : s.OptionVerbosity.ToString(CultureInfo.InvariantCulture))),
        ("RESOLVE_IP_HTTPS", Text(s => s.Allow.IsResolve ? "Y" : "N")),
        ("RESOLVE_HTTP_ONLY", Yes),
        ("WGET_CMD", Text(s => s.WgetCommand)),
        ("NO_SAVE_ARGS", Yes),
        ("HISTORY_WITHOUT_KEYS", Yes),
    ];

    /// <summary>What <c>--key-gen</c> adds to a stanza: a profile with new keys uses both.</summary>
    public static string[] NewKeys => ["KEY_BASE64", "HMAC_KEY_BASE64", "USE_HMAC"];

    /// <summary>The place of a keyword in the order of writing; negative when it is never written.</summary>
    public static int IndexOf(string keyword) => Array.FindIndex(Writers, writer => writer.Keyword == keyword);

    /// <summary>The lines for the options of a command line, in order. The caller disposes of the values.</summary>
    /// <param name="given">The options of the command line; what came from an rc file is not copied.</param>
    /// <param name="settings">The merged settings, which have their values.</param>
    public static List<RcEntry> Of(IEnumerable<ClientOption> given, Settings settings)
    {
        HashSet<string> keywords = [];
        foreach (ClientOption option in given)
        {
            if (option.Keyword is { } keyword)
            {
                keywords.Add(keyword);
            }

            keywords.UnionWith(option.AlsoSaves);
        }

        List<RcEntry> entries = [];
        foreach ((string keyword, Func<Settings, SecretBytes?> value) in Writers)
        {
            if (keywords.Contains(keyword) && value(settings) is { } text)
            {
                entries.Add(new RcEntry(keyword, text));
            }
        }

        return entries;
    }

    private static Func<Settings, SecretBytes?> Text(Func<Settings, string?> value) =>
        settings => value(settings) is { } text ? SecretBytes.CopyOf(Encoding.UTF8.GetBytes(text)) : null;

    private static Func<Settings, SecretBytes?> Number(Func<Settings, long> value) =>
        Text(settings => value(settings).ToString(CultureInfo.InvariantCulture));

    private static SecretBytes? Yes(Settings settings) => SecretBytes.CopyOf("Y"u8);

    private static SecretBytes? Copy(SecretBytes? key) => key is null ? null : SecretBytes.CopyOf(key.Span);
}
