using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>The client's transports over IPv6, and the ways in which nothing can be sent (client.md 13).</summary>
public sealed class SendingTests
{
    private const int SpaPort = 62201;
    private static readonly SharedKeys Keys = SharedKeys.Random();

    [RootTheory("nft")]
    [InlineData(Family.IPv4, "-P tcp")]
    [InlineData(Family.IPv6, "-P tcp")]
    [InlineData(Family.IPv6, "-P http")]
    [InlineData(Family.IPv6, "-P http -6 -S 4000")]
    public void Our_daemon_opens(Family family, string arguments)
    {
        using var site = new Site(Firewall.NftablesGuard);
        using TcpService service = TcpService.Start(site.Network.Server, SpaPort);
        using SpaDaemon daemon = site.StartDaemon(configuration: $"PCAP_FILTER tcp port {SpaPort};\nENABLE_SPA_OVER_HTTP Y;\n");

        daemon.GrantAfter("tcp/22", () => site.Knock("tcp/22", family, arguments.Split(' ')));

        Assert.Equal(ProbeResult.Open, site.Probe(Site.Ssh, family));
    }

    [RootTheory("nft")]
    [InlineData("::1")]
    [InlineData("[::1]")]
    [InlineData("127.0.0.1")]
    public void To_this_machine(string host)
    {
        using NetworkNamespace space = NetworkNamespace.Create("alone");
        using TcpService service = TcpService.Start(space, SpaPort);
        foreach (string transport in new[] { "tcp", "http" })
        {
            int before = service.Accepted;
            Assert.Equal((0, "", ""), Outcome(Run(space, "-D", host, "-P", transport)));
            Deadline.WaitUntil(() => service.Accepted == before + 1, TimeSpan.FromSeconds(5), $"a connection over {transport}");
        }

        Assert.Equal((0, "", ""), Outcome(Run(space, "-D", host)));
    }

    [RootFact]
    public void Address_with_the_name_of_its_interface()
    {
        using TestNetwork network = TestNetwork.Create();
        using TcpService service = TcpService.Start(network.Server, SpaPort);
        string address = network.Server.RunChecked("ip", "-6", "-brief", "address", "show", "dev", TestNetwork.Interface, "scope", "link")
            .Output.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2].Split('/')[0];

        Assert.Equal((0, "", ""), Outcome(Run(network.Client, "-D", $"{address}%{TestNetwork.Interface}", "-P", "tcp")));

        Deadline.WaitUntil(() => service.Accepted == 1, TimeSpan.FromSeconds(5), "a connection");
        Assert.Equal(
            (1, "", $"error in getaddrinfo: Name or service not known\n[*] The host is '{address}%eth7'.\nsend_spa_packet: packet not sent."),
            Outcome(Run(network.Client, "-D", $"{address}%eth7", "-P", "tcp")));
    }

    [RootTheory]
    [InlineData("udp", "send_spa_packet_tcp_or_udp: Could not create socket: Network is unreachable")]
    [InlineData("tcp", "send_spa_packet_tcp_or_udp: Could not create socket: Network is unreachable")]
    [InlineData("http", "send_spa_packet_tcp_or_udp: Could not create socket: Network is unreachable")]
    [InlineData("udpraw", "send_spa_packet_udp_raw: sendto error: Network is unreachable")]
    [InlineData("tcpraw", "send_spa_packet_tcp_raw: sendto error: Network is unreachable")]
    [InlineData("icmp", "send_spa_packet_icmp: sendto error: Network is unreachable")]
    public void No_route(string transport, string problem)
    {
        using NetworkNamespace space = NetworkNamespace.Create("alone");
        Assert.Equal(
            (1, "", $"{problem}\nsend_spa_packet: packet not sent."), Outcome(Run(space, "-D", "192.0.2.1", "-P", transport)));
    }

    [RootFact]
    public void Nobody_at_that_address()
    {
        using TestNetwork network = TestNetwork.Create();
        Assert.Equal(
            (1, "", "send_spa_packet_tcp_or_udp: Could not create socket: No route to host\nsend_spa_packet: packet not sent."),
            Outcome(Run(network.Client, "-D", "10.77.0.200", "-P", "tcp")));
    }

    [RootTheory]
    [InlineData("127.0.0.1", "tcp")]
    [InlineData("::1", "http")]
    public void Refused(string host, string transport)
    {
        using NetworkNamespace space = NetworkNamespace.Create("alone");
        Assert.Equal(
            (1, "", "send_spa_packet_tcp_or_udp: Could not create socket: Connection refused\nsend_spa_packet: packet not sent."),
            Outcome(Run(space, "-D", host, "-P", transport)));
    }

    [RootTheory("setpriv")]
    [InlineData("udpraw", "udp_raw")]
    [InlineData("tcpraw", "tcp_raw")]
    [InlineData("icmp", "icmp")]
    public void Raw_packets_without_the_privilege(string transport, string function)
    {
        using NetworkNamespace space = NetworkNamespace.Create("alone");
        ProcessRun run = space.Run(
            "setpriv", ["--bounding-set=-net_raw", Programs.Client, .. Arguments("-D", "127.0.0.1", "-P", transport)]);
        Assert.Equal(
            (1,
            "",
            $"send_spa_packet_{function}: create socket: Permission denied\n"
                + $"[*] -P {transport} needs the privilege CAP_NET_RAW, which root has.\nsend_spa_packet: packet not sent."),
            Outcome(run));
    }

    private static ProcessRun Run(NetworkNamespace space, params string[] arguments) => space.Run(Programs.Client, Arguments(arguments));

    private static string[] Arguments(params string[] arguments) =>
        ["--no-rc-file", "--no-save-args", "-a", "192.0.2.9", "-A", "tcp/22", .. Keys.ClientArguments, .. arguments];

    private static (int Status, string Output, string Errors) Outcome(ProcessRun run) =>
        (run.ExitCode, run.Output.TrimEnd('\n'), run.Errors.TrimEnd('\n'));
}
