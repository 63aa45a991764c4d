using System.Net;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>What access.conf and fwknopd.conf say about forwarding reaches the rules.</summary>
public sealed class GatewayVariableTests
{
    private const int SecondOuter = 8023;

    [RootTheory("nft", "iptables-nft", "ip6tables-nft")]
    [InlineData(GatewayFirewall.NftablesInsert)]
    [InlineData(GatewayFirewall.Iptables)]
    public void Ports_of_one_request_lead_to_the_hosts_that_the_stanza_gives_them_and_come_from_the_address_that_it_gives(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall);
        (IPAddress four, IPAddress six) = site.AddGatewayAddresses(inside: true);
        using SpaDaemon daemon = site.StartDaemon(site.Setup(
            ipv6 => $"""
                FW_ACCESS_TIMEOUT 3
                FORCE_NAT {GatewayNetwork.InnerAddress(ipv6)} {GatewaySite.Service} tcp/{GatewaySite.Outer}
                FORCE_NAT {GatewayNetwork.OtherInnerAddress(ipv6)} {GatewaySite.Service} tcp/{SecondOuter}
                FORCE_SNAT {(ipv6 ? six : four)}

                """,
            "ENABLE_IPT_FORWARDING Y\nENABLE_IPT_SNAT Y\n"));

        // The packet has its own idea of where to, which does not count.
        site.AssertOpenForAWhile(daemon, [.. GatewaySite.Families.Select(ipv6 => new WayOpener(
            $"Added SNAT rule to .* tcp/{SecondOuter}, expires at [0-9]+$",
            () => site.Knock($"tcp/{GatewaySite.Outer},tcp/{SecondOuter}", ipv6, "-N", GatewaySite.Target(GatewayNetwork.OtherInnerAddress(ipv6))),
            site.WayOfClient(ipv6, GatewaySite.Outer, site.Network.Inner) with { Source = ipv6 ? six : four },
            site.WayOfClient(ipv6, SecondOuter, site.Network.OtherInner) with { Source = ipv6 ? six : four }))]);

        daemon.LogAfter(
            "Invalid NAT port in SPA message$", () => site.Knock("tcp/8024", false, "-N", GatewaySite.Target(GatewayNetwork.InnerAddress(false))));
        site.AssertStopsClean(daemon);
    }

    [RootTheory("nft", "iptables-nft", "ip6tables-nft")]
    [InlineData(GatewayFirewall.NftablesInsert)]
    [InlineData(GatewayFirewall.Iptables)]
    public void A_client_with_a_route_gets_through_to_the_inner_address_and_comes_from_that_of_the_configuration(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall);
        (IPAddress four, IPAddress six) = site.AddGatewayAddresses(inside: true);
        using SpaDaemon daemon = site.StartDaemon(
            $"{GatewaySite.Short}DISABLE_DNAT Y\n", $"ENABLE_IPT_FORWARDING Y\nENABLE_IPT_SNAT Y\nSNAT_TRANSLATE_IP {four}, {six}\n");
        site.AssertOpenForAWhile(
            daemon,
            [.. GatewaySite.Families.Select(ipv6 => new WayOpener(
                GatewaySite.LedAsAnother,
                () => site.Knock($"tcp/{GatewaySite.Outer}", ipv6, "-N", GatewaySite.Target(GatewayNetwork.InnerAddress(ipv6))),
                new Way(
                    new Attempt(site.Client, GatewayNetwork.InnerAddress(ipv6), GatewaySite.Service),
                    site.Network.Inner,
                    GatewaySite.Service,
                    ipv6 ? six : four)))],
            () => GatewaySite.AssertShut([.. GatewaySite.Families.Select(ipv6 => site.FromClient(ipv6, GatewaySite.Outer))]));
        site.AssertStopsClean(daemon);
    }

    [RootTheory("nft", "iptables-nft", "ip6tables-nft")]
    [InlineData(GatewayFirewall.NftablesInsert)]
    [InlineData(GatewayFirewall.Iptables)]
    public void Only_the_address_that_the_packet_was_sent_to_opens(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall);
        (IPAddress four, IPAddress six) = site.AddGatewayAddresses(inside: false);
        using SpaDaemon daemon = site.StartDaemon(GatewaySite.Short, "ENABLE_IPT_FORWARDING Y\nENABLE_DESTINATION_RULE Y\n");
        site.AssertOpenForAWhile(
            daemon,
            [.. GatewaySite.Families.SelectMany(ipv6 => Openers(ipv6, ipv6 ? six : four))],
            () => GatewaySite.AssertShut([.. GatewaySite.Families.SelectMany(ipv6 =>
                (Attempt[])[site.FromClient(ipv6, GatewaySite.Outer), site.FromClient(ipv6, GatewaySite.Service)])]));
        site.AssertStopsClean(daemon);

        WayOpener[] Openers(bool ipv6, IPAddress address) =>
        [
            new WayOpener(
                GatewaySite.Led,
                () => site.Knock($"tcp/{GatewaySite.Outer}", ipv6, "-D", $"{address}", "-N", GatewaySite.Target(GatewayNetwork.InnerAddress(ipv6))),
                site.WayOfClient(ipv6, GatewaySite.Outer, site.Network.Inner) with { Attempt = new Attempt(site.Client, address, GatewaySite.Outer) }),
            new WayOpener(
                $"Added access rule to .* -> {address} tcp/{GatewaySite.Service}, expires at [0-9]+$",
                () => site.Knock($"tcp/{GatewaySite.Service}", ipv6, "-D", $"{address}"),
                site.WayOfClient(ipv6, GatewaySite.Service, site.Network.Gateway) with { Attempt = new Attempt(site.Client, address, GatewaySite.Service) }),
        ];
    }

    [RootTheory("iptables-nft", "ip6tables-nft", "iptables-legacy", "ip6tables-legacy")]
    [InlineData(GatewayFirewall.Iptables)]
    [InlineData(GatewayFirewall.IptablesLegacy)]
    public void Answers_that_are_shut_in_get_out_with_the_grant(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall, shutsAnswers: true);
        using SpaDaemon daemon = site.StartDaemon(GatewaySite.Short, "ENABLE_IPT_OUTPUT Y\n");
        site.AssertOpenForAWhile(daemon, [.. GatewaySite.Families.Select(ipv6 => new WayOpener(
            "Added OUTPUT rule to FWKNOP_OUTPUT .*, expires at [0-9]+$",
            () => site.Knock($"tcp/{GatewaySite.Service}", ipv6),
            site.WayOfClient(ipv6, GatewaySite.Service, site.Network.Gateway)))]);
        site.AssertStopsClean(daemon);
    }
}
