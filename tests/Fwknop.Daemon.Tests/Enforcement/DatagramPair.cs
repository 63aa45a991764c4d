using System.Net;
using System.Net.Sockets;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>A UDP receiver on the server and a sender on the client.</summary>
internal sealed class DatagramPair : IDisposable
{
    private readonly Socket _receiver;
    private readonly Socket _sender;

    public DatagramPair(TestNetwork network, IPAddress server, int port)
    {
        _receiver = network.Server.Inside(() =>
        {
            var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(server, port));
            return socket;
        });
        _sender = network.Client.Inside(() =>
        {
            var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(server, port);
            return socket;
        });
    }

    /// <summary>Whether one datagram of this size arrives.</summary>
    public bool Passes(int size)
    {
        _sender.Send(new byte[size]);
        return _receiver.Poll(TimeSpan.FromMilliseconds(300), SelectMode.SelectRead) && _receiver.Receive(new byte[size]) == size;
    }

    public void Dispose()
    {
        _receiver.Dispose();
        _sender.Dispose();
    }
}
