using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>The ways by which packets come in (server.md 5), with the real programs on both sides.</summary>
public sealed class CaptureTests
{
    private const string TcpServer = "ENABLE_TCP_SERVER Y;\nENABLE_SPA_OVER_HTTP Y;\n";
    private const string Waiting = "Waiting for the interface";

    private static readonly IPAddress LateServer = IPAddress.Parse("10.88.0.1");
    private static readonly IPAddress LateClient = IPAddress.Parse("10.88.0.2");

    [RootFact("nft")]
    public void Of_several_interfaces_those_that_are_missing_are_waited_for_until_none_is_left()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = SpaDaemon.Start(
            Programs.Daemon, site.Network.Server, site.Setup("FW_ACCESS_TIMEOUT 60\n") with { Device = "eth0, late0" });
        Assert.Contains("[*] pcap_open_live() error: late0: No such device exists", daemon.Log, StringComparison.Ordinal);
        Assert.Equal(1, daemon.Process.CountLines(Waiting));
        daemon.GrantAfter("tcp/22", () => site.Knock());

        daemon.LogAfter("Sniffing interface: late0", () => AddLateInterface(site));
        daemon.GrantAfter("tcp/2222", () => KnockLate(site, "tcp/2222"));
        daemon.LogAfter(@"\[\*\] late0: .*Waiting", () => site.Network.Server.RunChecked("ip", "link", "delete", "late0"));
        daemon.LogAfter("Sniffing interface: late0", () => AddLateInterface(site));
        daemon.GrantAfter("tcp/2223", () => KnockLate(site, "tcp/2223"));
        daemon.GrantAfter("tcp/2224", () => site.Knock("tcp/2224"));

        daemon.LogAfter(@"\[\*\] eth0: The interface went down", () => site.Network.Server.RunChecked("ip", "link", "set", "eth0", "down"));
        site.Network.Server.RunChecked("ip", "link", "delete", "late0");
        Assert.Equal(1, daemon.Process.WaitForExit());
        Assert.Contains("[*] Fatal error from pcap_dispatch: The interface ", daemon.Log, StringComparison.Ordinal);
    }

    [RootFact("nft")]
    public void A_single_interface_that_is_missing_ends_the_start_or_is_waited_for_behind_the_guard()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using (SpaDaemon refused = SpaDaemon.Launch(Programs.Daemon, site.Network.Server, site.Setup() with { Device = "late0" }))
        {
            Assert.Equal(1, refused.Process.WaitForExit());
            Assert.Contains("[*] pcap_open_live() error: late0: No such device exists", refused.Log, StringComparison.Ordinal);
            Assert.DoesNotContain("PCAP filter", refused.Log, StringComparison.Ordinal);
            site.AssertNothingLeft();
        }

        using SpaDaemon daemon = SpaDaemon.Start(
            Programs.Daemon, site.Network.Server, site.Setup("", "EXIT_AT_INTF_DOWN N;\n") with { Device = "late0" });
        Assert.Equal(ProbeResult.NoAnswer, site.Probe());
        daemon.LogAfter("Sniffing interface: late0", () => AddLateInterface(site));
        daemon.GrantAfter("tcp/22", () => KnockLate(site, "tcp/22"));
        Assert.Equal(0, daemon.Stop());
    }

    [RootFact("nft")]
    public void A_packet_on_two_interfaces_counts_once_and_is_no_replay()
    {
        using var site = new Site(Firewall.NftablesGuard);
        NetworkNamespace server = site.Network.Server;
        server.RunChecked("ip", "link", "add", "br9", "type", "bridge");
        server.RunChecked("ip", "address", "flush", "dev", "eth0");
        server.RunChecked("ip", "link", "set", "eth0", "master", "br9");
        server.RunChecked("ip", "link", "set", "br9", "up");
        server.RunChecked("ip", "address", "add", $"{site.Network.ServerAddress}/24", "dev", "br9");
        using SpaDaemon daemon = SpaDaemon.Start(
            Programs.Daemon, server, site.Setup("FW_ACCESS_TIMEOUT 60\n", "VERBOSE 1;\n") with { Device = "eth0,br9" });

        daemon.LogAfter("The same packet was received twice", () => daemon.GrantAfter("tcp/22", () => site.Knock()));

        Assert.Equal(0, daemon.Process.CountLines("Replay"));
        Assert.Equal(1, daemon.Process.CountLines("(Added|Extended) .* tcp/22"));
    }

    /// <summary>The pseudo-device <c>any</c> is no Ethernet: there it has no effect, and does no harm.</summary>
    [RootTheory("nft")]
    [InlineData("eth0", "Y", 1)]
    [InlineData("eth0", "N", 0)]
    [InlineData("any", "Y", 0)]
    public void An_interface_is_promiscuous_while_fwknopd_captures_where_that_is_set(string device, string setting, int expected)
    {
        using var site = new Site(Firewall.NftablesGuard);
        Assert.Equal(0, Promiscuity(site));
        using SpaDaemon daemon = SpaDaemon.Start(
            Programs.Daemon, site.Network.Server, site.Setup("FW_ACCESS_TIMEOUT 60\n", $"ENABLE_PCAP_PROMISC {setting};\n") with { Device = device });

        Assert.Equal(expected, Promiscuity(site));
        daemon.GrantAfter("tcp/22", () => site.Knock());
        Assert.Equal(expected, Promiscuity(site));

        Assert.Equal(0, daemon.Stop());
        Deadline.WaitUntil(() => Promiscuity(site) == 0, TimeSpan.FromSeconds(10), "the end of the promiscuous mode");
    }

    [RootFact("nft", "tcpdump")]
    public void The_packets_of_a_file_that_only_root_may_read_are_granted_once()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using PacketCapture capture = PacketCapture.Start(site.Network.Server);
        site.Knock();
        site.Knock("tcp/80", Family.IPv6);
        capture.Stop();
        File.SetUnixFileMode(capture.File, UnixFileMode.UserRead);

        using (SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n", "", "--pcap-file", capture.File))
        {
            daemon.WaitForLog($"Added .* {site.Network.ClientAddress} .* tcp/22");
            daemon.WaitForLog($"Added .* {site.Network.ClientAddress6} .* tcp/80");
            Assert.Contains($"Reading pcap file: {capture.File}\n", daemon.Log, StringComparison.Ordinal);
            Assert.DoesNotContain("Sniffing", daemon.Log, StringComparison.Ordinal);
            Assert.Equal("0000000000000000", ProcessTable.Status(daemon.ListenerId!.Value, "CapPrm"));
            Assert.Equal(ProbeResult.Open, site.Probe());
            Assert.Equal(0, daemon.Stop());
        }

        using SpaDaemon again = site.StartDaemon("", $"PCAP_FILE {capture.File};\n", "-C", "2");
        Assert.Equal(0, again.Process.WaitForExit());
        Assert.Equal(2, again.Process.CountLines("Replay detected from source IP"));
    }

    [RootFact("nft", "tcpdump")]
    public void The_age_of_packets_in_a_file_counts_when_that_is_set()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using PacketCapture capture = PacketCapture.Start(site.Network.Server);
        site.Knock("tcp/22", Family.IPv4, "--time-offset-minus", "1h");
        capture.Stop();

        using (SpaDaemon daemon = site.StartDaemon("", "ENABLE_SPA_PACKET_AGING Y;\n", "--pcap-file", capture.File, "-t"))
        {
            daemon.WaitForLog("SPA data time difference is too great");
        }

        using SpaDaemon lax = site.StartDaemon("", "", "--pcap-file", capture.File, "-t");
        lax.WaitForLog("--test mode enabled");
    }

    [RootTheory]
    [InlineData("/nonexistent", @"\[\*\] Invalid pcap file path '/nonexistent'")]
    [InlineData("/dev/null", @"\[\*\] Invalid pcap file path '/dev/null'")]
    [InlineData("/etc/hostname", @"\[\*\] pcap_open_offline\(\) error: ")]
    public void A_file_that_holds_no_packets_ends_the_start(string path, string expected)
    {
        using var site = new Site(Firewall.NftablesGuard, hasServices: false);
        using SpaDaemon daemon = SpaDaemon.Launch(Programs.Daemon, site.Network.Server, site.Setup("", "", "--pcap-file", path));

        Assert.Equal(1, daemon.Process.WaitForExit());
        Assert.Matches(expected, daemon.Log);
        site.AssertNothingLeft();
    }

    [RootTheory("nft")]
    [InlineData("10.77.0.1", Family.IPv4)]
    [InlineData("fd77::1", Family.IPv6)]
    [InlineData("::", Family.IPv4)]
    public void The_UDP_server_takes_what_is_sent_to_its_address(string address, Family family)
    {
        using var site = new Site(Firewall.NftablesGuard);
        site.Network.Server.RunChecked("nft", "flush", "table", "inet", "quiet");
        using SpaDaemon daemon = site.StartDaemon(
            $"DESTINATION {site.Server(family)}\nFW_ACCESS_TIMEOUT 60\n", $"ENABLE_UDP_SERVER Y;\nUDPSERV_BIND_ADDRESS {address};\nVERBOSE 1;\n");

        daemon.GrantAfter("tcp/22", () => site.Knock("tcp/22", family));

        Assert.Matches($@"udp_server: Got UDP datagram \([0-9]+ bytes\) from: {site.Client(family)}\n", daemon.Log);
        daemon.WaitForLog(@"run_udp_server\(\) processed: 1 packets");
        Assert.Equal(ProbeResult.Open, site.Probe(Site.Ssh, family));
    }

    /// <summary>Capture sees the same data where its filter lets TCP pass; then the packet counts once.</summary>
    [RootTheory("nft")]
    [InlineData("capture", Family.IPv4)]
    [InlineData("capture of TCP too", Family.IPv4)]
    [InlineData("capture of TCP too", Family.IPv6)]
    [InlineData("UDP server", Family.IPv4)]
    [InlineData("UDP server", Family.IPv6)]
    public void Packets_over_TCP_and_HTTP_are_granted_beside_those_over_UDP(string capture, Family family)
    {
        using var site = new Site(Firewall.NftablesGuard);
        site.Network.Server.RunChecked("nft", "flush", "table", "inet", "quiet");
        string mode = capture switch
        {
            "UDP server" => "ENABLE_UDP_SERVER Y;\n",
            "capture" => "",
            _ => "PCAP_FILTER port 62201;\n",
        };
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n", mode + TcpServer);

        daemon.GrantAfter("tcp/2001", () => site.Knock("tcp/2001", family, "-P", "tcp"));
        daemon.GrantAfter("tcp/2002", () => site.Knock("tcp/2002", family, "-P", "http"));
        daemon.GrantAfter("tcp/2003", () => site.Knock("tcp/2003", family));

        // What capture and the TCP server both saw has been dealt with when the next packet over TCP is.
        daemon.GrantAfter("tcp/2004", () => site.Knock("tcp/2004", family, "-P", "tcp"));
        Assert.Equal(0, daemon.Process.CountLines("Replay"));
        Assert.Equal(4, daemon.Process.CountLines("(Added|Extended) "));
        Assert.Equal(
            capture == "UDP server" ? "0000000000000000" : "0000000000002000", ProcessTable.Status(daemon.ListenerId!.Value, "CapPrm"));
    }

    [RootFact("nft")]
    public void A_packet_in_pieces_on_a_port_below_1024_is_granted()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n", "ENABLE_TCP_SERVER Y;\nTCPSERV_PORT 443;\n");
        Assert.Contains("Kicking off TCP server to listen on port 443.\n", daemon.Log, StringComparison.Ordinal);
        string packet = site.Seal(PortSpec.Tcp(Site.Ssh));

        daemon.GrantAfter("tcp/22", () => SendOverTcp(site, 443, packet[..50], packet[50..51], packet[51..]));

        Assert.Equal(ProbeResult.Open, site.Probe());
        Assert.Equal("0000000000002400", ProcessTable.Status(daemon.ListenerId!.Value, "CapPrm"));
    }

    [RootTheory("nft")]
    [InlineData("TRUSTED_PROXIES 10.77.0.2;\n", "192.0.2.7, 10.77.0.2", "192.0.2.7", "")]
    [InlineData("TRUSTED_PROXIES 10.77.0.3;\n", "192.0.2.7", "10.77.0.2", "")]
    [InlineData("", "192.0.2.7", "10.77.0.2", "ENABLE_X_FORWARDED_FOR has no effect without TRUSTED_PROXIES")]
    public void A_proxy_that_is_trusted_says_whom_to_grant_for(string configuration, string header, string granted, string line)
    {
        using var site = new Site(Firewall.NftablesGuard);
        DaemonSetup setup = new(
            $"SOURCE 10.77.0.0/24, 192.0.2.0/24\n{site.Keys.AccessLines}",
            $"{site.FirewallConfiguration}{TcpServer}ENABLE_X_FORWARDED_FOR Y;\n{configuration}");
        using SpaDaemon daemon = SpaDaemon.Start(Programs.Daemon, site.Network.Server, setup);
        string path = site.Seal(PortSpec.Tcp(Site.Ssh), IPAddress.Any).Replace('+', '-').Replace('/', '_');

        string added = daemon.GrantAfter("tcp/22", () => SendOverTcp(
            site, 62201, $"GET /{path} HTTP/1.0\r\nUser-Agent: Fwknop/2.6.11\r\n", $"X-Forwarded-For: {header}\r\nConnection: close\r\n\r\n"));

        Assert.Contains($"for {granted} -> ", added, StringComparison.Ordinal);
        Assert.Contains(line, daemon.Log, StringComparison.Ordinal);
    }

    /// <summary>That would open it for everybody behind the proxy. A packet that names its address itself needs no word of the proxy.</summary>
    [RootFact("nft")]
    public void A_port_is_never_opened_for_a_trusted_proxy()
    {
        using var site = new Site(Firewall.NftablesGuard);
        DaemonSetup setup = new(
            $"SOURCE ANY\n{site.Keys.AccessLines}",
            $"{site.FirewallConfiguration}{TcpServer}ENABLE_X_FORWARDED_FOR Y;\nTRUSTED_PROXIES 10.77.0.2;\n");
        using SpaDaemon daemon = SpaDaemon.Start(Programs.Daemon, site.Network.Server, setup);

        SendOverTcp(site, 62201, Request(IPAddress.Any));
        daemon.WaitForLog("whose X-Forwarded-For names no client within SOURCE; nothing is opened for the proxy itself.");
        string added = daemon.GrantAfter("tcp/22", () => SendOverTcp(site, 62201, Request(site.Network.ClientAddress)));

        Assert.Contains("Error parsing X-Forwarded-For header: value 'somebody' is not an IP address", daemon.Log, StringComparison.Ordinal);
        Assert.Contains("for 10.77.0.2 -> ", added, StringComparison.Ordinal);
        Assert.Single(daemon.Log.Split('\n'), line => line.Contains("Added access rule", StringComparison.Ordinal));

        string Request(IPAddress address) =>
            $"GET /{site.Seal(PortSpec.Tcp(Site.Ssh), address).Replace('+', '-').Replace('/', '_')} HTTP/1.0\r\n"
            + "User-Agent: Fwknop/2.6.11\r\nX-Forwarded-For: somebody\r\nConnection: close\r\n\r\n";
    }

    [RootFact("nft")]
    public void The_TCP_server_stands_a_crowd_and_still_grants()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n", TcpServer);
        List<Socket> crowd = site.Network.OtherClient.Inside(() => Enumerable.Range(0, 200).Select(_ =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(site.Network.ServerAddress, 62201);
            return socket;
        }).ToList());

        daemon.GrantAfter("tcp/22", () => site.Knock("tcp/22", Family.IPv4, "-P", "tcp"));

        crowd.ForEach(socket => socket.Dispose());
        Assert.Equal(0, daemon.Stop());
    }

    [RootFact("nft")]
    public void A_TCP_port_that_is_taken_ends_the_start()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = SpaDaemon.Launch(
            Programs.Daemon, site.Network.Server, site.Setup("", $"ENABLE_TCP_SERVER Y;\nTCPSERV_PORT {Site.Web};\n"));

        Assert.Equal(1, daemon.Process.WaitForExit());
        Assert.Contains("run_tcp_server: bind() failed: Address already in use\n", daemon.Log, StringComparison.Ordinal);
        Assert.Contains("Fatal run_tcp_server() error", daemon.Log, StringComparison.Ordinal);
        site.AssertNothingLeft();
    }

    /// <summary>How many ask for all packets of the server's interface.</summary>
    private static int Promiscuity(Site site)
    {
        string link = site.Network.Server.RunChecked("ip", "-details", "link", "show", "dev", TestNetwork.Interface).Output;
        return int.Parse(Regex.Match(link, @"\bpromiscuity ([0-9]+)\b").Groups[1].ValueSpan, provider: null);
    }

    private static void AddLateInterface(Site site)
    {
        NetworkNamespace.Ip(
            "-n", site.Network.Server.Name, "link", "add", "late0", "type", "veth", "peer", "name", "late0", "netns", site.Network.Client.Name);
        foreach ((NetworkNamespace space, IPAddress address) in
            (ReadOnlySpan<(NetworkNamespace, IPAddress)>)[(site.Network.Client, LateClient), (site.Network.Server, LateServer)])
        {
            NetworkNamespace.Ip("-n", space.Name, "address", "add", $"{address}/24", "dev", "late0");
            NetworkNamespace.Ip("-n", space.Name, "link", "set", "late0", "up");
        }
    }

    private static void KnockLate(Site site, string request) => new SpaClient(Programs.Client, site.Network.Client).Knock(
        ["-D", $"{LateServer}", "-a", $"{LateClient}", "-A", request, .. site.Keys.ClientArguments]);

    /// <summary>Each piece in a segment of its own.</summary>
    private static void SendOverTcp(Site site, int port, params IReadOnlyList<string> pieces) => site.Network.Client.Inside(() =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 10_000 };
        socket.Connect(site.Network.ServerAddress, port);
        foreach (string piece in pieces)
        {
            socket.Send(Encoding.ASCII.GetBytes(piece));
        }

        socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, socket.Receive(new byte[16]));
    });
}
