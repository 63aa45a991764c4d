using System.Net;
using System.Net.Sockets;

namespace Fwknop.Client;

/// <summary>Connect, one write, close; nothing is read (client.md 13.3).</summary>
/// <param name="connectTimeout">How long to wait for a connection; the reference waits as long as its kernel does, about two minutes.</param>
internal sealed class TcpSender(TimeSpan connectTimeout) : IStreamSender
{
    /// <summary>Time for three more SYNs of which one may get through; after it another address is worth more than patience.</summary>
    public static TimeSpan ConnectTimeout { get; } = TimeSpan.FromSeconds(10);

    public SendFailure? Send(IPEndPoint target, int sourcePort, ReadOnlySpan<byte> payload)
    {
        SendStep step = SendStep.OpenSocket;
        try
        {
            using Socket socket = new(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            step = SendStep.BindSourcePort;
            SourcePort.Bind(socket, sourcePort);
            step = SendStep.Send;
            TimedConnect.Run(socket, target, connectTimeout);
            socket.Send(payload);
            return null;
        }
        catch (SocketException e)
        {
            return SendFailure.Of(step, e);
        }
    }
}
