using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Fwknop.Daemon.Enforcement;

/// <summary>Networks as rules and log lines name them.</summary>
internal static class NetworkText
{
    /// <summary><c>192.0.2.7</c> for one address, <c>192.0.2.0/24</c> for more.</summary>
    public static string Of(IPNetwork network) => IsHost(network) ? network.BaseAddress.ToString() : network.ToString();

    /// <summary>Reads a network as a firewall lists it: without bits behind the prefix.</summary>
    public static bool TryRead(string address, int prefixLength, out IPNetwork network)
    {
        network = default;
        return IPAddress.TryParse(address, out IPAddress? parsed)
            && IPNetwork.TryParse(string.Create(CultureInfo.InvariantCulture, $"{parsed}/{prefixLength}"), out network)
            && network.BaseAddress.Equals(parsed);
    }

    /// <summary>The network that has this address alone.</summary>
    public static IPNetwork HostOf(IPAddress address) => new(address, HostLength(address));

    public static bool IsHost(IPNetwork network) => network.PrefixLength == HostLength(network.BaseAddress);

    /// <summary>The prefix length of one address: 32 or 128.</summary>
    public static int HostLength(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32;
}
