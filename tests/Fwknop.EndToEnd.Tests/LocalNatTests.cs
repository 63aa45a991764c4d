using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>A port of the gateway stands for another of it, for the one who knocked (<c>fwknop --nat-local</c>).</summary>
public sealed class LocalNatTests
{
    [RootTheory("nft", "iptables-nft", "ip6tables-nft", "iptables-legacy", "ipset")]
    [InlineData(GatewayFirewall.NftablesGuard)]
    [InlineData(GatewayFirewall.NftablesInsert)]
    [InlineData(GatewayFirewall.Iptables)]
    [InlineData(GatewayFirewall.IptablesLegacy)]
    [InlineData(GatewayFirewall.Ipset)]
    public void A_port_stands_for_another_of_the_gateway(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall);
        using SpaDaemon daemon = site.StartDaemon(GatewaySite.Short);
        site.AssertOpenForAWhile(
            daemon,
            [.. GatewaySite.Families.Select(ipv6 => new WayOpener(
                GatewaySite.Led,
                () => site.Knock($"tcp/{GatewaySite.Service}", ipv6, "--nat-local", "--nat-port", $"{GatewaySite.Outer}"),
                site.WayOfClient(ipv6, GatewaySite.Outer, site.Network.Gateway)))],
            site.IsNftables ? AssertPortItselfIsShut : null);
        AssertPortItselfIsShut();
        site.AssertStopsClean(daemon);

        // iptables lets the client in at the port itself, too.
        void AssertPortItselfIsShut() => GatewaySite.AssertShut([.. GatewaySite.Families.Select(ipv6 => site.FromClient(ipv6, GatewaySite.Service))]);
    }
}
