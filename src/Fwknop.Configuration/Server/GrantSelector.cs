using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Fwknop.Configuration.Access;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Server;

/// <summary>Which grants are meant: those of an address or network, at one port or all (<c>--revoke</c>).</summary>
public sealed record GrantSelector
{
    private GrantSelector(IPNetwork addresses, TransportProtocol? protocol, ushort? port) => (Addresses, Protocol, Port) = (addresses, protocol, port);

    /// <summary>Whose; a single address has the full prefix length.</summary>
    public IPNetwork Addresses { get; }

    /// <summary>TCP or UDP; null for both.</summary>
    public TransportProtocol? Protocol { get; }

    /// <summary>Null for all ports.</summary>
    public ushort? Port { get; }

    /// <summary>Reads <c>192.0.2.7</c>, <c>2001:db8::/64</c>, either with <c>,22</c> or <c>,tcp/22</c> after it. Short forms of addresses are refused.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out GrantSelector? selector)
    {
        ArgumentNullException.ThrowIfNull(text);
        selector = null;
        string[] parts = text.Split(',');
        if (parts.Length > 2 || !TryParseNetwork(parts[0], out IPNetwork addresses))
        {
            return false;
        }

        TransportProtocol? protocol = null;
        ushort? port = null;
        if (parts.Length == 2 && !TryParsePort(parts[1], out protocol, out port))
        {
            return false;
        }

        selector = new GrantSelector(addresses, protocol, port);
        return true;
    }

    /// <summary>True for a grant of these addresses at these ports, if it is about one that is meant. Ports that are not known are only meant where all are.</summary>
    public bool Matches(IPNetwork network, PortRange? ports)
    {
        bool isPortMeant = Port is null
            || (ports is not null && (Protocol ?? ports.Protocol) == ports.Protocol && ports.Contains(new PortSpec(ports.Protocol, Port.Value)));
        return isPortMeant && (Addresses.Contains(network.BaseAddress) || network.Contains(Addresses.BaseAddress));
    }

    /// <summary>In the form that <see cref="TryParse"/> reads.</summary>
    public override string ToString()
    {
        bool isHost = Addresses.PrefixLength == (Addresses.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32);
        string addresses = isHost ? $"{Addresses.BaseAddress}" : $"{Addresses}";
        string protocol = Protocol switch { TransportProtocol.Tcp => "tcp/", TransportProtocol.Udp => "udp/", _ => "" };
        return Port is { } port ? string.Create(CultureInfo.InvariantCulture, $"{addresses},{protocol}{port}") : addresses;
    }

    private static bool TryParseNetwork(string text, out IPNetwork network)
    {
        network = default;

        // 10.1 is 10.0.0.1 to inet_aton, and 010.0.0.1 is 8.0.0.1: what is taken back must be what is written.
        string host = text.Split('/')[0];
        bool isPlain = IPAddress.TryParse(host, out IPAddress? address)
            && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == host);
        if (!isPlain || !AddressList.TryParse(text, out AddressList? list, out _))
        {
            return false;
        }

        network = list.Networks[0];
        return true;
    }

    private static bool TryParsePort(string text, out TransportProtocol? protocol, out ushort? port)
    {
        string digits = text;
        protocol = null;
        if (text.Split('/') is [string name, string number])
        {
            digits = number;
            protocol = name switch { "tcp" => TransportProtocol.Tcp, "udp" => TransportProtocol.Udp, _ => null };
        }

        bool isNumber = ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ushort parsed) && parsed > 0 && digits[^1] != '\0';
        port = parsed;
        return isNumber && (digits == text || protocol is not null);
    }
}
