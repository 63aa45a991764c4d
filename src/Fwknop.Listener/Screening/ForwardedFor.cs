using System.Net;
using System.Text;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;

namespace Fwknop.Listener.Screening;

/// <summary>
/// The header X-Forwarded-For of a request (server.md 5.6). A proxy adds the address it got the request from on the right, so what counts is the
/// right-most address that is not one of the trusted proxies: all that is left of it could have been written by the client.
/// </summary>
internal static class ForwardedFor
{
    private static ReadOnlySpan<byte> Name => "X-Forwarded-For"u8;

    /// <summary>The client's address; null when there is none, or only proxies, whose address is that of everybody behind them.</summary>
    /// <param name="request">A request that came from a trusted proxy.</param>
    /// <param name="proxies">TRUSTED_PROXIES.</param>
    /// <param name="invalid">The value that should have been an address; nothing left of it counts.</param>
    public static IPAddress? Find(ReadOnlySpan<byte> request, AddressList proxies, out string? invalid)
    {
        invalid = null;
        List<string> values = ReadValues(request);
        for (int i = values.Count - 1; i >= 0; i--)
        {
            IPAddress? client = ParseAddress(values[i]);
            if (client is null)
            {
                invalid = values[i];
                return null;
            }

            if (!proxies.Contains(client))
            {
                return client;
            }
        }

        return null;
    }

    /// <summary>The items of all header lines of that name, in their order.</summary>
    private static List<string> ReadValues(ReadOnlySpan<byte> request)
    {
        List<string> values = [];
        int end = request.IndexOf((byte)'\n');
        while (end >= 0)
        {
            request = request[(end + 1)..];
            end = request.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = (end < 0 ? request : request[..end]).TrimEnd((byte)'\r');
            if (line.IsEmpty)
            {
                break;
            }

            int colon = line.IndexOf((byte)':');
            if (colon == Name.Length && Ascii.EqualsIgnoreCase(line[..colon], Name))
            {
                values.AddRange(Encoding.ASCII.GetString(line[(colon + 1)..]).Split(',').Select(value => value.Trim(' ', '\t')));
            }
        }

        return values;
    }

    /// <summary>An address in its usual form: <c>192.0.2.1</c>, <c>2001:db8::1</c>, <c>[2001:db8::1]</c>, the first and the last with a port behind or without.</summary>
    private static IPAddress? ParseAddress(string value)
    {
        string host = value;
        if (value.StartsWith('['))
        {
            int close = value.IndexOf(']', StringComparison.Ordinal);
            bool isWhole = close > 0 && (close == value.Length - 1 || IsPort(value.AsSpan(close + 1)));
            host = isWhole && value.AsSpan(1, close - 1).Contains(':') ? value[1..close] : "";
        }
        else if (value.AsSpan().Count(':') == 1)
        {
            int colon = value.IndexOf(':', StringComparison.Ordinal);
            host = IsPort(value.AsSpan(colon)) ? value[..colon] : "";
        }

        return TryParseHost(host, out IPAddress? address) ? address : null;
    }

    private static bool IsPort(ReadOnlySpan<char> text) =>
        text is [':', _, ..] && text.Length <= 6 && !text[1..].ContainsAnyExceptInRange('0', '9');

    private static bool TryParseHost(string host, out IPAddress? address)
    {
        // No zone, and IPv4 only as four plain numbers: what is short or octal has more than one reading.
        bool isIPv6 = host.Contains(':', StringComparison.Ordinal);
        if (host.Contains('%', StringComparison.Ordinal) || !IPAddress.TryParse(host, out address) || (!isIPv6 && address.ToString() != host))
        {
            address = null;
            return false;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return !AnyAddress.Is(address);
    }
}
