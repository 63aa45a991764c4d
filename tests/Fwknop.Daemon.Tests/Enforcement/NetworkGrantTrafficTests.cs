using System.Net;
using Fwknop.Daemon.Enforcement;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>What a grant for a network opens.</summary>
public sealed class NetworkGrantTrafficTests : TrafficTests
{
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
        using TcpService service = TcpService.Start(Network.Server, Service);
        using TcpService other = TcpService.Start(Network.Server, OtherService);
        using FirewallBench bench = Start(kind);
        IPAddress server = ipv6 ? Network.ServerAddress6 : Network.ServerAddress;
        IPAddress client = ipv6 ? Network.ClientAddress6 : Network.ClientAddress;
        IPAddress otherClient = ipv6 ? Network.OtherClientAddress6 : Network.OtherClientAddress;
        IPAddress? destination = withDestination ? server : null;
        int length = ipv6 ? 127 : 31;
        IPNetwork clients = new(client, length);
        Assert.True(clients.Contains(otherClient));

        // The network beside it, one port of the range, and one of the other clients do not get in the way of each other.
        bench.Grant(new FirewallGrant(new IPNetwork(Before(server), length), destination, [Range(Service, OtherService)], TimeSpan.FromSeconds(60)));
        Assert.Equal(ProbeResult.NoAnswer, ConnectProbe.Try(Network.Client, server, Service));
        bench.Grant(new FirewallGrant(Grants.Host(otherClient), destination, [Range(Service, OtherService)], TimeSpan.FromSeconds(60)));
        bench.Grant(new FirewallGrant(clients, destination, [Range(OtherService, OtherService)], TimeSpan.FromSeconds(60)));
        Assert.Equal(ProbeResult.NoAnswer, ConnectProbe.Try(Network.Client, server, Service));
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(Network.Client, server, OtherService));
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(Network.OtherClient, server, Service));

        FirewallGrant grant = new(clients, destination, [Range(Service, OtherService)], TimeSpan.FromSeconds(4));
        Assert.Equal([GrantOutcome.Added], bench.Grant(grant));
        Assert.Equal([GrantOutcome.Extended], bench.Grant(grant));
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(Network.Client, server, Service));
        Deadline.WaitUntil(
            () =>
            {
                bench.Expire();
                return ConnectProbe.Try(Network.Client, server, Service) == ProbeResult.NoAnswer;
            },
            Wait,
            "the range to be shut");
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(Network.Client, server, OtherService));
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(Network.OtherClient, server, Service));
        Assert.True(bench.TearDown());
    }

    /// <summary>The address before one, with which it is a network of two.</summary>
    private static IPAddress Before(IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        bytes[^1]--;
        return new IPAddress(bytes);
    }
}
