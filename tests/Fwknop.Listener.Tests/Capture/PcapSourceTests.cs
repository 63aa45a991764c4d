using System.Net;
using System.Net.Sockets;
using Fwknop.Fuzz.Targets;
using Fwknop.Listener.Capture;
using Fwknop.Native.Libc;
using Fwknop.Native.LibPcap;
using Fwknop.TestSupport;

namespace Fwknop.Listener.Tests.Capture;

public sealed class PcapSourceTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    private static readonly PcapOptions Options = new() { Interface = TestNetwork.Interface, SnapLength = 1500, Filter = "udp port 62201" };

    [RootFact]
    public void A_knock_on_the_wire_arrives_for_IPv4_and_IPv6()
    {
        using var network = TestNetwork.Create();
        using var source = Open(network.Server, Options);
        (IPAddress From, IPAddress To, int FullFrame)[] knocks =
            [(network.ClientAddress, network.ServerAddress, 1472), (network.ClientAddress6, network.ServerAddress6, 1452)];
        foreach (var (from, to, fullFrame) in knocks)
        {
            var port = Send(network.Client, to, 62201, new byte[fullFrame]);

            Assert.Equal(CaptureOutcome.Datagram, Next(source, out var datagram));
            Assert.Equal(fullFrame, datagram.Payload.Length);
            Assert.Equal(from, datagram.Source);
            Assert.Equal(to, datagram.Destination);
            Assert.Equal(port, datagram.SourcePort);
            Assert.Equal(62201, datagram.DestinationPort);
        }
    }

    [RootFact]
    public void Only_what_the_filter_lets_through_arrives_and_only_what_comes_in()
    {
        using var network = TestNetwork.Create();
        using var source = Open(network.Server, Options);
        Send(network.Client, network.ServerAddress, 62202, [1]);
        Send(network.Server, network.ClientAddress, 62201, [2]);
        Send(network.Client, network.ServerAddress, 62201, [3]);

        Assert.Equal(CaptureOutcome.Datagram, Next(source, out var datagram));
        Assert.Equal(3, datagram.Payload[0]);
        Assert.Equal(CaptureOutcome.Empty, source.TryNext(out _, out _));
    }

    [RootFact]
    public void In_any_direction_what_this_machine_sends_arrives_too()
    {
        using var network = TestNetwork.Create();
        using var source = Open(network.Server, Options with { AnyDirection = true });
        Send(network.Server, network.ClientAddress, 62201, [2]);

        Assert.Equal(CaptureOutcome.Datagram, Next(source, out var datagram));
        Assert.Equal(network.ServerAddress, datagram.Source);
    }

    [RootTheory]
    [InlineData("any")]
    [InlineData("lo")]
    public void The_loopback_interface_and_all_interfaces_can_be_captured(string name)
    {
        using var space = NetworkNamespace.Create("pcap");
        using var source = Open(space, Options with { Interface = name });
        Send(space, IPAddress.Loopback, 62201, [7]);

        Assert.Equal(CaptureOutcome.Datagram, Next(source, out var datagram));
        Assert.Equal(IPAddress.Loopback, datagram.Source);
        Assert.Equal(7, datagram.Payload[0]);
        Assert.Equal(CaptureOutcome.Empty, source.TryNext(out _, out _));
    }

    [RootFact]
    public void Without_a_filter_frames_of_other_kinds_are_refused_one_by_one()
    {
        using var network = TestNetwork.Create();
        using var source = Open(network.Server, Options with { Filter = "" });
        network.Client.Run("ip", "neigh", "flush", "all");
        Send(network.Client, network.ServerAddress, 62201, [3]);

        // The other side's ARP request, and whatever IPv6 says meanwhile, come before it.
        var refused = new List<FrameRejection>();
        CaptureOutcome outcome;
        while ((outcome = Next(source, out var datagram, out var why)) != CaptureOutcome.Empty && datagram.Protocol != IpProtocol.Udp)
        {
            refused.Add(why);
        }

        Assert.Equal(CaptureOutcome.Datagram, outcome);
        Assert.Contains(FrameRejection.NotIp, refused);
    }

    [RootTheory("python3")]
    [InlineData("vlan and udp port 62201", 1)]
    [InlineData("vlan and vlan and udp port 62201", 2)]
    public void A_frame_with_VLAN_tags_arrives(string filter, int tags)
    {
        const string SendFrame = "import socket,sys\ns=socket.socket(socket.AF_PACKET,socket.SOCK_RAW)\ns.bind((sys.argv[1],0))\ns.send(bytes.fromhex(sys.argv[2]))";
        var packet = FrameBuilder.IPv4(17, FrameBuilder.Udp("knock"u8.ToArray()));
        var tagged = FrameBuilder.Vlan(0x0800, packet);
        tagged = tags == 1 ? tagged : FrameBuilder.Vlan(0x8100, tagged);
        var frame = FrameBuilder.Ethernet(tags == 1 ? 0x8100 : 0x88A8, tagged);
        frame.AsSpan(0, 6).Fill(0xFF);
        using var network = TestNetwork.Create();
        using var source = Open(network.Server, Options with { Filter = filter });

        network.Client.RunChecked("python3", "-c", SendFrame, TestNetwork.Interface, Convert.ToHexString(frame));

        Assert.Equal(CaptureOutcome.Datagram, Next(source, out var datagram));
        Assert.True("knock"u8.SequenceEqual(datagram.Payload));
        Assert.Equal(FrameBuilder.Source4, datagram.Source);
    }

    [RootFact]
    public void An_interface_that_goes_down_is_reported_and_gives_packets_again_when_it_is_up()
    {
        using var network = TestNetwork.Create();
        using var source = Open(network.Server, Options);

        network.Server.RunChecked("ip", "link", "set", TestNetwork.Interface, "down");
        Assert.Equal(CaptureOutcome.InterfaceLost, Next(source, out _));
        Assert.Equal("The interface went down", source.Report);
        Assert.False(source.IsOpen);
        AssertSettles(network.Server, source);

        network.Server.RunChecked("ip", "link", "set", TestNetwork.Interface, "up");
        Assert.Equal(CaptureOutcome.InterfaceUp, NextIn(network.Server, source));
        Send(network.Client, network.ServerAddress, 62201, [3]);
        Assert.Equal(CaptureOutcome.Datagram, Next(source, out _));
    }

    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_interface_that_disappears_is_reported_and_captured_again_when_another_one_has_its_name(bool goesDownFirst)
    {
        using var network = TestNetwork.Create();
        using var source = Open(network.Server, Options);
        if (goesDownFirst)
        {
            network.Server.RunChecked("ip", "link", "set", TestNetwork.Interface, "down");
            Assert.Equal(CaptureOutcome.InterfaceLost, Next(source, out _));
        }

        network.Server.RunChecked("ip", "link", "delete", TestNetwork.Interface);
        if (!goesDownFirst)
        {
            Assert.Equal(CaptureOutcome.InterfaceLost, Next(source, out _));
            Assert.Contains(source.Report, (string[])["The interface disappeared", "The interface went down"]);
        }

        AssertSettles(network.Server, source);
        network.Server.RunChecked("ip", "link", "add", TestNetwork.Interface, "type", "veth", "peer", "name", "other");
        AssertSettles(network.Server, source);
        network.Server.RunChecked("ip", "link", "set", TestNetwork.Interface, "up");
        Assert.Equal(CaptureOutcome.InterfaceUp, NextIn(network.Server, source));
        Assert.Equal(TestNetwork.Interface, source.Report);
        Assert.True(source.IsOpen);
    }

    [RootTheory]
    [InlineData("late0")]
    [InlineData("down0")]
    public void An_interface_that_is_not_there_at_start_is_waited_for(string name)
    {
        using var space = NetworkNamespace.Create("pcap");
        space.RunChecked("ip", "link", "add", "down0", "type", "veth", "peer", "name", "down1");
        using var source = space.Inside(() => PcapSource.TryOpen(Options with { Interface = name }, waits: true, out _))!;
        Assert.False(source.IsOpen);
        AssertSettles(space, source);

        if (name == "late0")
        {
            space.RunChecked("ip", "link", "add", "late0", "type", "veth", "peer", "name", "late1");
            AssertSettles(space, source);
        }

        space.RunChecked("ip", "link", "set", name[..^1] + "1", "up");
        space.RunChecked("ip", "link", "set", name, "up");
        Assert.Equal(CaptureOutcome.InterfaceUp, NextIn(space, source));
        space.RunChecked("ip", "address", "add", "10.1.1.1/24", "dev", name[..^1] + "1");
        space.RunChecked("ip", "neigh", "add", "10.1.1.2", "lladdr", "02:00:00:00:00:01", "dev", name[..^1] + "1");
        Send(space, IPAddress.Parse("10.1.1.2"), 62201, [9]);
        Assert.Equal(CaptureOutcome.Datagram, Next(source, out var datagram));
        Assert.Equal(9, datagram.Payload[0]);
    }

    [RootTheory("python3")]
    [InlineData(4)]
    [InlineData(6)]
    public void A_tunnel_without_a_link_header_can_be_captured(int version)
    {
        const string SendPacket = """
            import fcntl,os,struct,sys
            tunnel=os.open('/dev/net/tun',os.O_RDWR)
            fcntl.ioctl(tunnel,0x400454ca,struct.pack('16sH',b'x0',0x1001))
            os.write(tunnel,bytes.fromhex(sys.argv[1]))
            """;
        var datagram = FrameBuilder.Udp("knock"u8.ToArray());
        var packet = version == 4 ? FrameBuilder.IPv4(17, datagram) : FrameBuilder.IPv6(17, datagram);
        using var space = NetworkNamespace.Create("pcap");
        space.RunChecked("ip", "tuntap", "add", "dev", "x0", "mode", "tun");
        space.RunChecked("ip", "link", "set", "x0", "up");
        using var source = Open(space, Options with { Interface = "x0" });

        space.RunChecked("python3", "-c", SendPacket, Convert.ToHexString(packet));

        Assert.Equal(CaptureOutcome.Datagram, Next(source, out var received));
        Assert.Equal(version == 4 ? FrameBuilder.Source4 : FrameBuilder.Source6, received.Source);
        Assert.True("knock"u8.SequenceEqual(received.Payload));
    }

    [RootTheory]
    [InlineData("absent", "udp port 62201", "[*] pcap_open_live() error: absent: No such device exists")]
    [InlineData("down0", "udp port 62201", "[*] pcap_open_live() error: down0: That device is not up")]
    [InlineData("lo", "udp prot 62201", "[*] Error compiling pcap filter: *")]
    [InlineData("lo", "udp port 99999", "[*] Error compiling pcap filter: *")]
    public void What_cannot_be_captured_is_the_reference_s_error(string device, string filter, string expected)
    {
        using var space = NetworkNamespace.Create("pcap");
        space.RunChecked("ip", "link", "add", "down0", "type", "veth", "peer", "name", "down1");
        space.Inside(() =>
        {
            Assert.Null(PcapSource.TryOpen(new() { Interface = device, SnapLength = 1500, Filter = filter }, waits: false, out var opening));
            var error = opening.Error;
            Assert.True(expected.EndsWith('*') ? error.StartsWith(expected[..^1], StringComparison.Ordinal) : error == expected, error);
        });
    }

    [RootFact]
    public void What_waiting_does_not_mend_is_an_error_although_the_source_may_wait()
    {
        using var space = NetworkNamespace.Create("pcap");
        space.Inside(() => Assert.Null(PcapSource.TryOpen(Options with { Interface = "lo", Filter = "udp prot" }, waits: true, out _)));
    }

    [RootFact]
    public void Reading_packets_allocates_nothing()
    {
        using var space = NetworkNamespace.Create("pcap");
        using var source = Open(space, Options with { Interface = "lo" });
        for (var i = 0; i < 50; i++)
        {
            Send(space, IPAddress.Loopback, 62201, new byte[200]);
        }

        Assert.Equal(CaptureOutcome.Datagram, Next(source, out _));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var count = 0;
        while (source.TryNext(out _, out _) == CaptureOutcome.Datagram)
        {
            count++;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(49, count);
    }

    private static PcapSource Open(NetworkNamespace space, PcapOptions options) => space.Inside(() =>
    {
        var source = PcapSource.TryOpen(options, waits: false, out var opening);
        Assert.True(source is not null, opening.Error);
        return source;
    });

    private static CaptureOutcome Next(PcapSource source, out Datagram datagram) => Next(source, out datagram, out _);

    /// <summary>The next thing that happens, whatever it is.</summary>
    private static CaptureOutcome Next(PcapSource source, out Datagram datagram, out FrameRejection why)
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

    /// <summary>Takes what is left of one event; then nothing may make the source spin.</summary>
    private static void AssertSettles(NetworkNamespace space, PcapSource source) => space.Inside(() =>
    {
        using var ready = new PollSet(source.Descriptor);
        var isReady = true;
        for (var i = 0; i < 10 && isReady; i++)
        {
            Assert.Equal(CaptureOutcome.Empty, source.TryNext(out _, out _));
            isReady = ready.Wait(TimeSpan.FromMilliseconds(50));
        }

        Assert.False(isReady);
    });

    /// <summary>What happens next, where an interface may be opened: that must be done in its namespace.</summary>
    private static CaptureOutcome NextIn(NetworkNamespace space, PcapSource source) => space.Inside(() => Next(source, out _));

    private static int Send(NetworkNamespace from, IPAddress to, int port, byte[] payload) => from.Inside(() =>
    {
        using var socket = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(new IPEndPoint(to, port));
        socket.Send(payload);
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    });
}
