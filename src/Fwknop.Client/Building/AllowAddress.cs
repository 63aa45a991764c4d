using System.Net;

namespace Fwknop.Client;

/// <summary>The address that the packet asks access for (client.md 5, no. 6; IPv6 is an extension of ours).</summary>
internal static class AllowAddress
{
    /// <summary>What stands in the packet for "the packet's own source", whatever the family.</summary>
    public const string PacketSource = "0.0.0.0";

    /// <summary>Reads an address as it goes into the packet: <c>::</c> and IPv4 addresses in IPv6 form become IPv4.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IPAddress address)
    {
        bool isParsed = NumericAddress.TryParse(text, out address);
        address = address.Equals(IPAddress.IPv6Any) ? IPAddress.Any : address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return isParsed;
    }
}
