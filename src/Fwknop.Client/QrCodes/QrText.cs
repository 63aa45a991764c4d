using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>
/// The text inside the codes (client.md 18). The app that scans them splits at single blanks and colons and reads only the names of keys;
/// the rest is for readers that take all after the first colon of a word. Keys are always in base64, which holds neither blank nor colon.
/// </summary>
internal static class QrText
{
    /// <summary>Writes the keys, and with <paramref name="profile"/> where they belong.</summary>
    /// <returns>Null, or why it cannot be done.</returns>
    public static string? AddKeys(SecretBuffer target, SpaKey key, SpaKey? hmacKey, Settings? profile)
    {
        target.Append("KEY_BASE64:"u8).Append(key);
        if (hmacKey is not null)
        {
            target.Append(" HMAC_KEY_BASE64:"u8).Append(hmacKey);
        }

        return (profile is null ? null : AddProfile(target, profile, hmacKey is not null))
            ?? (target.Span.Length > QrCode.MaxBytes ? $"{Messages.Prefix}the code holds at most {QrCode.MaxBytes} bytes. Shorten the access list." : null);
    }

    /// <summary>Writes the address to allow; the app takes nothing but IPv4.</summary>
    /// <returns>Null, or why it cannot be done.</returns>
    public static string? AddAddress(SecretBuffer target, IPAddress? address)
    {
        if (address is not { AddressFamily: AddressFamily.InterNetwork } || address.Equals(IPAddress.Any))
        {
            return $"{Messages.Prefix}--qr-ip needs an IPv4 address: use -a or -R.";
        }

        target.Append($"CLIENT_IP:{address}");
        return null;
    }

    private static string? AddProfile(SecretBuffer target, Settings settings, bool hasHmac)
    {
        List<(string Name, string Value)> words = [];
        if (settings.Destination is { } server)
        {
            words.Add(("SPA_SERVER", server));
            words.Add(("SPA_SERVER_PORT", settings.ServerPort.ToString(CultureInfo.InvariantCulture)));
        }

        if (settings.Access is { } access)
        {
            words.Add(("ACCESS", access.Replace(" ", string.Empty, StringComparison.Ordinal)));
        }

        if (hasHmac)
        {
            words.Add(("HMAC_DIGEST_TYPE", AlgorithmNames.GetName(settings.HmacDigest).ToLowerInvariant()));
        }

        foreach ((string name, string value) in words)
        {
            if (value.AsSpan().ContainsAnyExceptInRange('!', '~'))
            {
                return $"{Messages.Prefix}the value of {name} cannot be handed over in a code: it has blanks or characters beyond ASCII.";
            }

            target.Append($" {name}:{value}");
        }

        return null;
    }
}
