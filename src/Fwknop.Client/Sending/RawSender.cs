using System.Net;
using System.Net.Sockets;

namespace Fwknop.Client;

/// <summary>A raw socket (IPPROTO_RAW) of Linux, for which CAP_NET_RAW is needed.</summary>
internal sealed class RawSender : IRawSender
{
    public IPAddress? SourceTowards(IPAddress destination) => OwnAddress.Towards(destination);

    public SendFailure? Send(IPAddress destination, ReadOnlySpan<byte> packet)
    {
        SendStep step = SendStep.OpenSocket;
        try
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw);
            step = SendStep.Send;
            socket.SendTo(packet, new IPEndPoint(destination, 0));
            return null;
        }
        catch (SocketException e)
        {
            return SendFailure.Of(step, e);
        }
    }
}
