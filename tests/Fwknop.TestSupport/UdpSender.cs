using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fwknop.TestSupport;

/// <summary>Sends datagrams as they are from inside a namespace.</summary>
public static class UdpSender
{
    public const int SpaPort = 62201;

    public static void Send(NetworkNamespace from, IPAddress server, string packet, int port = SpaPort) =>
        Send(from, server, [Encoding.ASCII.GetBytes(packet)], port);

    /// <summary>Sends one after the other, so slowly that a receiver on a busy machine can keep up.</summary>
    public static void Send(NetworkNamespace from, IPAddress server, IEnumerable<byte[]> packets, int port = SpaPort) =>
        from.Inside(() =>
        {
            using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            var destination = new IPEndPoint(server, port);
            int count = 0;
            foreach (byte[] packet in packets)
            {
                socket.SendTo(packet, destination);
                if (++count % 50 == 0)
                {
                    Thread.Sleep(2);
                }
            }
        });
}
