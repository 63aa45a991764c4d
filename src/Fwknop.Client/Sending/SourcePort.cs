using System.Net;
using System.Net.Sockets;

namespace Fwknop.Client;

/// <summary><c>-S</c> for sockets of the operating system (client.md 4.2, decision).</summary>
internal static class SourcePort
{
    /// <param name="socket">UDP or TCP.</param>
    /// <param name="port">0 leaves the socket as it is.</param>
    /// <exception cref="SocketException">The port is taken, or reserved for others.</exception>
    public static void Bind(Socket socket, int port)
    {
        if (port != 0)
        {
            IPAddress any = socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
            socket.Bind(new IPEndPoint(any, port));
        }
    }
}
