using System.Net;
using System.Net.Sockets;

namespace Fwknop.Client;

/// <summary>A connected socket, one datagram (client.md 13.2).</summary>
internal sealed class UdpSender : IDatagramSender
{
    public SendFailure? Send(IPEndPoint target, int sourcePort, ReadOnlySpan<byte> payload)
    {
        SendStep step = SendStep.OpenSocket;
        try
        {
            using Socket socket = new(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            step = SendStep.BindSourcePort;
            SourcePort.Bind(socket, sourcePort);
            step = SendStep.Send;
            socket.Connect(target);
            socket.Send(payload);
            return null;
        }
        catch (SocketException e)
        {
            return SendFailure.Of(step, e);
        }
    }
}
