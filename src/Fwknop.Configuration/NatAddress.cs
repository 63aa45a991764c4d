using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Fwknop.Configuration;

/// <summary>An address that connections are forwarded to, or get as their source.</summary>
public static class NatAddress
{
    /// <summary>What is no other host: connections that are led there would end on this one, on its link, or nowhere.</summary>
    private static readonly IPNetwork[] NoHosts =
    [
        // This network, loopback, link-local (where clouds keep their secrets), multicast, reserved and broadcast (RFC 6890).
        IPNetwork.Parse("0.0.0.0/8"),
        IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("224.0.0.0/4"),
        IPNetwork.Parse("240.0.0.0/4"),

        // Unspecified and loopback, link-local, site-local (deprecated), multicast (RFC 4291).
        IPNetwork.Parse("::/127"),
        IPNetwork.Parse("fe80::/10"),
        IPNetwork.Parse("fec0::/10"),
        IPNetwork.Parse("ff00::/8"),
    ];

    /// <summary>Reads one address in its usual form that may be the target or the source of what is forwarded.</summary>
    /// <param name="text">The text.</param>
    /// <param name="address">The address, or null.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        bool isGood = TryParseAny(text, out address) && IsHost(address);
        address = isGood ? address : null;
        return isGood;
    }

    /// <summary>Reads any one address in its usual form: no octal, no zone, no IPv4 address as IPv6.</summary>
    /// <param name="text">The text.</param>
    /// <param name="address">The address, or null.</param>
    public static bool TryParseAny(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool isIPv6 = text.Contains(':', StringComparison.Ordinal);
        bool isGood = IPAddress.TryParse(text, out address)
            && (isIPv6 ? text.All(c => char.IsAsciiHexDigit(c) || c == ':') : address.ToString() == text);
        address = isGood ? address : null;
        return isGood;
    }

    /// <summary>True for what can be the address of one host elsewhere.</summary>
    public static bool IsHost(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return !address.IsIPv4MappedToIPv6 && !Array.Exists(NoHosts, network => network.Contains(address));
    }
}
