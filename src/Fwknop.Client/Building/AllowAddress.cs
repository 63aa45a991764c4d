using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Fwknop.Client;

/// <summary>The address that the packet asks access for (client.md 5, no. 6; IPv6 is an extension of ours).</summary>
internal static class AllowAddress
{
    /// <summary>What stands in the packet for "the packet's own source", whatever the family.</summary>
    public const string PacketSource = "0.0.0.0";

    private const int MinLength = 7;
    private const int MaxLength = 15;

    /// <summary>
    /// Reads a dotted quad without leading zeros, which other programs take for octal, or an IPv6 address, in brackets or not,
    /// without zone. <c>::</c> and IPv4 addresses in IPv6 form become IPv4.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IPAddress address)
    {
        address = IPAddress.Any;
        if (!text.Contains(':'))
        {
            return TryParseQuad(text, out address);
        }

        if (text[0] == '[' && text[^1] == ']')
        {
            text = text[1..^1];
        }

        if (text.ContainsAny("[]%/") || !IPAddress.TryParse(text, out IPAddress? parsed) || parsed.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return false;
        }

        address = parsed.Equals(IPAddress.IPv6Any) ? IPAddress.Any : parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed;
        return true;
    }

    /// <summary>Reads a dotted quad.</summary>
    public static bool TryParseQuad(ReadOnlySpan<char> text, out IPAddress address)
    {
        address = IPAddress.Any;
        if (text.Length is < MinLength or > MaxLength)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[4];
        int count = 0;
        foreach (Range range in text.Split('.'))
        {
            ReadOnlySpan<char> part = text[range];
            bool hasLeadingZero = part.Length > 1 && part[0] == '0';
            if (count == bytes.Length || hasLeadingZero
                || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out bytes[count]))
            {
                return false;
            }

            count++;
        }

        address = new IPAddress(bytes);
        return count == bytes.Length;
    }
}
