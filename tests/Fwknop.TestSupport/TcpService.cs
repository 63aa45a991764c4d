using System.Net;
using System.Net.Sockets;

namespace Fwknop.TestSupport;

/// <summary>A real TCP service inside a namespace, on IPv4 and IPv6, that accepts every connection and says a word.</summary>
public sealed class TcpService : IDisposable
{
    private readonly Socket[] _listeners;
    private readonly Thread[] _threads;
    private int _accepted;

    private TcpService(int port, Socket[] listeners)
    {
        Port = port;
        _listeners = listeners;
        _threads = [.. listeners.Select(listener => new Thread(() => Accept(listener)) { IsBackground = true, Name = $"tcp/{port}" })];
        foreach (Thread thread in _threads)
        {
            thread.Start();
        }
    }

    public int Port { get; }

    /// <summary>Connections accepted so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    public static TcpService Start(NetworkNamespace space, int port) =>
        new(port, space.Inside<Socket[]>(() => [ListeningSocket.Open(IPAddress.Any, port), ListeningSocket.Open(IPAddress.IPv6Any, port)]));

    public void Dispose()
    {
        foreach (Socket listener in _listeners)
        {
            listener.Dispose();
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }
    }

    private void Accept(Socket listener)
    {
        try
        {
            while (true)
            {
                using Socket connection = listener.Accept();
                Interlocked.Increment(ref _accepted);
                SayHello(connection);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed: the listener was closed under the accept call.
        }
    }

    private static void SayHello(Socket connection)
    {
        try
        {
            connection.Send("hello\n"u8);
        }
        catch (SocketException)
        {
            // The other side has gone already.
        }
    }
}
