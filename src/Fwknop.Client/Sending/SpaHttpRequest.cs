using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fwknop.Client;

/// <summary>The HTTP request that carries a packet (client.md 13.4).</summary>
internal static class SpaHttpRequest
{
    /// <summary>Bytes; the reference's limit.</summary>
    public const int MaxLength = 1999;

    /// <param name="packet">The text of the packet.</param>
    /// <param name="host">The SPA server as given; it stands in <c>Host</c> with a proxy too (decision).</param>
    /// <param name="userAgent">Servers of the reference want it to begin with <c>Fwknop</c>.</param>
    /// <param name="throughProxy">Names the server in the request line.</param>
    /// <param name="problem">Why there can be no such request, else null.</param>
    public static byte[] Make(ReadOnlySpan<byte> packet, string host, string userAgent, bool throughProxy, out string? problem)
    {
        if (host.AsSpan().ContainsAnyInRange('\0', ' ') || HasLineEnd(userAgent))
        {
            problem = "[*] The destination or the user agent has characters that end a line of an HTTP request.";
            return [];
        }

        string name = HeaderName(host);
        string path = Encoding.ASCII.GetString(packet).Replace('+', '-').Replace('/', '_');
        byte[] request = Encoding.UTF8.GetBytes(
            $"GET {(throughProxy ? "http://" + name : string.Empty)}/{path} HTTP/1.1\r\n"
            + $"User-Agent: {userAgent}\r\nAccept: */*\r\nHost: {name}\r\nConnection: close\r\n\r\n");
        problem = request.Length > MaxLength ? $"[*] The HTTP request has {request.Length} bytes, at most {MaxLength} can be sent." : null;
        return request;
    }

    // An IPv6 address stands in brackets there, and its scope means nothing to others (RFC 3986, 3.2.2; RFC 6874, 4).
    private static string HeaderName(string host) =>
        HostAddresses.TryParseLiteral(host, out IPAddress address) && address.AddressFamily == AddressFamily.InterNetworkV6
            ? $"[{new IPAddress(address.GetAddressBytes())}]"
            : host;

    private static bool HasLineEnd(string text)
    {
        foreach (char letter in text)
        {
            if (char.IsControl(letter) && letter != '\t')
            {
                return true;
            }
        }

        return false;
    }
}
