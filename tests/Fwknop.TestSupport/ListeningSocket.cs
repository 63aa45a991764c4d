using System.Net;
using System.Net.Sockets;

namespace Fwknop.TestSupport;

/// <summary>Sockets that wait for TCP connections.</summary>
internal static class ListeningSocket
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Opens one. The port of one that was closed just now may be in use for a moment more: a process that another test starts has it until it runs its program.
    /// </summary>
    public static Socket Open(IPAddress address, int port)
    {
        Socket? socket = null;
        Deadline.WaitUntil(() => TryOpen(new IPEndPoint(address, port), out socket), Wait, $"port {port} to be free");
        return socket!;
    }

    private static bool TryOpen(IPEndPoint place, out Socket? socket)
    {
        socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (place.AddressFamily == AddressFamily.InterNetworkV6)
        {
            socket.DualMode = false;
        }

        try
        {
            socket.Bind(place);
            socket.Listen(128);
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            return false;
        }
    }
}
