using System.Net;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>Users inside get out only after they have knocked, with an address of the gateway (FORWARD_ALL).</summary>
public sealed class WayOutTests
{
    private const string Forwards = "ENABLE_IPT_FORWARDING Y\nENABLE_IPT_SNAT Y\n";

    [RootTheory("nft", "iptables-nft", "ip6tables-nft", "iptables-legacy")]
    [InlineData(GatewayFirewall.NftablesGuard)]
    [InlineData(GatewayFirewall.NftablesInsert)]
    [InlineData(GatewayFirewall.Iptables)]
    [InlineData(GatewayFirewall.IptablesLegacy)]
    public void A_user_inside_goes_out_for_a_while_with_the_address_of_the_gateway(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall);
        AssertGoesOut(site, firewall, _ => "FORCE_MASQUERADE Y\n", Forwards, site.Network.GatewayAddress(false), site.Network.GatewayAddress(true));
    }

    [RootTheory("nft", "iptables-nft", "ip6tables-nft", "iptables-legacy")]
    [InlineData(GatewayFirewall.NftablesInsert)]
    [InlineData(GatewayFirewall.Iptables)]
    [InlineData(GatewayFirewall.IptablesLegacy)]
    public void A_user_inside_goes_out_with_the_address_that_fwknopd_conf_gives(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall);
        (IPAddress four, IPAddress six) = site.AddGatewayAddresses(inside: false);
        AssertGoesOut(site, firewall, _ => "FORCE_MASQUERADE Y\n", $"{Forwards}SNAT_TRANSLATE_IP {four}, {six}\n", four, six);
    }

    [RootTheory("nft", "iptables-nft", "ip6tables-nft", "iptables-legacy")]
    [InlineData(GatewayFirewall.NftablesInsert)]
    [InlineData(GatewayFirewall.Iptables)]
    [InlineData(GatewayFirewall.IptablesLegacy)]
    public void A_user_inside_goes_out_with_the_address_that_the_stanza_gives(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall);
        (IPAddress four, IPAddress six) = site.AddGatewayAddresses(inside: false);
        AssertGoesOut(
            site,
            firewall,
            ipv6 => $"FORCE_SNAT {(ipv6 ? six : four)}\n",
            $"{Forwards}SNAT_TRANSLATE_IP {site.Network.GatewayAddress(false)}, {site.Network.GatewayAddress(true)}\n",
            four,
            six);
    }

    private static void AssertGoesOut(
        GatewaySite site, GatewayFirewall firewall, Func<bool, string> stanza, string configuration, IPAddress source, IPAddress source6)
    {
        using SpaDaemon daemon = site.StartDaemon(
            site.Setup(ipv6 => $"{GatewaySite.Short}FORWARD_ALL Y\n{stanza(ipv6)}", configuration) with { Device = GatewayNetwork.InsideInterface });
        site.AssertOpenForAWhile(daemon, [.. GatewaySite.Families.Select(Opener)], AssertOtherGoesOutAsItself);
        AssertOtherGoesOutAsItself();
        site.AssertStopsClean(daemon);

        WayOpener Opener(bool ipv6) => new(
            GatewaySite.LedAsAnother,
            () => site.KnockFromInside("tcp/1", ipv6),
            Out(ipv6, GatewaySite.Faraway),
            Out(ipv6, GatewaySite.Faraway + 1));

        Way Out(bool ipv6, int port) =>
            new(new Attempt(site.Network.Inner, site.Network.ClientAddress(ipv6), port), site.Client, port, ipv6 ? source6 : source)
            {
                // A guard leaves alone what is passed on.
                IsOtherwise = firewall != GatewayFirewall.NftablesGuard
                    ? null : () => GoesOutAsItself(site.Network.Inner, ipv6, GatewayNetwork.InnerAddress(ipv6)),
            };

        void AssertOtherGoesOutAsItself() => Assert.All(GatewaySite.Families, ipv6 => Assert.True(
            firewall != GatewayFirewall.NftablesGuard || GoesOutAsItself(site.Network.OtherInner, ipv6, GatewayNetwork.OtherInnerAddress(ipv6))));

        bool GoesOutAsItself(NetworkNamespace from, bool ipv6, IPAddress address) => address.Equals(
            GatewayNetwork.SourceSeen(from, site.Network.ClientAddress(ipv6), GatewaySite.Faraway, site.Client, GatewaySite.Faraway));
    }
}
