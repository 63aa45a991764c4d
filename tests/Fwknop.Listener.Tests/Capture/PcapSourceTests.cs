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
        using var wake = new WakeEvent();
        using var source = Open(network.Server, Options, wake);
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
        using var wake = new WakeEvent();
        using var source = Open(network.Server, Options, wake);
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
        using var wake = new WakeEvent();
        using var source = Open(network.Server, Options with { AnyDirection = true }, wake);
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
        using var wake = new WakeEvent();
        using var source = Open(space, Options with { Interface = name }, wake);
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
        using var wake = new WakeEvent();
        using var source = Open(network.Server, Options with { Filter = "" }, wake);
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
        using var wake = new WakeEvent();
        using var source = Open(network.Server, Options with { Filter = filter }, wake);

        network.Client.RunChecked("python3", "-c", SendFrame, TestNetwork.Interface, Convert.ToHexString(frame));

        Assert.Equal(CaptureOutcome.Datagram, Next(source, out var datagram));
        Assert.True("knock"u8.SequenceEqual(datagram.Payload));
        Assert.Equal(FrameBuilder.Source4, datagram.Source);
    }

    [RootFact]
    public void An_interface_that_goes_down_is_reported_and_gives_packets_again_when_it_is_up()
    {
        using var network = TestNetwork.Create();
        using var wake = new WakeEvent();
        using var source = Open(network.Server, Options, wake);

        network.Server.RunChecked("ip", "link", "set", TestNetwork.Interface, "down");
        Assert.Equal(CaptureOutcome.InterfaceDown, Next(source, out _));
        Assert.Equal("The interface went down", source.Failure);
        Assert.Equal(WaitOutcome.TimedOut, Settle(source));

        network.Server.RunChecked("ip", "link", "set", TestNetwork.Interface, "up");
        Assert.Equal(CaptureOutcome.InterfaceUp, Next(source, out _));
        Send(network.Client, network.ServerAddress, 62201, [3]);
        Assert.Equal(CaptureOutcome.Datagram, Next(source, out _));
    }

    [RootFact]
    public void An_interface_that_disappears_ends_the_source()
    {
        using var network = TestNetwork.Create();
        using var wake = new WakeEvent();
        using var source = Open(network.Server, Options, wake);

        network.Server.RunChecked("ip", "link", "delete", TestNetwork.Interface);
        var outcome = Next(source, out _);
        while (outcome is CaptureOutcome.InterfaceDown)
        {
            outcome = Next(source, out _);
        }

        Assert.Equal(CaptureOutcome.Failed, outcome);
        Assert.Equal("The interface disappeared", source.Failure);
    }

    [RootFact]
    public void An_interface_that_disappears_after_it_went_down_ends_the_source()
    {
        using var network = TestNetwork.Create();
        using var wake = new WakeEvent();
        using var source = Open(network.Server, Options, wake);

        network.Server.RunChecked("ip", "link", "set", TestNetwork.Interface, "down");
        Assert.Equal(CaptureOutcome.InterfaceDown, Next(source, out _));
        network.Server.RunChecked("ip", "link", "delete", TestNetwork.Interface);
        Assert.Equal(CaptureOutcome.Failed, Next(source, out _));
    }

    [RootTheory]
    [InlineData("absent", "udp port 62201", "[*] pcap_open_live() error: absent: No such device exists (*")]
    [InlineData("down0", "udp port 62201", "[*] pcap_open_live() error: down0: That device is not up")]
    [InlineData("lo", "udp prot 62201", "[*] Error compiling pcap filter: *")]
    [InlineData("lo", "udp port 99999", "[*] Error compiling pcap filter: *")]
    public void What_cannot_be_captured_is_the_reference_s_error(string device, string filter, string expected)
    {
        using var space = NetworkNamespace.Create("pcap");
        using var wake = new WakeEvent();
        space.RunChecked("ip", "link", "add", "down0", "type", "veth", "peer", "name", "down1");
        space.Inside(() =>
        {
            Assert.Null(PcapSource.TryOpen(new() { Interface = device, SnapLength = 1500, Filter = filter }, wake, out var error, out _));
            Assert.True(expected.EndsWith('*') ? error.StartsWith(expected[..^1], StringComparison.Ordinal) : error == expected, error);
        });
    }

    [RootFact]
    public void A_wait_ends_when_woken()
    {
        using var space = NetworkNamespace.Create("pcap");
        using var wake = new WakeEvent();
        using var source = Open(space, Options with { Interface = "lo" }, wake);
        source.TryNext(out _, out _);
        Assert.Equal(WaitOutcome.TimedOut, source.Wait(TimeSpan.FromMilliseconds(20)));
        wake.Set();
        Assert.Equal(WaitOutcome.Woken, source.Wait(Soon));
    }

    [RootFact]
    public void Reading_packets_allocates_nothing()
    {
        using var space = NetworkNamespace.Create("pcap");
        using var wake = new WakeEvent();
        using var source = Open(space, Options with { Interface = "lo" }, wake);
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

    private static PcapSource Open(NetworkNamespace space, PcapOptions options, WakeEvent wake) => space.Inside(() =>
    {
        var source = PcapSource.TryOpen(options, wake, out var error, out _);
        Assert.True(source is not null, error);
        return source;
    });

    private static CaptureOutcome Next(PcapSource source, out Datagram datagram) => Next(source, out datagram, out _);

    /// <summary>The next thing that happens, whatever it is.</summary>
    private static CaptureOutcome Next(PcapSource source, out Datagram datagram, out FrameRejection why)
    {
        CaptureOutcome outcome;
        while ((outcome = source.TryNext(out datagram, out why)) == CaptureOutcome.Empty)
        {
            if (source.Wait(Soon) == WaitOutcome.TimedOut)
            {
                return CaptureOutcome.Empty;
            }
        }

        return outcome;
    }

    /// <summary>Takes what is left of one event; then nothing may make the source spin.</summary>
    private static WaitOutcome Settle(PcapSource source)
    {
        var wait = WaitOutcome.Ready;
        for (var i = 0; i < 5 && wait == WaitOutcome.Ready; i++)
        {
            Assert.Equal(CaptureOutcome.Empty, source.TryNext(out _, out _));
            wait = source.Wait(TimeSpan.FromMilliseconds(50));
        }

        return wait;
    }

    private static int Send(NetworkNamespace from, IPAddress to, int port, byte[] payload) => from.Inside(() =>
    {
        using var socket = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(new IPEndPoint(to, port));
        socket.Send(payload);
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    });
}
