using System.Text;
using Fwknop.Configuration.Files;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Access;

/// <summary>Variables about keys and how they are used.</summary>
internal static class KeySetters
{
    /// <summary>A key of packets, or a passphrase.</summary>
    public static AccessKeyword Key(string name, bool isBase64, Action<StanzaDraft, DraftKey> set)
    {
        // The reference quotes the value here; a key with a typing error is still most of a key.
        AccessKeyword keyword = Secret(name, "base64", (value, place) =>
            isBase64 ? DraftKey.FromBase64(name, place, value) : DraftKey.FromText(name, place, value), set);
        return keyword with { IsForKeyFiles = true };
    }

    public static AccessKeyword TotpSecret(string name) =>
        Secret(name, "base32", (value, place) => DraftKey.FromBase32(name, place, value), (stanza, secret) => stanza.TotpSecret = secret);

    public static void SetHmacType(StanzaDraft stanza, string value, Place place)
    {
        if (AlgorithmNames.TryParseHmac(value, out HmacType type))
        {
            stanza.HmacType = type;
            stanza.HmacTypePlace = place;
        }
        else
        {
            place.Error($"[*] HMAC_DIGEST_TYPE argument '{value}' must be one of {{md5,sha1,sha256,sha384,sha512,sha3_256,sha3_512}}");
        }
    }

    public static void SetEncryptionMode(StanzaDraft stanza, string value, Place place)
    {
        if (AlgorithmNames.TryParseMode(value, out EncryptionMode mode))
        {
            stanza.EncryptionMode = mode;
        }
        else
        {
            place.Error($"[*] Unrecognized ENCRYPTION_MODE '{value}', use {{CBC,CTR,legacy,Asymmetric}}");
        }
    }

    private static AccessKeyword Secret(string name, string encoding, SecretReader read, Action<StanzaDraft, DraftKey> set)
    {
        return new AccessKeyword(name, Set) { IsSecret = true };

        void Set(StanzaDraft stanza, ReadOnlySpan<byte> value, Place place)
        {
            stanza.Written[name] = new WrittenSetting(WrittenSetting.Hidden, place.File, place.Line);
            if (Ascii.EqualsIgnoreCase(value, "__CHANGEME__"u8))
            {
                stanza.HasRefusedKey = true;
                place.Error($"[*] {name} value is not properly set in stanza source '{stanza.SourceText}' in access file: '{place.File}'");
            }
            else if (read(value, place) is DraftKey key)
            {
                set(stanza, key);
            }
            else
            {
                stanza.HasRefusedKey = true;
                place.Error($"[*] {name} argument doesn't look like {encoding}-encoded data.");
            }
        }
    }

    private delegate DraftKey? SecretReader(ReadOnlySpan<byte> value, Place place);
}
