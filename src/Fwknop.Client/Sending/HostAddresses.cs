using System.Net;
using System.Net.Sockets;

namespace Fwknop.Client;

/// <summary>From a host as the user writes it to the addresses to try, in their order (client.md 13.1, 20).</summary>
internal sealed class HostAddresses(INameLookup names)
{
    /// <summary>Reads an address: IPv4, IPv6 with or without brackets, with or without a scope (<c>fe80::1%eth0</c>).</summary>
    public static bool TryParseLiteral(string host, out IPAddress address)
    {
        if (NumericAddress.TryParseQuad(host, out address))
        {
            return true;
        }

        address = IPAddress.None;
        string text = host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;

        // The platform's parser passes over a port behind brackets and over the name of an interface that does not exist.
        if (text.AsSpan().ContainsAny('[', ']') || !IPAddress.TryParse(text, out IPAddress? parsed))
        {
            return false;
        }

        if (text.Contains('%', StringComparison.Ordinal) && parsed.ScopeId == 0)
        {
            return false;
        }

        address = parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed;
        return true;
    }

    /// <param name="host">A name or an address.</param>
    /// <param name="allowed">Families that may be used.</param>
    /// <param name="preferIPv6">IPv6 addresses of a name come first, else IPv4 ones.</param>
    /// <param name="problem">Why there are none, else null.</param>
    public IReadOnlyList<IPAddress> Find(string host, AddressFamilies allowed, bool preferIPv6, out string? problem)
    {
        problem = null;
        if (TryParseLiteral(host, out IPAddress literal))
        {
            bool isAllowed = IsAllowed(literal, allowed);
            problem = isAllowed ? null : LookupProblem.WrongFamily;
            return isAllowed ? [literal] : [];
        }

        // Addresses with something wrong; the platform's resolver would pass over it.
        if (host.Length == 0 || host.AsSpan().ContainsAny(":[]%"))
        {
            problem = LookupProblem.UnknownName;
            return [];
        }

        IReadOnlyList<IPAddress> found = names.Find(host, out problem);
        if (problem is not null)
        {
            return [];
        }

        AddressFamily first = preferIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        IPAddress[] usable = [.. found.Where(address => IsAllowed(address, allowed)).OrderBy(address => address.AddressFamily == first ? 0 : 1)];
        problem = usable.Length == 0 ? LookupProblem.WrongFamily : null;
        return usable;
    }

    private static bool IsAllowed(IPAddress address, AddressFamilies allowed) => allowed switch
    {
        AddressFamilies.IPv4 => address.AddressFamily == AddressFamily.InterNetwork,
        AddressFamilies.IPv6 => address.AddressFamily == AddressFamily.InterNetworkV6,
        _ => true,
    };
}
