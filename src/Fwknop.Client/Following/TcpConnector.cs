using System.Net;
using System.Net.Sockets;

namespace Fwknop.Client;

internal sealed class TcpConnector : IConnector
{
    // Our choice: a server that has gone without a word is noticed within two minutes, as by ssh.
    private const int SilentSeconds = 60;
    private const int ProbeSeconds = 15;
    private const int Probes = 4;

    public ConnectAttempt Connect(IPEndPoint target, TimeSpan limit)
    {
        Socket socket = new(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // What comes in small pieces, such as keystrokes, goes out at once.
            socket.NoDelay = true;
            KeepAlive(socket);
            TimedConnect.Run(socket, target, limit);
            return new ConnectAttempt(ConnectOutcome.Open, Connection: socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            ConnectOutcome outcome = e.SocketErrorCode switch
            {
                SocketError.TimedOut => ConnectOutcome.NoAnswer,
                SocketError.ConnectionRefused => ConnectOutcome.Refused,
                SocketError.HostUnreachable or SocketError.NetworkUnreachable => ConnectOutcome.Unreachable,
                _ => ConnectOutcome.Failed,
            };
            return new ConnectAttempt(outcome, NetworkError.Text(e));
        }
    }

    public IPAddress? LocalAddressTowards(IPAddress target) => OwnAddress.Towards(target);

    private static void KeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, SilentSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
    }
}
