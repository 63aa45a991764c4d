using System.Net;
using System.Text.Json;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>A port of the gateway leads to a service on a host behind it, for the one who knocked (<c>fwknop -N</c>).</summary>
public sealed class InnerHostTests
{
    [RootTheory("nft", "iptables-nft", "ip6tables-nft", "iptables-legacy", "ipset")]
    [InlineData(GatewayFirewall.NftablesGuard)]
    [InlineData(GatewayFirewall.NftablesInsert)]
    [InlineData(GatewayFirewall.Iptables)]
    [InlineData(GatewayFirewall.IptablesLegacy)]
    [InlineData(GatewayFirewall.Ipset)]
    public void A_packet_opens_a_way_to_a_host_inside(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall);
        using SpaDaemon daemon = site.StartDaemon(GatewaySite.Short);
        site.AssertOpenForAWhile(
            daemon,
            [.. GatewaySite.Families.Select(ipv6 => Opener(site, ipv6, Programs.Client))],
            () => GatewaySite.AssertShut(site.FromClient(ipv6: false, GatewaySite.Service), site.FromClient(ipv6: true, GatewaySite.Service)));
        site.AssertStopsClean(daemon);
    }

    [InteropFact]
    public void The_reference_client_opens_a_way_to_a_host_inside()
    {
        using GatewaySite site = new(GatewayFirewall.Iptables);
        using SpaDaemon daemon = site.StartDaemon(GatewaySite.Short);
        site.AssertOpenForAWhile(daemon, [Opener(site, ipv6: false, Reference.ClientProgram)]);
        site.AssertStopsClean(daemon);
    }

    [RootTheory("nft", "iptables-nft", "ip6tables-nft")]
    [InlineData(GatewayFirewall.NftablesGuard)]
    [InlineData(GatewayFirewall.NftablesInsert)]
    [InlineData(GatewayFirewall.Iptables)]
    public void Nothing_is_forwarded_where_that_is_off(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall);
        using SpaDaemon daemon = site.StartDaemon(GatewaySite.Short, "ENABLE_IPT_FORWARDING N\n");
        string running = site.Rules();
        string[][] requests = [["-N", GatewaySite.Target(GatewayNetwork.InnerAddress(false))], ["--nat-local", "--nat-port", "22"]];
        foreach (string[] request in requests)
        {
            daemon.LogAfter("requested NAT access, but is not enabled/supported$", () => site.Knock($"tcp/{GatewaySite.Outer}", false, request));
        }

        Assert.Equal(running, site.Rules());
        GatewaySite.AssertShut(site.FromClient(ipv6: false, GatewaySite.Outer));
        site.AssertOthersAreShut();
        site.AssertStopsClean(daemon);
    }

    [RootTheory("nft", "iptables-nft", "ip6tables-nft")]
    [InlineData(GatewayFirewall.NftablesGuard)]
    [InlineData(GatewayFirewall.NftablesInsert)]
    [InlineData(GatewayFirewall.Iptables)]
    public void What_is_forwarded_is_listed_kept_and_revoked(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall);
        using SpaDaemon daemon = site.StartDaemon(GatewaySite.Minute);
        IPAddress client = site.Network.ClientAddress(false);
        string target = GatewaySite.Target(GatewayNetwork.InnerAddress(false));
        string granted = $"tcp/{GatewaySite.Outer} to {target}";
        WayOpener opener = Opener(site, ipv6: false, Programs.Client);
        daemon.LogAfter(opener.Line, opener.Knock);
        AssertIsListed();

        daemon.LogAfter("Starting fwknopd main event loop", () => daemon.Process.Send(Signal.Hangup));
        opener.Ways[0].AssertIsOpen();
        site.AssertOthersAreShut();
        AssertIsListed();

        ProcessRun revoked = site.Ask(daemon, "--revoke", $"{client},{GatewaySite.Outer}");
        Assert.Equal(0, revoked.ExitCode);
        Assert.StartsWith($"Revoked {granted} for {client}, user 'tester'\n", revoked.Output, StringComparison.Ordinal);
        daemon.WaitForLog($"Revoked tcp/{GatewaySite.Outer} for {client}, forwarded to {target} [(]stanza #1[)], user 'tester'");
        Assert.True(opener.Ways[0].IsShut);
        site.AssertOthersAreShut();
        site.AssertStopsClean(daemon);

        void AssertIsListed()
        {
            Assert.Matches($"(?m)^{client} +{granted} +#1 +tester ", site.Ask(daemon, "--list-grants").Output);
            using JsonDocument json = JsonDocument.Parse(site.Ask(daemon, "--list-grants", "--json").Output);
            JsonElement grant = Assert.Single(json.RootElement.GetProperty("grants").EnumerateArray().ToArray());
            Assert.Equal((target, $"tcp/{GatewaySite.Outer}"), (grant.GetProperty("forward").GetString(), grant.GetProperty("port").GetString()));
        }
    }

    private static WayOpener Opener(GatewaySite site, bool ipv6, string client) => new(
        GatewaySite.Led,
        () => site.Knock(client, $"tcp/{GatewaySite.Outer}", ipv6, "-N", GatewaySite.Target(GatewayNetwork.InnerAddress(ipv6))),
        site.WayOfClient(ipv6, GatewaySite.Outer, site.Network.Inner));
}
