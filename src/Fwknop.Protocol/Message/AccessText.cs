using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Fwknop.Protocol;

/// <summary>
/// The grammar of the message field (protocol.md 3.6): <c>IP,proto/port[,proto/port…]</c> or <c>IP,command</c>.
/// </summary>
internal static class AccessText
{
    // "1.2.3.4" to "255.255.255.255"; the reference counts characters, so leading zeros use them up.
    private const int MinIPv4 = 7;
    private const int MaxIPv4 = 15;
    private const int MaxIPv6 = 39;

    /// <summary>
    /// The request that leaves the ports to the server. The reference's client knows it, but its library neither makes nor reads it (protocol.md 3.6).
    /// </summary>
    public static ReadOnlySpan<byte> NoPorts => "none/0"u8;

    private static readonly SearchValues<byte> IPv4Characters = SearchValues.Create("0123456789."u8);
    private static readonly SearchValues<byte> IPv6Characters = SearchValues.Create("0123456789abcdefABCDEF:"u8);

    /// <summary>Splits at the first comma and reads the address; the request must not be empty.</summary>
    /// <param name="text">The message field.</param>
    /// <param name="address">The address to allow; <see cref="IPAddress.Any"/> means the packet's source.</param>
    /// <param name="request">What follows the comma.</param>
    /// <param name="addressIsValid">Tells a bad address from a bad request.</param>
    public static bool TrySplit(ReadOnlySpan<byte> text, out IPAddress address, out ReadOnlySpan<byte> request, out bool addressIsValid)
    {
        int comma = text.IndexOf((byte)',');
        request = comma < 0 ? default : text[(comma + 1)..];
        addressIsValid = TryParseAddress(comma < 0 ? text : text[..comma], out address);
        return addressIsValid && !request.IsEmpty;
    }

    /// <summary>Reads <c>proto/port[,proto/port…]</c>: no blanks, no empty item.</summary>
    public static bool TryParsePorts(ReadOnlySpan<byte> list, ICollection<PortSpec>? ports)
    {
        while (true)
        {
            int comma = list.IndexOf((byte)',');
            if (!PortSpec.TryParse(comma < 0 ? list : list[..comma], out PortSpec port))
            {
                return false;
            }

            ports?.Add(port);
            if (comma < 0)
            {
                return true;
            }

            list = list[(comma + 1)..];
        }
    }

    /// <summary>
    /// Reads an IPv4 address in four parts, octal where a part starts with 0 as <c>inet_aton</c> does, or a bare IPv6 address
    /// (our extension). IPv6 spellings of IPv4 addresses, zones and the unspecified address are refused: one address, one meaning.
    /// </summary>
    public static bool TryParseAddress(ReadOnlySpan<byte> text, out IPAddress address)
    {
        address = IPAddress.None;
        return text.Contains((byte)':') ? TryParseIPv6(text, ref address) : TryParseIPv4(text, ref address);
    }

    private static bool TryParseIPv6(ReadOnlySpan<byte> text, ref IPAddress address)
    {
        if (text.Length > MaxIPv6 || text.ContainsAnyExcept(IPv6Characters) || !IPAddress.TryParse(text, out IPAddress? parsed)
            || parsed.AddressFamily != AddressFamily.InterNetworkV6 || parsed.IsIPv4MappedToIPv6 || parsed.Equals(IPAddress.IPv6Any))
        {
            return false;
        }

        address = parsed;
        return true;
    }

    private static bool TryParseIPv4(ReadOnlySpan<byte> text, ref IPAddress address)
    {
        if (text.Length is < MinIPv4 or > MaxIPv4 || text.ContainsAnyExcept(IPv4Characters))
        {
            return false;
        }

        Span<byte> octets = stackalloc byte[4];
        for (int i = 0; i < octets.Length; i++)
        {
            int dot = text.IndexOf((byte)'.');
            if (dot < 0 != (i == 3) || !TryParseOctet(dot < 0 ? text : text[..dot], out octets[i]))
            {
                return false;
            }

            text = text[(dot + 1)..];
        }

        address = new IPAddress(octets);
        return true;
    }

    private static bool TryParseOctet(ReadOnlySpan<byte> digits, out byte octet)
    {
        octet = 0;
        int radix = digits.Length > 1 && digits[0] == (byte)'0' ? 8 : 10;
        int value = 0;
        foreach (byte digit in digits)
        {
            int number = digit - '0';
            value = (value * radix) + number;
            if (number >= radix || value > byte.MaxValue)
            {
                return false;
            }
        }

        octet = (byte)value;
        return !digits.IsEmpty;
    }
}
