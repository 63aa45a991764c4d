using System.Net;
using System.Net.Sockets;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>Both ends of a TCP connection from the client to the server.</summary>
internal sealed class EchoConnection : IDisposable
{
    private readonly Socket _client;
    private readonly Socket _server;

    public EchoConnection(TestNetwork network, int port)
    {
        using Socket listener = network.Server.Inside(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(network.ServerAddress, port));
            socket.Listen();
            return socket;
        });
        _client = network.Client.Inside(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 5000 };
            socket.Connect(network.ServerAddress, port);
            return socket;
        });
        _server = listener.Accept();
        _server.ReceiveTimeout = 5000;
    }

    public void AssertAlive()
    {
        var buffer = new byte[1];
        _client.Send("a"u8);
        Assert.Equal(1, _server.Receive(buffer));
        _server.Send("b"u8);
        Assert.Equal(1, _client.Receive(buffer));
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
    }
}
