using System.Net;
using Fwknop.Configuration;
using Fwknop.Daemon.Enforcement;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>What a grant for one host opens.</summary>
public sealed class HostGrantTrafficTests : TrafficTests
{
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
        using TcpService service = TcpService.Start(Network.Server, Service);
        using TcpService other = TcpService.Start(Network.Server, OtherService);
        using FirewallBench bench = Start(kind);
        IPAddress server = ipv6 ? Network.ServerAddress6 : Network.ServerAddress;
        IPAddress client = ipv6 ? Network.ClientAddress6 : Network.ClientAddress;
        Assert.Equal(ProbeResult.NoAnswer, ConnectProbe.Try(Network.Client, server, Service));

        var grant = new FirewallGrant(Grants.Host(client), withDestination ? server : null, [PortRange.Of(PortSpec.Tcp(Service))], TimeSpan.FromSeconds(4));
        Assert.Equal([GrantOutcome.Added], bench.Grant(grant));
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(Network.Client, server, Service));
        Assert.Equal(ProbeResult.NoAnswer, ConnectProbe.Try(Network.OtherClient, server, Service));
        Assert.Equal(ProbeResult.NoAnswer, ConnectProbe.Try(Network.Client, server, OtherService));

        bench.RunUntilAllExpired();
        Assert.Equal(
            ProbeResult.NoAnswer, ConnectProbe.WaitFor(ProbeResult.NoAnswer, Network.Client, server, Service, TimeSpan.FromSeconds(10)));
        Assert.Equal(0, other.Accepted);
    }
}
