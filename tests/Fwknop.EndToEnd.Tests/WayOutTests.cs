using System.Net;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>Users inside get out only after they have knocked, with an address of the gateway (FORWARD_ALL).</summary>
public sealed class WayOutTests
{
    private const string Forwards = "ENABLE_IPT_FORWARDING Y\nENABLE_IPT_SNAT Y\n";

    [RootTheory("nft", "iptables-nft", "ip6tables-nft", "iptables-legacy")]
    [InlineData(GatewayFirewall.NftablesInsert)]
    [InlineData(GatewayFirewall.Iptables)]
    [InlineData(GatewayFirewall.IptablesLegacy)]
    public void A_user_inside_goes_out_for_a_while_with_the_address_of_the_gateway(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall);
        AssertGoesOut(site, _ => "FORCE_MASQUERADE Y\n", Forwards, site.Network.GatewayAddress(false), site.Network.GatewayAddress(true));
    }

    [RootTheory("nft", "iptables-nft", "ip6tables-nft", "iptables-legacy")]
    [InlineData(GatewayFirewall.NftablesInsert)]
    [InlineData(GatewayFirewall.Iptables)]
    [InlineData(GatewayFirewall.IptablesLegacy)]
    public void A_user_inside_goes_out_with_the_address_that_fwknopd_conf_gives(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall);
        (IPAddress four, IPAddress six) = site.AddGatewayAddresses(inside: false);
        AssertGoesOut(site, _ => "FORCE_MASQUERADE Y\n", $"{Forwards}SNAT_TRANSLATE_IP {four}, {six}\n", four, six);
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
            ipv6 => $"FORCE_SNAT {(ipv6 ? six : four)}\n",
            $"{Forwards}SNAT_TRANSLATE_IP {site.Network.GatewayAddress(false)}, {site.Network.GatewayAddress(true)}\n",
            four,
            six);
    }

    /// <summary>What is passed on a guard leaves alone.</summary>
    [RootFact("nft")]
    public void With_a_guard_everybody_goes_out_and_a_grant_only_changes_the_source_address()
    {
        using GatewaySite site = new(GatewayFirewall.NftablesGuard);
        using SpaDaemon daemon = StartDaemon(site, _ => "FORCE_MASQUERADE Y\n", Forwards);
        Assert.All(GatewaySite.Families, AssertAllGoOutAsThemselves);
        List<string> granted = [];
        foreach (bool ipv6 in GatewaySite.Families)
        {
            granted.Add(daemon.LogAfter(GatewaySite.LedAsAnother, () => site.KnockFromInside("tcp/1", ipv6)));
            Assert.Equal(site.Network.GatewayAddress(ipv6), SourceOf(site.Network.Inner, ipv6));
            Assert.Equal(GatewayNetwork.OtherInnerAddress(ipv6), SourceOf(site.Network.OtherInner, ipv6));
        }

        Assert.All(granted, line => daemon.WaitForLog($"Removed rule .*expire time of {SpaDaemon.ExpiryIn(line)}"));
        Assert.All(GatewaySite.Families, ipv6 => Deadline.WaitUntil(
            () => GatewayNetwork.InnerAddress(ipv6).Equals(SourceOf(site.Network.Inner, ipv6)), TimeSpan.FromSeconds(10), "the end of the grant"));
        Assert.All(GatewaySite.Families, AssertAllGoOutAsThemselves);
        site.AssertOthersAreShut();
        site.AssertStopsClean(daemon);

        void AssertAllGoOutAsThemselves(bool ipv6)
        {
            Assert.Equal(GatewayNetwork.InnerAddress(ipv6), SourceOf(site.Network.Inner, ipv6));
            Assert.Equal(GatewayNetwork.OtherInnerAddress(ipv6), SourceOf(site.Network.OtherInner, ipv6));
        }

        IPAddress? SourceOf(NetworkNamespace from, bool ipv6) => GatewayNetwork.SourceSeen(
            from, site.Network.ClientAddress(ipv6), GatewaySite.Faraway, site.Client, GatewaySite.Faraway);
    }

    private static SpaDaemon StartDaemon(GatewaySite site, Func<bool, string> stanza, string configuration) => site.StartDaemon(
        site.Setup(ipv6 => $"{GatewaySite.Short}FORWARD_ALL Y\n{stanza(ipv6)}", configuration) with { Device = GatewayNetwork.InsideInterface });

    private static void AssertGoesOut(GatewaySite site, Func<bool, string> stanza, string configuration, IPAddress source, IPAddress source6)
    {
        using SpaDaemon daemon = StartDaemon(site, stanza, configuration);
        site.AssertOpenForAWhile(daemon, [.. GatewaySite.Families.Select(Opener)]);
        site.AssertStopsClean(daemon);

        WayOpener Opener(bool ipv6) => new(
            GatewaySite.LedAsAnother,
            () => site.KnockFromInside("tcp/1", ipv6),
            Out(ipv6, GatewaySite.Faraway),
            Out(ipv6, GatewaySite.Faraway + 1));

        Way Out(bool ipv6, int port) =>
            new(new Attempt(site.Network.Inner, site.Network.ClientAddress(ipv6), port), site.Client, port, ipv6 ? source6 : source);
    }
}
