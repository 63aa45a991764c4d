using Fwknop.Configuration.Access;
using Fwknop.Configuration.KeyGeneration;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>The stanza of access.conf that goes with a new stanza of the rc file: what <c>--setup</c> prints for the server.</summary>
internal static class ServerStanza
{
    public static void Append(SecretBuffer target, Settings settings, KeyPair keys)
    {
        Add(target, "SOURCE", "ANY");
        Add(target, "OPEN_PORTS", AccessList.Normalize(settings.Access ?? string.Empty, out _));
        Add(target, "KEY_BASE64", string.Empty, keys.EncryptionKey);
        Add(target, "HMAC_KEY_BASE64", string.Empty, keys.HmacKey);
        if (settings.HmacDigest != HmacType.Sha256)
        {
            Add(target, "HMAC_DIGEST_TYPE", AlgorithmNames.GetName(settings.HmacDigest).ToLowerInvariant());
        }

        if (settings.Mode != EncryptionMode.Cbc)
        {
            Add(target, "ENCRYPTION_MODE", AlgorithmNames.GetName(settings.Mode));
        }

        int timeout = settings.FirewallTimeout == 0 ? AccessStanza.DefaultFwAccessTimeout : settings.FirewallTimeout;
        Add(target, "FW_ACCESS_TIMEOUT", $"{timeout}");
        if (timeout > AccessStanza.DefaultMaxFwTimeout)
        {
            Add(target, "MAX_FW_TIMEOUT", $"{timeout}");
        }

        if (settings.Allow.Literal != AllowAddress.PacketSource)
        {
            Add(target, "REQUIRE_SOURCE_ADDRESS", "Y");
        }
    }

    private static void Add(SecretBuffer target, string name, string value, SpaKey? key = null)
    {
        const int valueColumn = 28;
        target.Append(name.PadRight(valueColumn)).Append(value);
        if (key is not null)
        {
            target.Append(key);
        }

        target.Append("\n"u8);
    }
}
