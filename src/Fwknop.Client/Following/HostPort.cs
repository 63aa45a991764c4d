using System.Globalization;
using System.Net;

namespace Fwknop.Client;

/// <summary>What <c>--connect</c> names.</summary>
/// <param name="Host">Name or address; IPv6 addresses without brackets.</param>
/// <param name="Port">1 to 65535.</param>
internal sealed record HostPort(string Host, int Port)
{
    private const int LongestHost = 253;

    /// <summary>
    /// Reads <c>host:22</c>, <c>192.0.2.1:22</c> or <c>[2001:db8::1]:22</c>; also <c>2001:db8::1:22</c>, since the port is never missing and
    /// <c>%h:%p</c> of ssh has no brackets.
    /// </summary>
    /// <returns>Null when the text is nothing of that.</returns>
    public static HostPort? TryParse(string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon <= 0)
        {
            return null;
        }

        string host = text[..colon];
        bool isBracketed = host.StartsWith('[') && host.EndsWith(']');
        host = isBracketed ? host[1..^1] : host;
        bool hasColon = host.Contains(':', StringComparison.Ordinal);
        bool isPort = int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port is > IPEndPoint.MinPort and <= IPEndPoint.MaxPort && char.IsAsciiDigit(text[^1]);
        return isPort && (hasColon || !isBracketed) && IsHost(host, hasColon) ? new HostPort(host, port) : null;
    }

    private static bool IsHost(string host, bool isIPv6)
    {
        bool isWord = host.Length is > 0 and <= LongestHost && host[0] != '-' && !host.Any(letter =>
            char.IsWhiteSpace(letter) || char.IsControl(letter) || letter is '[' or ']' or '/' or ',');
        return isWord && (!isIPv6 || IPAddress.TryParse(host, out _));
    }
}
