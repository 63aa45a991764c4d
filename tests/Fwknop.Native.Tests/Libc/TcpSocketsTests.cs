using System.Net;
using System.Net.Sockets;
using Fwknop.Native.Libc;
using Fwknop.TestSupport;

namespace Fwknop.Native.Tests.Libc;

public sealed class TcpSocketsTests
{
    public static TheoryData<IPAddress, bool> Addresses() => new()
    {
        { IPAddress.Loopback, false },
        { IPAddress.IPv6Loopback, false },
        { IPAddress.Loopback, true },
    };

    /// <summary>A socket for both families has its IPv4 connections under their IPv4 addresses.</summary>
    [RootTheory]
    [MemberData(nameof(Addresses))]
    public void A_connection_is_broken_off_and_no_other(IPAddress address, bool dualMode)
    {
        using NetworkNamespace space = NetworkNamespace.Create("sockets");
        space.Inside(() =>
        {
            using Socket listener = new(dualMode ? AddressFamily.InterNetworkV6 : address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (dualMode)
            {
                listener.DualMode = true;
            }

            listener.Bind(new IPEndPoint(dualMode ? IPAddress.IPv6Any : address, 0));
            listener.Listen();
            IPEndPoint local = new(address, ((IPEndPoint)listener.LocalEndPoint!).Port);
            using Socket one = Connect(local);
            using Socket serverOfOne = listener.Accept();
            using Socket other = Connect(local);
            using Socket serverOfOther = listener.Accept();
            IPEndPoint remote = (IPEndPoint)one.LocalEndPoint!;

            Assert.True(TcpSockets.TryEnd(local, remote, out Errno error), error.Text);

            Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => one.Receive(new byte[1])).SocketErrorCode);
            Assert.Throws<SocketException>(() => serverOfOne.Receive(new byte[1]));
            other.Send("x"u8);
            Assert.Equal(1, serverOfOther.Receive(new byte[8]));

            // The kernel finds the socket that listens then, and that must live.
            Assert.False(TcpSockets.TryEnd(local, remote, out error));
            Assert.True(error.IsNoSuchFile, error.Text);
            using Socket third = Connect(local);
            using Socket serverOfThird = listener.Accept();
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("24000000020000000000000000000000")]
    [InlineData("2400000003000000000000000000000000000000")]
    public void What_is_no_answer_is_no_success(string hex) => Assert.NotEqual(Errno.None, TcpSockets.ReadAnswer(Convert.FromHexString(hex)));

    [Theory]
    [InlineData("")]
    [InlineData("2400000002000000000000000000000000000000")]
    [InlineData("2400000014000000000000000000000002010000")]
    public void What_is_no_answer_finds_no_socket(string hex)
    {
        Assert.False(TcpSockets.TryReadCookie(Convert.FromHexString(hex), new byte[72], out _, out Errno error));
        Assert.NotEqual(Errno.None, error);
    }

    private static Socket Connect(IPEndPoint server)
    {
        Socket socket = new(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 5000 };
        socket.Connect(server);
        return socket;
    }
}
