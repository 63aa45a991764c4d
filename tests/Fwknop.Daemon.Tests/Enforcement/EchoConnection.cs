using System.Net;
using System.Net.Sockets;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>Both ends of a TCP connection from the client to the server.</summary>
internal sealed class EchoConnection : IDisposable
{
    private readonly Socket _client;
    private readonly Socket _server;
    private readonly IPEndPoint _clientEnd;
    private readonly IPEndPoint _serverEnd;

    public EchoConnection(TestNetwork network, int port, bool ipv6 = false)
    {
        _serverEnd = new IPEndPoint(ipv6 ? network.ServerAddress6 : network.ServerAddress, port);
        using Socket listener = network.Server.Inside(() =>
        {
            var socket = new Socket(_serverEnd.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(_serverEnd);
            socket.Listen();
            return socket;
        });
        _client = network.Client.Inside(() =>
        {
            var socket = new Socket(_serverEnd.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 5000 };
            socket.Connect(_serverEnd);
            return socket;
        });
        _server = listener.Accept();
        _server.ReceiveTimeout = 5000;
        _clientEnd = (IPEndPoint)_client.LocalEndPoint!;
    }

    /// <summary>Ends it at once on both sides.</summary>
    public void Reset()
    {
        _client.Close(0);
        _server.Close(0);
    }

    /// <summary>Ends it from the server's side: the kernel then has its entry of the connection for some seconds more.</summary>
    public void ResetByServer()
    {
        _server.Close(0);
        SocketException reset = Assert.Throws<SocketException>(() => _client.Receive(new byte[1]));
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        _client.Close(0);
    }

    /// <summary>A socket that is connecting from the address and port of this connection to the same service.</summary>
    public Socket FromTheSamePort()
    {
        var socket = new Socket(_serverEnd.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        socket.Bind(_clientEnd);
        SocketException pending = Assert.Throws<SocketException>(() => socket.Connect(_serverEnd));
        Assert.True(pending.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress, pending.Message);
        return socket;
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
