using System.Net;
using System.Net.Sockets;
using Fwknop.Configuration;
using Fwknop.Daemon.Enforcement;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>What a guard leaves alone, and what becomes of connections that are there before and after a grant.</summary>
public sealed class ConnectionTrafficTests : TrafficTests
{
    [RootFact("nft")]
    public void Guard_leaves_other_ports_and_the_machine_itself_alone()
    {
        using TcpService service = TcpService.Start(Network.Server, Service);
        using TcpService unguarded = TcpService.Start(Network.Server, 8080);
        using FirewallBench bench = Start("guard");
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(Network.Client, Network.ServerAddress, 8080));
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(Network.Client, Network.ServerAddress6, 8080));
        Assert.Equal(ProbeResult.Refused, ConnectProbe.Try(Network.Client, Network.ServerAddress, 8081));
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(Network.Server, IPAddress.Loopback, Service));
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(Network.Server, Network.ServerAddress, Service));
        using TcpService outside = TcpService.Start(Network.Client, Service);
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(Network.Server, Network.ClientAddress, Service));
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(Network.Server, Network.ClientAddress6, Service));
    }

    [RootFact("nft")]
    public void Guard_does_not_open_what_the_administrator_shuts()
    {
        using TcpService service = TcpService.Start(Network.Server, Service);
        Network.Server.RunChecked(
            "nft", "table inet filter { chain input { type filter hook input priority 0; policy drop; meta l4proto ipv6-icmp accept\n }\n }\n");
        using FirewallBench bench = Start("guard");
        bench.Grant(new FirewallGrant(Grants.Host(Network.ClientAddress), null, [PortRange.Of(PortSpec.Tcp(Service))], TimeSpan.FromSeconds(60)));
        Assert.Equal(ProbeResult.NoAnswer, ConnectProbe.Try(Network.Client, Network.ServerAddress, Service));
    }

    [RootTheory("nft", "iptables")]
    [InlineData("guard")]
    [InlineData("insert")]
    [InlineData("iptables")]
    public void A_connection_made_in_time_lives_on_after_the_grant(string kind)
    {
        using TcpService service = TcpService.Start(Network.Server, Service);
        using FirewallBench bench = Start(kind);
        using EchoConnection connection = Granted(bench);
        bench.RunUntilAllExpired();
        Deadline.WaitUntil(
            () => ConnectProbe.Try(Network.Client, Network.ServerAddress, Service) == ProbeResult.NoAnswer, Wait, "the port to be shut");
        connection.AssertAlive();
    }

    [RootTheory("nft")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_connection_older_than_the_guard_lives_on_and_shields_no_other(bool ipv6)
    {
        using TcpService service = TcpService.Start(Network.Server, Service);
        IPAddress server = ipv6 ? Network.ServerAddress6 : Network.ServerAddress;
        using var connection = new EchoConnection(Network, Service + 100, ipv6);
        using FirewallBench bench = Start("guard");
        connection.AssertAlive();
        Assert.Equal(ProbeResult.NoAnswer, ConnectProbe.Try(Network.Client, server, Service));

        connection.Reset();
        using Socket again = Network.Client.Inside(connection.FromTheSamePort);
        Assert.False(again.Poll(TimeSpan.FromMilliseconds(300), SelectMode.SelectWrite));
    }

    [RootTheory("nft")]
    [InlineData(true)]
    [InlineData(false)]
    public void A_connection_that_the_server_ended_opens_no_other(bool isOlderThanGuard)
    {
        FirewallBench? bench = isOlderThanGuard ? null : Start("guard");
        using EchoConnection connection = isOlderThanGuard ? new EchoConnection(Network, Service + 100) : Granted(bench!);
        bench ??= Start("guard");
        using (bench)
        {
            connection.AssertAlive();
            bench.RunUntilAllExpired();
            Deadline.WaitUntil(
                () => ConnectProbe.Try(Network.Client, Network.ServerAddress, Service + 100) == ProbeResult.NoAnswer, Wait, "the port to be shut");

            connection.ResetByServer();
            using TcpService again = TcpService.Start(Network.Server, Service + 100);
            using Socket socket = Network.Client.Inside(connection.FromTheSamePort);
            Assert.False(socket.Poll(TimeSpan.FromMilliseconds(300), SelectMode.SelectWrite));
        }
    }

    [RootFact("nft")]
    public void Guard_is_replaced_without_a_moment_of_openness()
    {
        using TcpService service = TcpService.Start(Network.Server, Service);
        using FirewallBench bench = Start("guard");
        using var stop = new CancellationTokenSource();
        int open = 0;
        int tries = 0;
        var attacker = new Thread(() => Network.Client.Inside(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                open += ConnectProbe.Try(Network.ServerAddress, Service, TimeSpan.FromMilliseconds(1)) == ProbeResult.NoAnswer ? 0 : 1;
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
        IPAddress server = ipv6 ? Network.ServerAddress6 : Network.ServerAddress;
        IPAddress client = ipv6 ? Network.ClientAddress6 : Network.ClientAddress;
        using var receiver = new DatagramPair(Network, server, 5353);
        Assert.False(receiver.Passes(4000));
        bench.Grant(new FirewallGrant(Grants.Host(client), null, [PortRange.Of(PortSpec.Udp(5353))], TimeSpan.FromSeconds(60)));
        Assert.True(receiver.Passes(4000));
        Assert.True(receiver.Passes(40));
    }

    private EchoConnection Granted(FirewallBench bench)
    {
        bench.Grant(new FirewallGrant(Grants.Host(Network.ClientAddress), null, [PortRange.Of(PortSpec.Tcp(Service + 100))], TimeSpan.FromSeconds(1)));
        return new EchoConnection(Network, Service + 100);
    }
}
