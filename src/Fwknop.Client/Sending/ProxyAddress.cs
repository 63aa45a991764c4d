using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Fwknop.Client;

/// <summary>Where an HTTP proxy listens.</summary>
/// <param name="Host">Name or address; IPv6 addresses without brackets.</param>
/// <param name="Port">Null where none is given: the port of the SPA server then counts (client.md 13.4).</param>
internal sealed record ProxyAddress(string Host, int? Port)
{
    private const string Scheme = "http://";

    /// <summary>
    /// Reads <c>[http://]host[:port][/path]</c>; the path means nothing. IPv6 addresses stand in brackets where a port follows.
    /// </summary>
    /// <returns>Null when the port is none.</returns>
    public static ProxyAddress? TryParse(string text)
    {
        ReadOnlySpan<char> rest = WithoutPath(
            text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? text.AsSpan(Scheme.Length) : text);
        bool hasBrackets = rest.StartsWith('[') && rest.Contains(']');
        if (!hasBrackets && IPAddress.TryParse(rest, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return new ProxyAddress(rest.ToString(), null);
        }

        int end = hasBrackets ? rest.IndexOf(']') + 1 : 0;
        int separator = rest[end..].IndexOf(':');
        ReadOnlySpan<char> host = separator < 0 ? rest : rest[..(end + separator)];
        string name = (hasBrackets && host.Length == end ? host[1..^1] : host).ToString();
        if (separator < 0)
        {
            return new ProxyAddress(name, null);
        }

        return int.TryParse(rest[(end + separator + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port is > IPEndPoint.MinPort and <= IPEndPoint.MaxPort
                ? new ProxyAddress(name, port)
                : null;
    }

    private static ReadOnlySpan<char> WithoutPath(ReadOnlySpan<char> text)
    {
        int slash = text.IndexOf('/');
        return slash < 0 ? text : text[..slash];
    }
}
