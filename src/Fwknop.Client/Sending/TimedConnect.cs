using System.Net;
using System.Net.Sockets;

namespace Fwknop.Client;

/// <summary>Connects within a time; the operating system's own limit is about two minutes.</summary>
internal static class TimedConnect
{
    /// <exception cref="SocketException">No connection; <see cref="SocketError.TimedOut"/> when there was no answer in time.</exception>
    public static void Run(Socket socket, IPEndPoint target, TimeSpan limit)
    {
        socket.Blocking = false;
        try
        {
            socket.Connect(target);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            WaitForConnection(socket, limit);
        }

        socket.Blocking = true;
    }

    // Success shows as writable; failure as writable on Unix and as an error on Windows.
    private static void WaitForConnection(Socket socket, TimeSpan limit)
    {
        List<Socket> writable = [socket];
        List<Socket> failed = [socket];
        Socket.Select(null, writable, failed, limit);
        SocketError error = writable.Count + failed.Count == 0
            ? SocketError.TimedOut
            : (SocketError)(int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        if (error != SocketError.Success)
        {
            throw new SocketException((int)error);
        }
    }
}
