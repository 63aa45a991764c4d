using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Fwknop.Benchmarks;

/// <summary>A packet ready to be sent, and the connection it is to allow.</summary>
internal sealed class Knock(byte[] packet, IPAddress client, IPAddress server, int port)
{
    private const int SpaPort = 62201;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    // The kernel repeats a dropped SYN only after a second: each attempt is a new one, given up when no answer came at once.
    private static readonly TimeSpan Attempt = TimeSpan.FromMicroseconds(200);

    /// <summary>Sends it from the calling thread's namespace and returns the time until a connection has succeeded.</summary>
    public TimeSpan Send()
    {
        if (TryConnect())
        {
            throw new InvalidOperationException($"tcp/{port} is open to {client} before the knock.");
        }

        using var socket = new Socket(client.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(client, 0));
        var destination = new IPEndPoint(server, SpaPort);
        long start = Stopwatch.GetTimestamp();
        socket.SendTo(packet, destination);
        while (!TryConnect())
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException($"The knock opened nothing for {client} within {Patience.TotalSeconds} s.");
            }
        }

        return Stopwatch.GetElapsedTime(start);
    }

    private bool TryConnect()
    {
        using var socket = new Socket(client.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        socket.LingerState = new LingerOption(true, 0); // no port stays behind in TIME_WAIT
        socket.Bind(new IPEndPoint(client, 0));
        long start = Stopwatch.GetTimestamp();
        try
        {
            socket.Connect(new IPEndPoint(server, port));
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // The answer comes below.
        }

        while (!socket.Poll(0, SelectMode.SelectWrite))
        {
            if (Stopwatch.GetElapsedTime(start) > Attempt)
            {
                return false;
            }

            _ = usleep(50); // leaves the processor to the daemon
        }

        return (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)! == 0;
    }

#pragma warning disable IDE1006 // the library's name
    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int usleep(uint microseconds);
#pragma warning restore IDE1006
}
