using System.Net;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>Ports of a machine, and of hosts behind it, that a real firewalld keeps shut; each way by itself.</summary>
public abstract class FirewalldTests(FirewalldWay way)
{
    private const string Short = "FW_ACCESS_TIMEOUT 10\n";
    private const string Nat = "ENABLE_FIREWD_FORWARDING Y\nENABLE_FIREWD_LOCAL_NAT Y\n";

    [RootTheory("firewalld", "firewall-cmd", "dbus-daemon", "unshare", "iptables", "ip6tables")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_knock_opens_one_port_for_one_address_for_its_time(bool ipv6)
    {
        using FirewalldSite site = new(way);
        using SpaDaemon daemon = site.StartDaemon(Short);
        Assert.True(site.IsShut(FirewalldSite.Service, ipv6));
        string line = daemon.GrantAfter($"tcp/{FirewalldSite.Service}", () => site.Knock($"tcp/{FirewalldSite.Service}", ipv6));

        Assert.Equal(site.Network.ClientAddress(ipv6), site.SourceSeen(FirewalldSite.Service, site.Network.Gateway, ipv6));
        Assert.True(site.IsShutForOthers(FirewalldSite.Service, ipv6));
        Assert.True(site.IsShut(FirewalldSite.Outer, ipv6));
        site.AssertEnds(daemon, line, FirewalldSite.Service, ipv6);
        site.AssertStopsClean(daemon);
    }

    [RootTheory("firewalld", "firewall-cmd", "dbus-daemon", "unshare", "iptables", "ip6tables")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_packet_opens_a_way_to_a_host_inside(bool ipv6)
    {
        using FirewalldSite site = new(way);
        using SpaDaemon daemon = site.StartDaemon(Short, Nat);
        Assert.True(site.IsShut(FirewalldSite.Outer, ipv6));
        string target = $"{new IPEndPoint(GatewayNetwork.InnerAddress(ipv6), FirewalldSite.Service)}";
        string line = daemon.LogAfter("Added DNAT rule to .*, expires at [0-9]+$", () => site.Knock($"tcp/{FirewalldSite.Outer}", ipv6, "-N", target));

        Assert.Equal(site.Network.ClientAddress(ipv6), site.SourceSeen(FirewalldSite.Outer, site.Network.Inner, ipv6));
        Assert.True(site.IsShutForOthers(FirewalldSite.Outer, ipv6));
        site.AssertEnds(daemon, line, FirewalldSite.Outer, ipv6);
        site.AssertStopsClean(daemon);
    }

    [RootFact("firewalld", "firewall-cmd", "dbus-daemon", "unshare", "iptables", "ip6tables")]
    public void A_port_stands_for_another_of_the_gateway()
    {
        using FirewalldSite site = new(way);
        using SpaDaemon daemon = site.StartDaemon(Short, Nat);
        Assert.True(site.IsShut(FirewalldSite.Outer, ipv6: false));
        string line = daemon.LogAfter(
            way == FirewalldWay.Zone ? "Added local NAT rule to .*, expires at [0-9]+$" : "Added DNAT rule to .*, expires at [0-9]+$",
            () => site.Knock($"tcp/{FirewalldSite.Service}", false, "--nat-local", "--nat-port", $"{FirewalldSite.Outer}"));

        Assert.Equal(site.Network.ClientAddress(false), site.SourceSeen(FirewalldSite.Outer, site.Network.Gateway, ipv6: false));
        Assert.True(site.IsShutForOthers(FirewalldSite.Outer, ipv6: false));
        Assert.True(site.IsShutForOthers(FirewalldSite.Service, ipv6: false));
        site.AssertEnds(daemon, line, FirewalldSite.Outer, ipv6: false);
        site.AssertStopsClean(daemon);
    }

    // Classes of tests run beside each other, the tests of one do not.
    public sealed class InAZone() : FirewalldTests(FirewalldWay.Zone)
    {
        [RootFact("firewalld", "firewall-cmd", "dbus-daemon", "unshare")]
        public void What_a_zone_cannot_do_is_refused()
        {
            using FirewalldSite site = new(FirewalldWay.Zone);
            using SpaDaemon daemon = site.StartDaemon($"{Short}FORWARD_ALL Y\nFORCE_NAT {GatewayNetwork.InnerAddress(false)} {FirewalldSite.Service}\n", Nat);
            daemon.LogAfter("Could not add .* a zone of firewalld cannot forward everything", () => site.Knock($"tcp/{FirewalldSite.Outer}", false));
            Assert.True(site.IsShut(FirewalldSite.Outer, ipv6: false));
            site.AssertStopsClean(daemon);
        }

        [RootFact("firewalld", "firewall-cmd", "dbus-daemon", "unshare")]
        public void Grants_come_back_after_a_reload_of_firewalld_and_end_when_fwknopd_is_killed()
        {
            using FirewalldSite site = new(FirewalldWay.Zone);
            using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 40\n");
            string line = daemon.GrantAfter($"tcp/{FirewalldSite.Service}", () => site.Knock($"tcp/{FirewalldSite.Service}", ipv6: false));
            site.Firewalld.Reload();
            Assert.True(site.IsShut(FirewalldSite.Service, ipv6: false));
            daemon.LogAfter("Another program has removed rules of fwknopd from outside", () => site.Knock("tcp/1", ipv6: false));
            Assert.Equal(site.Network.ClientAddress(false), site.SourceSeen(FirewalldSite.Service, site.Network.Gateway, ipv6: false));

            daemon.Crash();
            Assert.Equal(site.Network.ClientAddress(false), site.SourceSeen(FirewalldSite.Service, site.Network.Gateway, ipv6: false));
            Assert.Equal(
                ProbeResult.NoAnswer,
                ConnectProbe.WaitFor(ProbeResult.NoAnswer, site.Client, site.Network.GatewayAddress(false), FirewalldSite.Service, Site.UntilSurely(SpaDaemon.ExpiryIn(line))));
        }
    }

    public sealed class ByDirectRules() : FirewalldTests(FirewalldWay.DirectIptables)
    {
        [RootFact("firewalld", "firewall-cmd", "dbus-daemon", "unshare", "iptables", "ip6tables")]
        public void A_user_inside_goes_out_for_a_while_with_the_address_of_the_gateway()
        {
            const int Port = 8443;
            using FirewalldSite site = new(FirewalldWay.DirectIptables);
            IPAddress outside = site.Network.ClientAddress(false);
            site.ShutInside();
            using SpaDaemon daemon = site.StartDaemon(
                $"{Short}FORWARD_ALL Y\nFORCE_MASQUERADE Y\n", "ENABLE_FIREWD_FORWARDING Y\nENABLE_FIREWD_SNAT Y\n", GatewayNetwork.InsideInterface);
            Assert.True(GatewayNetwork.IsShut(site.Network.Inner, outside, Port));

            string line = daemon.LogAfter("Added SNAT ALL rule to .*, expires at [0-9]+$", () => site.KnockFromInside("tcp/1"));
            Assert.Equal(site.Network.GatewayAddress(false), SourceSeen(site.Network.Inner));
            Assert.True(GatewayNetwork.IsShut(site.Network.OtherInner, outside, Port));
            daemon.WaitForLog($"Removed rule .* FWKNOP_MASQUERADE .*expire time of {SpaDaemon.ExpiryIn(line)}");
            GatewaySite.AssertShuts(site.Network.Inner, outside, Port);
            site.AssertStopsClean(daemon);

            IPAddress? SourceSeen(NetworkNamespace from) => GatewayNetwork.SourceSeen(from, outside, Port, site.Client, Port);
        }

        [RootFact("firewalld", "firewall-cmd", "dbus-daemon", "unshare", "iptables", "ip6tables")]
        public void Where_firewalld_uses_nftables_its_zones_drop_what_direct_rules_accept()
        {
            using FirewalldSite site = new(FirewalldWay.DirectNftables);
            using SpaDaemon daemon = site.StartDaemon(Short, Nat);
            daemon.WaitForLog("The zones of firewalld drop what its direct rules accept");
            daemon.GrantAfter($"tcp/{FirewalldSite.Service}", () => site.Knock($"tcp/{FirewalldSite.Service}", ipv6: false));
            Assert.True(site.IsShut(FirewalldSite.Service, ipv6: false));

            // What is translated passes its zones.
            string target = $"{new IPEndPoint(GatewayNetwork.InnerAddress(false), FirewalldSite.Service)}";
            string line = daemon.LogAfter("Added DNAT rule to .*, expires at [0-9]+$", () => site.Knock($"tcp/{FirewalldSite.Outer}", false, "-N", target));
            Assert.Equal(site.Network.ClientAddress(false), site.SourceSeen(FirewalldSite.Outer, site.Network.Inner, ipv6: false));
            Assert.True(site.IsShutForOthers(FirewalldSite.Outer, ipv6: false));
            site.AssertEnds(daemon, line, FirewalldSite.Outer, ipv6: false);
            site.AssertStopsClean(daemon);
        }
    }
}
