using System.Net;
using System.Net.Sockets;
using Fwknop.Listener.Capture;
using Fwknop.Native.Libc;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Listener.Tests.Capture;

public sealed class UdpSourceTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    [RootTheory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void A_datagram_arrives_with_both_addresses(string text)
    {
        using var space = NetworkNamespace.Create("udp");
        space.Inside(() =>
        {
            using var source = TryOpen(null, 62201, out var error);
            Assert.True(source is not null, error);
            var (address, port) = Send(IPAddress.Parse(text), 62201, "knock"u8.ToArray());

            Assert.True(Wait(source));
            Assert.Equal(CaptureOutcome.Datagram, source.TryNext(out var datagram, out _));
            Assert.True("knock"u8.SequenceEqual(datagram.Payload));
            Assert.Equal(address, datagram.Source);
            Assert.Equal(port, datagram.SourcePort);
            Assert.Equal(address, datagram.Destination);
            Assert.Equal(62201, datagram.DestinationPort);
            Assert.Equal(IpProtocol.Udp, datagram.Protocol);
            Assert.Equal(CaptureOutcome.Empty, source.TryNext(out _, out _));
        });
    }

    [RootFact]
    public void Where_a_datagram_was_sent_to_is_known_although_the_socket_is_bound_to_all_addresses()
    {
        using var space = NetworkNamespace.Create("udp");
        space.Inside(() =>
        {
            using var source = TryOpen(null, 62201, out _)!;
            foreach (var destination in new[] { "127.0.0.2", "127.1.2.3" })
            {
                Send(IPAddress.Parse(destination), 62201, [1]);
                Wait(source);
                Assert.Equal(CaptureOutcome.Datagram, source.TryNext(out var datagram, out _));
                Assert.Equal(IPAddress.Parse(destination), datagram.Destination);
            }
        });
    }

    [RootFact]
    public void A_namespace_without_IPv6_still_receives_IPv4()
    {
        using var space = NetworkNamespace.Create("udp");
        space.SetNetworkOption("ipv6/conf/all/disable_ipv6", 1);
        space.Inside(() =>
        {
            using var source = TryOpen(null, 62201, out var error);
            Assert.True(source is not null, error);
            Send(IPAddress.Loopback, 62201, [1]);
            Wait(source);
            Assert.Equal(CaptureOutcome.Datagram, source.TryNext(out var datagram, out _));
            Assert.Equal(IPAddress.Loopback, datagram.Source);
        });
    }

    [RootTheory]
    [InlineData(0, "Datagram")]
    [InlineData(1500, "Datagram")]
    [InlineData(1501, "Refused")]
    [InlineData(9000, "Refused")]
    public void A_datagram_that_is_too_long_is_refused_whole(int length, string expected)
    {
        using var space = NetworkNamespace.Create("udp");
        space.Inside(() =>
        {
            using var source = TryOpen(null, 62201, out _)!;
            Send(IPAddress.Loopback, 62201, new byte[length]);
            Wait(source);

            Assert.Equal(expected, source.TryNext(out var datagram, out var why).ToString());
            Assert.Equal(expected == "Datagram" ? length : 0, datagram.Payload.Length);
            Assert.Equal(expected == "Datagram" ? FrameRejection.None : FrameRejection.DatagramLength, why);
            Assert.Equal(CaptureOutcome.Empty, source.TryNext(out _, out _));
        });
    }

    [RootTheory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public void A_port_in_use_is_the_reference_s_error(string other)
    {
        using var space = NetworkNamespace.Create("udp");
        space.Inside(() =>
        {
            using var holder = new Socket(IPAddress.Parse(other).AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            holder.Bind(new IPEndPoint(IPAddress.Parse(other), 62201));
            Assert.Null(TryOpen(null, 62201, out var error));
            Assert.Equal("bind() failed: Address already in use", error);
        });
    }

    /// <summary>The listener that follows another takes the port over without a gap.</summary>
    [RootFact]
    public void A_new_source_takes_the_port_over_before_the_old_one_is_closed()
    {
        using var space = NetworkNamespace.Create("udp");
        space.Inside(() =>
        {
            var old = TryOpen(null, 62201, out _)!;
            using var next = TryOpen(null, 62201, out var error);
            Assert.True(next is not null, error);
            old.Dispose();
            Send(IPAddress.Loopback, 62201, [1]);
            Assert.True(Wait(next));
            Assert.Equal(CaptureOutcome.Datagram, next.TryNext(out _, out _));
        });
    }

    [RootTheory]
    [InlineData("127.0.0.2", "127.0.0.2", true)]
    [InlineData("127.0.0.2", "127.0.0.1", false)]
    [InlineData("0.0.0.0", "127.0.0.1", true)]
    [InlineData("0.0.0.0", "::1", false)]
    [InlineData("::1", "::1", true)]
    [InlineData("::1", "127.0.0.1", false)]
    [InlineData("::", "127.0.0.1", true)]
    public void What_is_sent_to_the_address_arrives(string bound, string to, bool arrives)
    {
        using var space = NetworkNamespace.Create("udp");
        space.Inside(() =>
        {
            using var source = TryOpen(IPAddress.Parse(bound), 62201, out var error);
            Assert.True(source is not null, error);
            using var socket = new Socket(IPAddress.Parse(to).AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.SendTo(new byte[200], new IPEndPoint(IPAddress.Parse(to), 62201));

            // On the loopback interface a datagram has arrived when the call that sent it returns.
            Assert.Equal(arrives ? CaptureOutcome.Datagram : CaptureOutcome.Empty, source.TryNext(out var datagram, out _));
            Assert.True(!arrives || datagram.Destination.Equals(IPAddress.Parse(to)));
        });
    }

    /// <summary>Or another user could take packets away from the listener.</summary>
    [RootFact("python3")]
    public void The_port_is_not_shared_with_another_user()
    {
        const string program = """
            import os, socket
            os.setresuid(62399, 62399, 62399)
            s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            s.bind(("::", 62201))
            """;
        using var space = NetworkNamespace.Create("udp");
        using var source = space.Inside(() => TryOpen(null, 62201, out _));
        Assert.NotNull(source);

        ProcessRun run = space.Run("python3", "-c", program);

        Assert.Contains("Address already in use", run.Errors, StringComparison.Ordinal);
    }

    [RootFact]
    public void An_address_that_is_not_ours_cannot_be_bound()
    {
        using var space = NetworkNamespace.Create("udp");
        space.Inside(() =>
        {
            Assert.Null(TryOpen(IPAddress.Parse("192.0.2.1"), 62201, out var error));
            Assert.Equal("bind() failed: Cannot assign requested address", error);
        });
    }

    [RootFact]
    public void Receiving_allocates_nothing()
    {
        using var space = NetworkNamespace.Create("udp");
        space.Inside(() =>
        {
            using var source = TryOpen(null, 62201, out _)!;
            for (var i = 0; i < 100; i++)
            {
                Send(IPAddress.Loopback, 62201, new byte[200]);
            }

            Assert.Equal(CaptureOutcome.Datagram, source.TryNext(out _, out _));
            var before = GC.GetAllocatedBytesForCurrentThread();
            var count = 0;
            while (source.TryNext(out _, out _) == CaptureOutcome.Datagram)
            {
                count++;
            }

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.Equal(99, count);
        });
    }

    private static UdpSource? TryOpen(IPAddress? address, ushort port, out string error)
    {
        UdpReceiver? receiver = UdpReceiver.TryBind(address, port, Limits.MaxDatagram, out string failedCall, out Errno errno);
        error = receiver is null ? $"{failedCall} failed: {errno.Text}" : "";
        return receiver is null ? null : new UdpSource(receiver, port);
    }

    private static bool Wait(UdpSource source)
    {
        using var ready = new PollSet(source.Descriptor);
        return ready.Wait(Soon);
    }

    private static (IPAddress Address, int Port) Send(IPAddress to, int port, byte[] payload)
    {
        using var socket = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(new IPEndPoint(to, port));
        socket.Send(payload);
        var local = (IPEndPoint)socket.LocalEndPoint!;
        return (local.Address, local.Port);
    }
}
