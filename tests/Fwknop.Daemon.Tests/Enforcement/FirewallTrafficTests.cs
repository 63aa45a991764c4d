using System.Net;
using System.Net.Sockets;
using Fwknop.Configuration;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Ipset;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Daemon.Enforcement.Nftables;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>Real connections through a real firewall: who gets in, and when.</summary>
public sealed class FirewallTrafficTests : IDisposable
{
    private const int Service = 2222;
    private const int OtherService = 2223;
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    private readonly TestNetwork _network = TestNetwork.Create();

    public void Dispose() => _network.Dispose();

    [RootTheory("nft", "iptables", "ipset")]
    [InlineData("guard", false, false)]
    [InlineData("guard", true, false)]
    [InlineData("guard", false, true)]
    [InlineData("guard", true, true)]
    [InlineData("insert", false, false)]
    [InlineData("insert", true, false)]
    [InlineData("insert", true, true)]
    [InlineData("iptables", false, false)]
    [InlineData("iptables", true, false)]
    [InlineData("iptables", true, true)]
    [InlineData("ipset", false, false)]
    [InlineData("ipset", true, false)]
    [InlineData("ipset", false, true)]
    [InlineData("ipset", true, true)]
    public void A_port_is_open_for_one_host_for_the_time_of_its_grant(string kind, bool ipv6, bool withDestination)
    {
        using TcpService service = TcpService.Start(_network.Server, Service);
        using TcpService other = TcpService.Start(_network.Server, OtherService);
        using FirewallBench bench = Start(kind);
        IPAddress server = ipv6 ? _network.ServerAddress6 : _network.ServerAddress;
        IPAddress client = ipv6 ? _network.ClientAddress6 : _network.ClientAddress;
        Assert.Equal(ProbeResult.NoAnswer, ConnectProbe.Try(_network.Client, server, Service));

        var grant = new FirewallGrant(Grants.Host(client), withDestination ? server : null, [PortRange.Of(PortSpec.Tcp(Service))], TimeSpan.FromSeconds(4));
        Assert.Equal([GrantOutcome.Added], bench.Grant(grant));
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(_network.Client, server, Service));
        Assert.Equal(ProbeResult.NoAnswer, ConnectProbe.Try(_network.OtherClient, server, Service));
        Assert.Equal(ProbeResult.NoAnswer, ConnectProbe.Try(_network.Client, server, OtherService));

        bench.RunUntilAllExpired();
        Assert.Equal(
            ProbeResult.NoAnswer, ConnectProbe.WaitFor(ProbeResult.NoAnswer, _network.Client, server, Service, TimeSpan.FromSeconds(10)));
        Assert.Equal(0, other.Accepted);
    }

    [RootTheory("nft", "iptables", "ipset")]
    [InlineData("guard", false, false)]
    [InlineData("guard", true, true)]
    [InlineData("insert", false, true)]
    [InlineData("insert", true, false)]
    [InlineData("iptables", false, false)]
    [InlineData("iptables", true, true)]
    [InlineData("ipset", false, false)]
    [InlineData("ipset", true, true)]
    public void A_network_has_a_range_of_ports_for_the_time_of_its_grant(string kind, bool ipv6, bool withDestination)
    {
        using TcpService service = TcpService.Start(_network.Server, Service);
        using TcpService other = TcpService.Start(_network.Server, OtherService);
        using FirewallBench bench = Start(kind);
        IPAddress server = ipv6 ? _network.ServerAddress6 : _network.ServerAddress;
        IPAddress client = ipv6 ? _network.ClientAddress6 : _network.ClientAddress;
        IPAddress otherClient = ipv6 ? _network.OtherClientAddress6 : _network.OtherClientAddress;
        IPAddress? destination = withDestination ? server : null;
        int length = ipv6 ? 127 : 31;
        IPNetwork clients = new(client, length);
        Assert.True(clients.Contains(otherClient));

        // The network beside it, one port of the range, and one of the other clients do not get in the way of each other.
        bench.Grant(new FirewallGrant(new IPNetwork(Before(server), length), destination, [Range(Service, OtherService)], TimeSpan.FromSeconds(60)));
        Assert.Equal(ProbeResult.NoAnswer, ConnectProbe.Try(_network.Client, server, Service));
        bench.Grant(new FirewallGrant(Grants.Host(otherClient), destination, [Range(Service, OtherService)], TimeSpan.FromSeconds(60)));
        bench.Grant(new FirewallGrant(clients, destination, [Range(OtherService, OtherService)], TimeSpan.FromSeconds(60)));
        Assert.Equal(ProbeResult.NoAnswer, ConnectProbe.Try(_network.Client, server, Service));
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(_network.Client, server, OtherService));
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(_network.OtherClient, server, Service));

        FirewallGrant grant = new(clients, destination, [Range(Service, OtherService)], TimeSpan.FromSeconds(4));
        Assert.Equal([GrantOutcome.Added], bench.Grant(grant));
        Assert.Equal([GrantOutcome.Extended], bench.Grant(grant));
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(_network.Client, server, Service));
        Deadline.WaitUntil(
            () =>
            {
                bench.Expire();
                return ConnectProbe.Try(_network.Client, server, Service) == ProbeResult.NoAnswer;
            },
            Wait,
            "the range to be shut");
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(_network.Client, server, OtherService));
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(_network.OtherClient, server, Service));
        Assert.True(bench.TearDown());
    }

    [RootFact("nft")]
    public void Guard_leaves_other_ports_and_the_machine_itself_alone()
    {
        using TcpService service = TcpService.Start(_network.Server, Service);
        using TcpService unguarded = TcpService.Start(_network.Server, 8080);
        using FirewallBench bench = Start("guard");
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(_network.Client, _network.ServerAddress, 8080));
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(_network.Client, _network.ServerAddress6, 8080));
        Assert.Equal(ProbeResult.Refused, ConnectProbe.Try(_network.Client, _network.ServerAddress, 8081));
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(_network.Server, IPAddress.Loopback, Service));
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(_network.Server, _network.ServerAddress, Service));
        using TcpService outside = TcpService.Start(_network.Client, Service);
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(_network.Server, _network.ClientAddress, Service));
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(_network.Server, _network.ClientAddress6, Service));
    }

    [RootFact("nft")]
    public void Guard_does_not_open_what_the_administrator_shuts()
    {
        using TcpService service = TcpService.Start(_network.Server, Service);
        _network.Server.RunChecked(
            "nft", "table inet filter { chain input { type filter hook input priority 0; policy drop; meta l4proto ipv6-icmp accept\n }\n }\n");
        using FirewallBench bench = Start("guard");
        bench.Grant(new FirewallGrant(Grants.Host(_network.ClientAddress), null, [PortRange.Of(PortSpec.Tcp(Service))], TimeSpan.FromSeconds(60)));
        Assert.Equal(ProbeResult.NoAnswer, ConnectProbe.Try(_network.Client, _network.ServerAddress, Service));
    }

    [RootTheory("nft", "iptables")]
    [InlineData("guard")]
    [InlineData("insert")]
    [InlineData("iptables")]
    public void A_connection_made_in_time_lives_on_after_the_grant(string kind)
    {
        using TcpService service = TcpService.Start(_network.Server, Service);
        using FirewallBench bench = Start(kind);
        using EchoConnection connection = Granted(bench);
        bench.RunUntilAllExpired();
        Deadline.WaitUntil(
            () => ConnectProbe.Try(_network.Client, _network.ServerAddress, Service) == ProbeResult.NoAnswer, Wait, "the port to be shut");
        connection.AssertAlive();
    }

    [RootTheory("nft")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_connection_older_than_the_guard_lives_on_and_shields_no_other(bool ipv6)
    {
        using TcpService service = TcpService.Start(_network.Server, Service);
        IPAddress server = ipv6 ? _network.ServerAddress6 : _network.ServerAddress;
        using var connection = new EchoConnection(_network, Service + 100, ipv6);
        using FirewallBench bench = Start("guard");
        connection.AssertAlive();
        Assert.Equal(ProbeResult.NoAnswer, ConnectProbe.Try(_network.Client, server, Service));

        connection.Reset();
        using Socket again = _network.Client.Inside(connection.FromTheSamePort);
        Assert.False(again.Poll(TimeSpan.FromMilliseconds(300), SelectMode.SelectWrite));
    }

    [RootTheory("nft")]
    [InlineData(true)]
    [InlineData(false)]
    public void A_connection_that_the_server_ended_opens_no_other(bool isOlderThanGuard)
    {
        FirewallBench? bench = isOlderThanGuard ? null : Start("guard");
        using EchoConnection connection = isOlderThanGuard ? new EchoConnection(_network, Service + 100) : Granted(bench!);
        bench ??= Start("guard");
        using (bench)
        {
            connection.AssertAlive();
            bench.RunUntilAllExpired();
            Deadline.WaitUntil(
                () => ConnectProbe.Try(_network.Client, _network.ServerAddress, Service + 100) == ProbeResult.NoAnswer, Wait, "the port to be shut");

            connection.ResetByServer();
            using TcpService again = TcpService.Start(_network.Server, Service + 100);
            using Socket socket = _network.Client.Inside(connection.FromTheSamePort);
            Assert.False(socket.Poll(TimeSpan.FromMilliseconds(300), SelectMode.SelectWrite));
        }
    }

    [RootFact("nft")]
    public void Guard_is_replaced_without_a_moment_of_openness()
    {
        using TcpService service = TcpService.Start(_network.Server, Service);
        using FirewallBench bench = Start("guard");
        using var stop = new CancellationTokenSource();
        int open = 0;
        int tries = 0;
        var attacker = new Thread(() => _network.Client.Inside(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                open += ConnectProbe.Try(_network.ServerAddress, Service, TimeSpan.FromMilliseconds(1)) == ProbeResult.NoAnswer ? 0 : 1;
                tries++;
            }
        }));
        attacker.Start();
        for (int i = 0; i < 300; i++)
        {
            bench.Prepare();
        }

        Deadline.WaitUntil(() => Volatile.Read(ref tries) > 100, Wait, "enough attempts");
        stop.Cancel();
        attacker.Join();
        Assert.Equal(0, open);
        Assert.Equal(0, service.Accepted);
    }

    [RootTheory("nft", "iptables")]
    [InlineData("guard", false)]
    [InlineData("guard", true)]
    [InlineData("insert", false)]
    [InlineData("iptables", false)]
    public void Fragments_of_a_datagram_go_the_way_of_the_whole(string kind, bool ipv6)
    {
        using FirewallBench bench = Start(kind);
        IPAddress server = ipv6 ? _network.ServerAddress6 : _network.ServerAddress;
        IPAddress client = ipv6 ? _network.ClientAddress6 : _network.ClientAddress;
        using var receiver = new DatagramPair(_network, server, 5353);
        Assert.False(receiver.Passes(4000));
        bench.Grant(new FirewallGrant(Grants.Host(client), null, [PortRange.Of(PortSpec.Udp(5353))], TimeSpan.FromSeconds(60)));
        Assert.True(receiver.Passes(4000));
        Assert.True(receiver.Passes(40));
    }

    private EchoConnection Granted(FirewallBench bench)
    {
        bench.Grant(new FirewallGrant(Grants.Host(_network.ClientAddress), null, [PortRange.Of(PortSpec.Tcp(Service + 100))], TimeSpan.FromSeconds(1)));
        return new EchoConnection(_network, Service + 100);
    }

    private static PortRange Range(int first, int last) => new(TransportProtocol.Tcp, first, last);

    /// <summary>The address before one, with which it is a network of two.</summary>
    private static IPAddress Before(IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        bytes[^1]--;
        return new IPAddress(bytes);
    }

    /// <summary>For "insert" and "iptables" the administrator's policy is to drop.</summary>
    private FirewallBench Start(string kind)
    {
        NetworkNamespace server = _network.Server;
        FirewallBench bench;
        switch (kind)
        {
            case "guard":
                PortRange[] ports = [Range(Service, OtherService), Range(Service + 100, Service + 100), PortRange.Of(PortSpec.Udp(5353))];
                bench = new FirewallBench(log => new NftablesFirewall(new NftablesSettings { GuardPorts = ports }, log), server);
                break;
            case "insert":
                server.RunChecked(
                    "nft",
                    """
                    table inet filter {
                        chain input {
                            type filter hook input priority 0; policy drop;
                            ct state established,related accept
                            meta l4proto ipv6-icmp accept
                        }
                    }
                    """ + "\n");
                Assert.True(NftHook.TryParseList("inet filter input", out IReadOnlyList<NftHook> hooks, out _));
                bench = new FirewallBench(log => new NftablesFirewall(new NftablesSettings { InsertAt = hooks }, log), server);
                break;
            default:
                foreach (string program in new[] { "iptables", "ip6tables" })
                {
                    server.RunChecked(program, "-P", "INPUT", "DROP");
                    server.RunChecked(program, "-A", "INPUT", "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT");
                }

                server.RunChecked("ip6tables", "-A", "INPUT", "-p", "ipv6-icmp", "-j", "ACCEPT");
                IptablesSettings iptables = new() { Programs = IptablesPrograms.Find(Requirement.FindProgram("iptables")!) };
                bench = new FirewallBench(
                    log => kind == "ipset"
                        ? new IpsetFirewall(new IpsetSettings { Executable = Requirement.FindProgram("ipset")!, Iptables = iptables }, log)
                        : new IptablesFirewall(iptables, log),
                    server);
                break;
        }

        bench.Prepare();
        return bench;
    }
}
