using System.Net;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>FIREWALL_TYPE nftables beside a real firewalld that uses nftables, too.</summary>
public sealed class FirewalldNftablesTests
{
    private const string Short = "FW_ACCESS_TIMEOUT 10\n";

    [RootFact("firewalld", "firewall-cmd", "dbus-daemon", "unshare", "nft")]
    public void A_guard_keeps_shut_what_firewalld_lets_through()
    {
        using FirewalldSite site = new(FirewalldWay.Zone);
        using TcpService service = TcpService.Start(site.Network.Gateway, FirewalldHost.OpenPort);
        Assert.False(site.IsShutForOthers(FirewalldHost.OpenPort, ipv6: false));
        using SpaDaemon daemon = site.StartDaemon(Short, $"FIREWALL_TYPE nftables\nGUARD_PORTS tcp/{FirewalldHost.OpenPort}\n");
        Assert.True(site.IsShut(FirewalldHost.OpenPort, ipv6: false));
        string line = daemon.GrantAfter($"tcp/{FirewalldHost.OpenPort}", () => site.Knock($"tcp/{FirewalldHost.OpenPort}", ipv6: false));
        Assert.Equal(ProbeResult.Open, ConnectProbe.Try(site.Client, site.Network.GatewayAddress(false), FirewalldHost.OpenPort));
        Assert.True(site.IsShutForOthers(FirewalldHost.OpenPort, ipv6: false));
        site.Firewalld.Reload();
        Assert.True(site.IsShutForOthers(FirewalldHost.OpenPort, ipv6: false));
        site.AssertEnds(daemon, line, FirewalldHost.OpenPort, ipv6: false);
        site.AssertStopsClean(daemon);
        Assert.False(site.IsShutForOthers(FirewalldHost.OpenPort, ipv6: false));
    }

    [RootFact("firewalld", "firewall-cmd", "dbus-daemon", "unshare", "nft")]
    public void A_rule_in_front_of_the_chain_of_firewalld_opens_and_comes_back_after_its_reload()
    {
        using FirewalldSite site = new(FirewalldWay.Zone);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 100\n", "FIREWALL_TYPE nftables\nNFT_INSERT inet firewalld filter_INPUT\n");
        Assert.True(site.IsShut(FirewalldSite.Service, ipv6: true));
        daemon.GrantAfter($"tcp/{FirewalldSite.Service}", () => site.Knock($"tcp/{FirewalldSite.Service}", ipv6: true));
        Assert.Equal(site.Network.ClientAddress(true), site.SourceSeen(FirewalldSite.Service, site.Network.Gateway, ipv6: true));
        Assert.True(site.IsShutForOthers(FirewalldSite.Service, ipv6: true));

        daemon.LogAfter("Another program has removed or changed the nftables rules of fwknopd", site.Firewalld.Reload);
        Assert.Equal(site.Network.ClientAddress(true), site.SourceSeen(FirewalldSite.Service, site.Network.Gateway, ipv6: true));
        Assert.True(site.IsShutForOthers(FirewalldSite.Service, ipv6: true));
        Assert.Equal(0, daemon.Stop());
    }

    [RootTheory("firewalld", "firewall-cmd", "dbus-daemon", "unshare", "nft")]
    [InlineData("GUARD_PORTS tcp/8022", true)]
    [InlineData("NFT_INSERT inet firewalld filter_INPUT, inet firewalld filter_FORWARD", false)]
    public void A_way_inside_is_open_for_one_address_also_after_a_reload_of_firewalld(string rules, bool ipv6)
    {
        using FirewalldSite site = new(FirewalldWay.Zone);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n", $"FIREWALL_TYPE nftables\n{rules}\nENABLE_IPT_FORWARDING Y\n");
        Assert.True(site.IsShut(FirewalldSite.Outer, ipv6));
        string target = $"{new IPEndPoint(GatewayNetwork.InnerAddress(ipv6), FirewalldSite.Service)}";
        daemon.LogAfter("Added DNAT rule to ", () => site.Knock($"tcp/{FirewalldSite.Outer}", ipv6, "-N", target));
        AssertLeadsInside();

        site.Firewalld.Reload();
        if (!rules.StartsWith("GUARD_PORTS", StringComparison.Ordinal))
        {
            daemon.WaitForLog("Another program has removed or changed the nftables rules of fwknopd");
        }

        AssertLeadsInside();
        Assert.Equal(0, site.Ask(daemon, "--revoke", $"{site.Network.ClientAddress(ipv6)},{FirewalldSite.Outer}").ExitCode);
        GatewaySite.AssertShuts(site.Client, site.Network.GatewayAddress(ipv6), FirewalldSite.Outer);
        site.AssertStopsClean(daemon);

        void AssertLeadsInside()
        {
            Assert.Equal(site.Network.ClientAddress(ipv6), site.SourceSeen(FirewalldSite.Outer, site.Network.Inner, ipv6));
            Assert.True(site.IsShutForOthers(FirewalldSite.Outer, ipv6));
        }
    }

    [RootFact("firewalld", "firewall-cmd", "dbus-daemon", "unshare", "nft")]
    public void A_user_inside_goes_out_for_a_while_where_firewalld_drops_what_comes_from_inside()
    {
        const int Port = 8443;
        using FirewalldSite site = new(FirewalldWay.Zone);
        IPAddress outside = site.Network.ClientAddress(false);
        site.ShutInside();
        using SpaDaemon daemon = site.StartDaemon(
            "FW_ACCESS_TIMEOUT 4\nFORWARD_ALL Y\nFORCE_MASQUERADE Y\n",
            "FIREWALL_TYPE nftables\nNFT_INSERT inet firewalld filter_FORWARD\nENABLE_IPT_FORWARDING Y\nENABLE_IPT_SNAT Y\n",
            GatewayNetwork.InsideInterface);
        Assert.True(GatewayNetwork.IsShut(site.Network.Inner, outside, Port));
        daemon.LogAfter("Added SNAT ALL rule to ", () => site.KnockFromInside("tcp/1"));
        Assert.Equal(site.Network.GatewayAddress(false), GatewayNetwork.SourceSeen(site.Network.Inner, outside, Port, site.Client, Port));
        Assert.True(GatewayNetwork.IsShut(site.Network.OtherInner, outside, Port));
        Assert.Equal(ProbeResult.NoAnswer, ConnectProbe.WaitFor(ProbeResult.NoAnswer, site.Network.Inner, outside, Port, TimeSpan.FromSeconds(25)));
        site.AssertStopsClean(daemon);
    }
}
