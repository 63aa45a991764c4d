using System.Net;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>Ports that Docker publishes, behind the rules that it makes: for whoever knocks, and nobody else.</summary>
public sealed class DockerTests
{
    /// <summary>Of a container, and not published.</summary>
    private const int Hidden = 2200;

    private const string Granted = "Added .*, expires at [0-9]+$";

    [RootTheory("nft", "iptables-restore", "ip6tables-restore")]
    [InlineData(GatewayFirewall.DockerGuard)]
    [InlineData(GatewayFirewall.DockerInsert)]
    [InlineData(GatewayFirewall.DockerIptables)]
    public void A_published_port_is_open_for_whom_it_is_granted_for_its_time(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall);
        AssertOpenForAll(firewall == GatewayFirewall.DockerGuard);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 3\n");
        List<long> ends = [];
        foreach (bool ipv6 in new[] { false, true })
        {
            Assert.True(GatewayNetwork.IsShut(site.Client, site.Network.GatewayAddress(ipv6), DockerRules.Published));
            ends.Add(SpaDaemon.ExpiryIn(daemon.LogAfter(Granted, () => Knock(ipv6))));
            Assert.Equal(site.Network.ClientAddress(ipv6), SourceSeen(site.Client, ipv6));
            Assert.True(GatewayNetwork.IsShut(site.OtherClient, site.Network.GatewayAddress(ipv6), DockerRules.Published));
        }

        ends.ForEach(end => daemon.WaitForLog($"Removed rule .*expire time of {end}"));
        foreach (bool ipv6 in new[] { false, true })
        {
            GatewaySite.AssertShuts(site.Client, site.Network.GatewayAddress(ipv6), DockerRules.Published);
        }

        site.AssertStopsClean(daemon);
        AssertOpenForAll(firewall == GatewayFirewall.DockerGuard);

        // With iptables a plain grant is for ports of the gateway itself.
        void Knock(bool ipv6) => site.Knock(
            $"tcp/{DockerRules.Published}",
            ipv6,
            firewall == GatewayFirewall.DockerIptables ? ["-N", $"{new IPEndPoint(GatewayNetwork.InnerAddress(ipv6), DockerRules.Service)}"] : []);

        IPAddress? SourceSeen(NetworkNamespace from, bool ipv6) => GatewayNetwork.SourceSeen(
            from, site.Network.GatewayAddress(ipv6), DockerRules.Published, site.Network.Inner, DockerRules.Service);

        void AssertOpenForAll(bool isOpen)
        {
            foreach (bool ipv6 in new[] { false, true })
            {
                Assert.Equal(!isOpen, GatewayNetwork.IsShut(site.OtherClient, site.Network.GatewayAddress(ipv6), DockerRules.Published));
                Assert.True(!isOpen || SourceSeen(site.OtherClient, ipv6) is not null);
            }
        }
    }

    /// <summary>The port that is asked for leads to another container for everybody else. A guard cannot open what Docker drops.</summary>
    [RootTheory("nft", "iptables-restore", "ip6tables-restore")]
    [InlineData(GatewayFirewall.DockerGuard, false)]
    [InlineData(GatewayFirewall.DockerInsert, true)]
    [InlineData(GatewayFirewall.DockerIptables, true)]
    public void A_grant_leads_to_a_port_of_a_container_that_is_not_published(GatewayFirewall firewall, bool isOpened)
    {
        using GatewaySite site = new(firewall);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n");
        IPAddress gateway = site.Network.GatewayAddress(false);
        daemon.LogAfter(
            "Added DNAT rule to ",
            () => site.Knock($"tcp/{DockerRules.OfOtherContainer}", false, "-N", $"{GatewayNetwork.InnerAddress(false)}:{Hidden}"));
        if (isOpened)
        {
            Assert.Equal(
                site.Network.ClientAddress(false),
                GatewayNetwork.SourceSeen(site.Client, gateway, DockerRules.OfOtherContainer, site.Network.Inner, Hidden));
        }
        else
        {
            Assert.True(GatewayNetwork.IsShut(site.Client, gateway, DockerRules.OfOtherContainer));
        }

        site.AssertStopsClean(daemon);
    }
}
