using System.Security.Cryptography;

namespace Fwknop.TestSupport;

/// <summary>The keys of one stanza, as both sides are told them.</summary>
/// <param name="Key">Base64 of the encryption key.</param>
/// <param name="HmacKey">Base64 of the HMAC key; null: no HMAC.</param>
public sealed record SharedKeys(string Key, string? HmacKey)
{
    /// <summary>Lines of access.conf.</summary>
    public string AccessLines => $"KEY_BASE64 {Key}\n" + (HmacKey is null ? "" : $"HMAC_KEY_BASE64 {HmacKey}\n");

    /// <summary>Words of the client's command line.</summary>
    public IReadOnlyList<string> ClientArguments =>
        ["--key-base64-rijndael", Key, .. HmacKey is null ? (IReadOnlyList<string>)[] : ["--key-base64-hmac", HmacKey]];

    public static SharedKeys Random(int keyLength = 32, bool withHmac = true) => new(
        Convert.ToBase64String(RandomNumberGenerator.GetBytes(keyLength)),
        withHmac ? Convert.ToBase64String(RandomNumberGenerator.GetBytes(64)) : null);
}
