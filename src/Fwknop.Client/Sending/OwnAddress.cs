using System.Net;
using System.Net.Sockets;

namespace Fwknop.Client;

/// <summary>The addresses of this machine.</summary>
internal static class OwnAddress
{
    // Any port does; connecting a UDP socket asks only the routing table.
    private const int RouteProbePort = 9;

    /// <summary>The address that packets to another one leave with; null when no route leads there. Sends nothing.</summary>
    public static IPAddress? Towards(IPAddress target)
    {
        try
        {
            using Socket socket = new(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(target, RouteProbePort);
            return ((IPEndPoint)socket.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
