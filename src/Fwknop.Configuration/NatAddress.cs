using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Fwknop.Configuration;

/// <summary>An address that connections are forwarded to, or get as their source.</summary>
public static class NatAddress
{
    /// <summary>Reads one address in its usual form: no octal, no zone, no IPv4 address as IPv6, and not the one that means everybody.</summary>
    /// <param name="text">The text.</param>
    /// <param name="address">The address, or null.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool isIPv6 = text.Contains(':', StringComparison.Ordinal);
        bool isGood = IPAddress.TryParse(text, out address)
            && (isIPv6 ? text.All(c => char.IsAsciiHexDigit(c) || c == ':') : address.ToString() == text)
            && !address.IsIPv4MappedToIPv6
            && !AnyAddress.Is(address);
        address = isGood ? address : null;
        return isGood;
    }
}
