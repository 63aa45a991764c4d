using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Listener.Capture;
using Fwknop.Native.Libc;
using Fwknop.TestSupport;

namespace Fwknop.Listener.Tests.Capture;

public sealed class TcpSourceTests
{
    private const int Port = 62201;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private static readonly ListenerSetup Setup = new() { Capture = CaptureMode.Pcap, TcpPort = Port, AcceptHttp = true, Stanzas = [] };

    [RootTheory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void What_a_connection_brings_in_several_segments_is_one_packet_when_the_sending_ends(string text)
    {
        using var space = NetworkNamespace.Create("tcp");
        space.Inside(() =>
        {
            using var source = Open(Setup);
            using var socket = Connect(IPAddress.Parse(text));
            socket.Send("kno"u8);
            AssertNothing(source);
            socket.Send("ck"u8);
            AssertNothing(source);
            socket.Shutdown(SocketShutdown.Send);

            Assert.Equal(CaptureOutcome.Datagram, Next(source, out var datagram));
            Assert.Equal("knock", Encoding.ASCII.GetString(datagram.Payload));
            Assert.Equal(IpProtocol.Tcp, datagram.Protocol);
            Assert.Equal(IPAddress.Parse(text), datagram.Source);
            Assert.Equal(IPAddress.Parse(text), datagram.Destination);
            Assert.Equal(((IPEndPoint)socket.LocalEndPoint!).Port, datagram.SourcePort);
            Assert.Equal(Port, datagram.DestinationPort);
            AssertNothing(source);
            Assert.Equal(0, socket.Receive(new byte[10]));
        });
    }

    [RootFact]
    public void A_request_is_a_packet_as_soon_as_its_header_ends_and_gets_no_answer()
    {
        using var space = NetworkNamespace.Create("tcp");
        space.Inside(() =>
        {
            using var source = Open(Setup);
            using var socket = Connect(IPAddress.Loopback);
            socket.Send("GET /x HTTP/1.1\r\nHost: y\r\n"u8);
            AssertNothing(source);
            socket.Send("\r\n"u8);

            Assert.Equal(CaptureOutcome.Datagram, Next(source, out var datagram));
            Assert.Equal("GET /x HTTP/1.1\r\nHost: y\r\n\r\n", Encoding.ASCII.GetString(datagram.Payload));
            AssertNothing(source);
            Assert.Equal(0, socket.Receive(new byte[10]));
        });
    }

    [RootFact]
    public void Without_HTTP_a_request_is_nothing_special()
    {
        using var space = NetworkNamespace.Create("tcp");
        space.Inside(() =>
        {
            using var source = Open(Setup with { AcceptHttp = false });
            using var socket = Connect(IPAddress.Loopback);
            socket.Send("GET /x HTTP/1.1\r\n\r\n"u8);
            AssertNothing(source);
        });
    }

    [RootFact]
    public void A_connection_that_stays_open_is_a_packet_when_its_time_is_over()
    {
        using var space = NetworkNamespace.Create("tcp");
        space.Inside(() =>
        {
            using var source = Open(Setup);
            var started = Stopwatch.GetTimestamp();
            using var talking = Connect(IPAddress.Loopback);
            using var silent = Connect(IPAddress.Loopback);
            talking.Send("knock"u8);

            Assert.Equal(CaptureOutcome.Datagram, Next(source, out var datagram));
            Assert.Equal(5, datagram.Payload.Length);
            Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromSeconds(4.9), Soon);
            Assert.Equal(CaptureOutcome.Datagram, Next(source, out datagram));
            Assert.Equal(0, datagram.Payload.Length);
        });
    }

    [RootTheory]
    [InlineData("", 1500, true)]
    [InlineData("", 1501, false)]
    [InlineData("GET /", 4096, true)]
    [InlineData("GET /", 4097, false)]
    public void More_bytes_than_a_packet_or_a_request_has_are_refused(string start, int length, bool expected)
    {
        using var space = NetworkNamespace.Create("tcp");
        space.Inside(() =>
        {
            using var source = Open(Setup);
            using var socket = Connect(IPAddress.Loopback);
            socket.Send(Encoding.ASCII.GetBytes(start.PadRight(length, 'x')));
            if (expected)
            {
                AssertNothing(source);
                socket.Shutdown(SocketShutdown.Send);
            }

            var outcome = Next(source, out var datagram, out var why);
            Assert.Equal(expected ? CaptureOutcome.Datagram : CaptureOutcome.Refused, outcome);
            Assert.Equal(expected ? length : 0, datagram.Payload.Length);
            Assert.Equal(expected ? FrameRejection.None : FrameRejection.DatagramLength, why);
        });
    }

    [RootFact]
    public void One_address_has_so_many_connections_at_once_and_the_longest_silent_ends_first()
    {
        using var space = NetworkNamespace.Create("tcp");
        space.Inside(() =>
        {
            using var source = Open(Setup);
            List<Socket> sockets = [];
            for (var i = 0; i < TcpSource.MaxPerSource; i++)
            {
                sockets.Add(Connect(IPAddress.Loopback));
                AssertNothing(source);
            }

            sockets[0].Send("first"u8);
            sockets[1].Send("second"u8);
            AssertNothing(source);
            sockets.Add(Connect(IPAddress.Loopback));

            Assert.Equal(CaptureOutcome.Datagram, Next(source, out var datagram));
            Assert.Equal(((IPEndPoint)sockets[2].LocalEndPoint!).Port, datagram.SourcePort);
            AssertNothing(source);
            using var other = Connect(IPAddress.Loopback, IPAddress.Parse("127.0.0.2"));
            AssertNothing(source);
            sockets.ForEach(socket => socket.Dispose());
        });
    }

    [RootFact]
    public void Trusted_proxies_have_as_many_as_there_are_and_those_that_are_too_many_end_the_longest_silent()
    {
        using var space = NetworkNamespace.Create("tcp");
        space.Inside(() =>
        {
            using var source = Open(Setup with { TrustedProxies = AddressList.Any });
            List<Socket> sockets = [];
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < TcpSource.MaxConnections; i++)
            {
                sockets.Add(Connect(IPAddress.Loopback));
                Assert.Equal(CaptureOutcome.Empty, source.TryNext(out _, out _));
            }

            sockets.Add(Connect(IPAddress.Loopback));
            Assert.Equal(CaptureOutcome.Datagram, Next(source, out var datagram));
            Assert.True(Stopwatch.GetElapsedTime(started) < TcpSource.TimeLimit, "too slow to tell");
            Assert.Equal(((IPEndPoint)sockets[0].LocalEndPoint!).Port, datagram.SourcePort);
            sockets.ForEach(socket => socket.Dispose());
        });
    }

    [RootFact]
    public void A_connection_that_is_reset_does_no_harm()
    {
        using var space = NetworkNamespace.Create("tcp");
        space.Inside(() =>
        {
            using var source = Open(Setup);
            using (var socket = Connect(IPAddress.Loopback))
            {
                socket.Send("knock"u8);
                AssertNothing(source);
                socket.LingerState = new LingerOption(enable: true, 0);
            }

            Assert.Equal(CaptureOutcome.Datagram, Next(source, out var datagram));
            Assert.Equal(5, datagram.Payload.Length);
            AssertNothing(source);
        });
    }

    [RootFact]
    public void A_new_source_takes_the_port_over_before_the_old_one_is_closed_but_no_other_program_s()
    {
        using var space = NetworkNamespace.Create("tcp");
        space.Inside(() =>
        {
            using (Open(Setup))
            {
                using var next = Open(Setup);
            }

            using var holder = new TcpListener(IPAddress.Any, Port);
            holder.Start();
            Assert.Null(TcpSource.TryOpen(Setup, out var error));
            Assert.Equal("run_tcp_server: bind() failed: Address already in use", error);
        });
    }

    [RootTheory]
    [InlineData("127.0.0.2", "127.0.0.2", true)]
    [InlineData("127.0.0.2", "127.0.0.1", false)]
    [InlineData("::1", "127.0.0.1", false)]
    public void Only_the_address_it_is_bound_to_takes_connections(string bound, string to, bool expected)
    {
        using var space = NetworkNamespace.Create("tcp");
        space.Inside(() =>
        {
            using var source = Open(Setup with { TcpAddress = IPAddress.Parse(bound) });
            using var socket = new Socket(IPAddress.Parse(to).AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            var error = Record.Exception(() => socket.Connect(IPAddress.Parse(to), Port));
            Assert.Equal(expected, error is null);
        });
    }

    [RootFact]
    public void Once_it_accepts_no_more_it_still_has_those_that_waited()
    {
        using var space = NetworkNamespace.Create("tcp");
        space.Inside(() =>
        {
            using var source = Open(Setup);
            Assert.False(source.HasConnections);
            using var early = Connect(IPAddress.Loopback);
            using var late = Connect(IPAddress.Loopback);
            source.StopAccepting();
            Assert.True(source.HasConnections);
            Assert.Throws<SocketException>(() => Connect(IPAddress.Loopback));
            AssertNothing(source);

            foreach (Socket socket in new[] { late, early })
            {
                socket.Send("packet"u8);
                socket.Shutdown(SocketShutdown.Send);
                Assert.Equal(CaptureOutcome.Datagram, Next(source, out var datagram));
                Assert.Equal(((IPEndPoint)socket.LocalEndPoint!).Port, datagram.SourcePort);
                Assert.True(datagram.Payload.SequenceEqual("packet"u8));
            }

            Assert.False(source.HasConnections);
        });
    }

    [RootFact]
    public void A_namespace_without_IPv6_still_receives_IPv4()
    {
        using var space = NetworkNamespace.Create("tcp");
        space.SetNetworkOption("ipv6/conf/all/disable_ipv6", 1);
        space.Inside(() =>
        {
            using var source = Open(Setup);
            using var socket = Connect(IPAddress.Loopback);
            socket.Shutdown(SocketShutdown.Send);
            Assert.Equal(CaptureOutcome.Datagram, Next(source, out var datagram));
            Assert.Equal(IPAddress.Loopback, datagram.Source);
        });
    }

    private static TcpSource Open(ListenerSetup setup)
    {
        var source = TcpSource.TryOpen(setup, out var error);
        Assert.True(source is not null, error);
        return source;
    }

    private static Socket Connect(IPAddress to, IPAddress? from = null)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 10_000 };
        if (from is not null)
        {
            socket.Bind(new IPEndPoint(from, 0));
        }

        socket.Connect(to, Port);
        return socket;
    }

    private static CaptureOutcome Next(TcpSource source, out Datagram datagram) => Next(source, out datagram, out _);

    private static CaptureOutcome Next(TcpSource source, out Datagram datagram, out FrameRejection why)
    {
        using var ready = new PollSet(source.Descriptor);
        CaptureOutcome outcome;
        while ((outcome = source.TryNext(out datagram, out why)) == CaptureOutcome.Empty)
        {
            if (!ready.Wait(Soon))
            {
                return CaptureOutcome.Empty;
            }
        }

        return outcome;
    }

    /// <summary>Takes what has arrived; on the loopback interface that is all that was sent. Then the source must not spin.</summary>
    private static void AssertNothing(TcpSource source)
    {
        using var ready = new PollSet(source.Descriptor);
        Assert.Equal(CaptureOutcome.Empty, source.TryNext(out _, out _));
        Assert.False(ready.Wait(TimeSpan.Zero));
    }
}
