using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>One encryption mode with one kind of HMAC, under keys of its own.</summary>
/// <param name="Mode">As on both command lines.</param>
/// <param name="HmacType">Likewise; null: no HMAC.</param>
/// <param name="Keys">Told to both sides.</param>
public sealed record AlgorithmStanza(string Mode, string? HmacType, SharedKeys Keys)
{
    private static readonly string[] Modes = ["CBC", "ECB", "CFB", "OFB", "CTR"];
    private static readonly string[] HashTypes = ["md5", "sha1", "sha256", "sha384", "sha512", "sha3_256", "sha3_512"];

    /// <summary>Every combination the client agrees to make; legacy mode goes without HMAC and with short keys only (protocol.md 4.2).</summary>
    public static IReadOnlyList<AlgorithmStanza> All { get; } =
    [
        .. from mode in Modes
           from hmac in (string?[])[null, .. HashTypes]
           select new AlgorithmStanza(mode, hmac, SharedKeys.Random(withHmac: hmac is not null)),
        new AlgorithmStanza("legacy", null, SharedKeys.Random(keyLength: 12, withHmac: false)),
    ];

    public static IReadOnlyList<string> DigestTypes => HashTypes;

    public string AccessLines =>
        $"SOURCE ANY\nENCRYPTION_MODE {Mode}\nREQUIRE_SOURCE_ADDRESS Y\nFW_ACCESS_TIMEOUT 60\n"
        + (HmacType is null ? "" : $"HMAC_DIGEST_TYPE {HmacType}\n") + Keys.AccessLines;

    public IReadOnlyList<string> ClientArguments =>
        ["-M", Mode, .. Keys.ClientArguments, .. HmacType is null ? (IReadOnlyList<string>)[] : ["--hmac-digest-type", HmacType]];
}
