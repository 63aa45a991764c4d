using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fwknop.Client.Tests;

/// <summary>client.md 13.2 and 13.3: what comes out of the sockets of the operating system.</summary>
public sealed class SocketTests
{
    private static readonly byte[] Packet = Encoding.ASCII.GetBytes(new string('x', 200));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void One_datagram_without_newline_from_the_source_port(string listen)
    {
        IPAddress address = IPAddress.Parse(listen);
        using Socket server = Bound(address, SocketType.Dgram);
        server.ReceiveTimeout = 10_000;
        int sourcePort = FreePort(address, SocketType.Dgram);

        Assert.Null(new UdpSender().Send((IPEndPoint)server.LocalEndPoint!, sourcePort, Packet));

        byte[] received = new byte[2000];
        EndPoint from = new IPEndPoint(address, 0);
        int length = server.ReceiveFrom(received, ref from);
        Assert.Equal(Packet, received[..length]);
        Assert.Equal(sourcePort, ((IPEndPoint)from).Port);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void One_connection_from_the_source_port_closed_at_once(string listen)
    {
        IPAddress address = IPAddress.Parse(listen);
        using Socket server = Bound(address, SocketType.Stream);
        server.Listen();
        int sourcePort = FreePort(address, SocketType.Stream);

        Assert.Null(new TcpSender(TcpSender.ConnectTimeout).Send((IPEndPoint)server.LocalEndPoint!, sourcePort, Packet));

        using Socket connection = server.Accept();
        connection.ReceiveTimeout = 10_000;
        Assert.Equal(sourcePort, ((IPEndPoint)connection.RemoteEndPoint!).Port);
        using NetworkStream stream = new(connection);
        using MemoryStream received = new();
        stream.CopyTo(received);
        Assert.Equal(Packet, received.ToArray());
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Refused_connection(string listen)
    {
        IPAddress address = IPAddress.Parse(listen);
        using Socket notListening = Bound(address, SocketType.Stream);

        Assert.Equal(
            new SendFailure(SendStep.Send, "Connection refused"),
            new TcpSender(TcpSender.ConnectTimeout).Send((IPEndPoint)notListening.LocalEndPoint!, 0, Packet));
    }

    [Fact]
    public void Nobody_answers()
    {
        // A full backlog: further SYNs are dropped.
        using Socket server = Bound(IPAddress.Loopback, SocketType.Stream);
        server.Listen(0);
        SendFailure? failure = null;
        for (int connection = 0; failure is null && connection < 8; connection++)
        {
            failure = new TcpSender(TimeSpan.FromMilliseconds(200)).Send((IPEndPoint)server.LocalEndPoint!, 0, Packet);
        }

        Assert.Equal(new SendFailure(SendStep.Send, "Connection timed out"), failure);
    }

    [Theory]
    [InlineData(SocketType.Dgram)]
    [InlineData(SocketType.Stream)]
    public void Source_port_that_is_taken(SocketType type)
    {
        using Socket server = Bound(IPAddress.Loopback, type);
        using Socket other = Bound(IPAddress.Any, type);
        if (type == SocketType.Stream)
        {
            server.Listen();
            other.Listen();
        }

        IPEndPoint target = (IPEndPoint)server.LocalEndPoint!;
        int taken = ((IPEndPoint)other.LocalEndPoint!).Port;

        SendFailure? failure = type == SocketType.Dgram
            ? new UdpSender().Send(target, taken, Packet)
            : new TcpSender(TcpSender.ConnectTimeout).Send(target, taken, Packet);

        Assert.Equal(new SendFailure(SendStep.BindSourcePort, "Address already in use"), failure);
    }

    [Fact]
    public void Own_address_towards_a_host() => Assert.Equal(IPAddress.Loopback, new RawSender().SourceTowards(IPAddress.Parse("127.0.0.9")));

    private static int FreePort(IPAddress address, SocketType type)
    {
        using Socket reserved = Bound(address, type);
        return ((IPEndPoint)reserved.LocalEndPoint!).Port;
    }

    private static Socket Bound(IPAddress address, SocketType type)
    {
        Socket socket = new(address.AddressFamily, type, type == SocketType.Dgram ? ProtocolType.Udp : ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }
}
