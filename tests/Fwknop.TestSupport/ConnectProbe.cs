using System.Net;
using System.Net.Sockets;

namespace Fwknop.TestSupport;

/// <summary>Tries to open TCP connections from inside a namespace.</summary>
public static class ConnectProbe
{
    /// <summary>Long enough for a connection within one machine, even a busy one; a dropped SYN is only repeated after a second.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMilliseconds(250);

    /// <summary>One attempt.</summary>
    public static ProbeResult Try(NetworkNamespace from, IPAddress server, int port, TimeSpan? timeout = null) =>
        from.Inside(() => Try(server, port, timeout ?? DefaultTimeout));

    /// <summary>Attempts until one has the wanted result; the result of one begun after the end of the time when none has.</summary>
    public static ProbeResult WaitFor(
        ProbeResult wanted, NetworkNamespace from, IPAddress server, int port, TimeSpan timeout, TimeSpan? attempt = null) =>
        from.Inside(() =>
        {
            Deadline deadline = Deadline.In(timeout);
            while (true)
            {
                // Asked before the attempt: on a busy machine one may begin long before the end and be answered after it.
                bool isLast = deadline.IsOver;
                ProbeResult result = Try(server, port, attempt ?? TimeSpan.FromMilliseconds(100));
                if (result == wanted || isLast)
                {
                    return result;
                }

                // A service flooded with connections stops answering, which would look like a closed port.
                Thread.Sleep(20);
            }
        });

    /// <summary>One attempt from the calling thread's namespace.</summary>
    public static ProbeResult Try(IPAddress server, int port, TimeSpan timeout)
    {
        using Socket socket = Begin(new IPEndPoint(server, port), out ProbeResult? result);
        return result ?? ResultOf(socket, timeout);
    }

    /// <summary>Makes all attempts at once.</summary>
    /// <returns>Those that got an answer, whatever it was.</returns>
    public static IReadOnlyList<Attempt> ThatAreAnswered(params IReadOnlyList<Attempt> attempts)
    {
        ProbeResult?[] results = new ProbeResult?[attempts.Count];
        Socket[] sockets = [.. attempts.Select((attempt, i) => attempt.From.Inside(() => Begin(attempt.To, out results[i])))];
        Deadline deadline = Deadline.In(DefaultTimeout);
        for (int i = 0; i < sockets.Length; i++)
        {
            results[i] ??= ResultOf(sockets[i], deadline.Left);
            sockets[i].Dispose();
        }

        return [.. attempts.Where((_, i) => results[i] != ProbeResult.NoAnswer)];
    }

    private static Socket Begin(IPEndPoint server, out ProbeResult? result)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        result = null;
        try
        {
            socket.Connect(server);
            result = ProbeResult.Open;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // The answer comes later.
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            result = ProbeResult.Refused;
        }

        return socket;
    }

    private static ProbeResult ResultOf(Socket socket, TimeSpan timeout)
    {
        if (!socket.Poll(timeout, SelectMode.SelectWrite))
        {
            return ProbeResult.NoAnswer;
        }

        var error = (SocketError)(int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        return error == SocketError.Success ? ProbeResult.Open : ProbeResult.Refused;
    }
}
