using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Fwknop.Client;

/// <summary>Reads addresses as they are written, and only in forms that no other program reads as another address.</summary>
internal static class NumericAddress
{
    private const int MinLength = 7;
    private const int MaxLength = 15;

    /// <summary>Reads a dotted quad, or an IPv6 address, in brackets or not, without zone.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IPAddress address)
    {
        if (!text.Contains(':'))
        {
            return TryParseQuad(text, out address);
        }

        address = IPAddress.Any;
        if (text[0] == '[' && text[^1] == ']')
        {
            text = text[1..^1];
        }

        if (text.ContainsAny("[]%/") || !IPAddress.TryParse(text, out IPAddress? parsed) || parsed.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return false;
        }

        address = parsed;
        return true;
    }

    /// <summary>Reads a dotted quad without leading zeros, which other programs take for octal.</summary>
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
