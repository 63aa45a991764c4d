using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>Behind a port that everybody sees there is another service for the one who knocked (FORCE_NAT).</summary>
public abstract class GhostServiceTests(GatewayFirewall firewall)
{
    [RootTheory("nft", "iptables-nft", "ip6tables-nft", "iptables-legacy")]
    [InlineData(true)]
    [InlineData(false)]
    public void A_ghost_service_is_behind_a_port_that_everybody_sees(bool isInside)
    {
        using GatewaySite site = new(firewall);
        using TcpService web = TcpService.Start(site.Network.Gateway, GatewaySite.Web);
        NetworkNamespace host = isInside ? site.Network.Inner : site.Network.Gateway;
        using SpaDaemon daemon = site.StartDaemon(site.Setup(
            ipv6 => $"{GatewaySite.Short}FORCE_NAT {(isInside ? GatewayNetwork.InnerAddress(ipv6) : site.Network.GatewayAddress(ipv6))} {GatewaySite.Service}\n",
            "ENABLE_IPT_FORWARDING Y\nENABLE_IPT_LOCAL_NAT Y\n"));

        site.AssertOpenForAWhile(
            daemon,
            [.. GatewaySite.Families.Select(ipv6 => new WayOpener(
                GatewaySite.Led,
                () => site.Knock($"tcp/{GatewaySite.Web}", ipv6),
                site.WayOfClient(ipv6, GatewaySite.Web, host) with { IsOtherwise = () => SeesWeb(site.Client, ipv6) }))],
            () =>
            {
                Assert.All(GatewaySite.Families, ipv6 => Assert.True(SeesWeb(site.OtherClient, ipv6)));
                if (site.IsNftables || isInside)
                {
                    // iptables lets the client in at the port itself, too.
                    AssertServiceIsShut(site);
                }
            });
        AssertServiceIsShut(site);
        Assert.All(GatewaySite.Families, ipv6 => Assert.True(SeesWeb(site.OtherClient, ipv6)));
        site.AssertStopsClean(daemon);

        bool SeesWeb(NetworkNamespace from, bool ipv6)
        {
            int before = web.Accepted;
            return ConnectProbe.Try(from, site.Network.GatewayAddress(ipv6), GatewaySite.Web) == ProbeResult.Open
                && SpinWait.SpinUntil(() => web.Accepted == before + 1, TimeSpan.FromSeconds(10));
        }
    }

    private static void AssertServiceIsShut(GatewaySite site) =>
        GatewaySite.AssertShut([.. GatewaySite.Families.Select(ipv6 => site.FromClient(ipv6, GatewaySite.Service))]);

    // Classes of tests run beside each other, the tests of one do not.
    public sealed class BehindTheGuard() : GhostServiceTests(GatewayFirewall.NftablesGuard);

    public sealed class InAChainOfTheAdministrator() : GhostServiceTests(GatewayFirewall.NftablesInsert);

    public sealed class BehindIptables() : GhostServiceTests(GatewayFirewall.Iptables);

    public sealed class BehindLegacyIptables() : GhostServiceTests(GatewayFirewall.IptablesLegacy);
}
