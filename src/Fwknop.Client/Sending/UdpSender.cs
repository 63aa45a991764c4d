using System.Net;
using System.Net.Sockets;
using Fwknop.Native.Libc;

namespace Fwknop.Client;

/// <summary>One datagram over a connected UDP socket, over IPv4 or IPv6 (client.md 13.2).</summary>
internal sealed class UdpSender : IPacketSender
{
    public string? Send(PacketRoute route, ReadOnlySpan<byte> packet)
    {
        IPAddress? address;
        try
        {
            address = Resolve(route);
        }
        catch (SocketException e)
        {
            return $"error in getaddrinfo: {LookupText(e)}";
        }

        if (address is null)
        {
            return "error in getaddrinfo: No address associated with hostname";
        }

        try
        {
            using Socket socket = new(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            if (route.SourcePort != 0)
            {
                IPAddress any = address.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
                socket.Bind(new IPEndPoint(any, route.SourcePort));
            }

            socket.Connect(address, route.Port);
            socket.Send(packet);
            return null;
        }
        catch (SocketException e)
        {
            return $"send_spa_packet_tcp_or_udp: Could not send to {address}, port {route.Port}: {new Errno(e.NativeErrorCode).Text}";
        }
    }

    private static IPAddress? Resolve(PacketRoute route)
    {
        string host = route.Host.StartsWith('[') && route.Host.EndsWith(']') ? route.Host[1..^1] : route.Host;
        if (IPAddress.TryParse(host, out IPAddress? literal))
        {
            return literal;
        }

        AddressFamily preferred = route.PreferIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        IPAddress[] addresses = Dns.GetHostAddresses(host);
        return Array.Find(addresses, address => address.AddressFamily == preferred) ?? addresses.FirstOrDefault();
    }

    private static string LookupText(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.HostNotFound => "Name or service not known",
        SocketError.TryAgain => "Temporary failure in name resolution",
        SocketError.NoData => "No address associated with hostname",
        _ => e.Message,
    };
}
