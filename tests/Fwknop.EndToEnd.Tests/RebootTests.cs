using System.Net;
using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>Rules that were saved while grants were open come back when the machine starts, before fwknopd does.</summary>
public sealed class RebootTests
{
    private const string Forwarding = "ENABLE_IPT_FORWARDING Y\n";

    [RootTheory("nft", "iptables-nft", "ip6tables-nft", "iptables-legacy", "ip6tables-legacy", "ipset")]
    [InlineData(GatewayFirewall.NftablesGuard)]
    [InlineData(GatewayFirewall.NftablesInsert)]
    [InlineData(GatewayFirewall.Iptables)]
    [InlineData(GatewayFirewall.IptablesLegacy)]
    [InlineData(GatewayFirewall.Ipset)]
    public void What_has_come_back_ends_at_its_time_or_with_the_start(GatewayFirewall firewall)
    {
        (IReadOnlyList<SavedRules> saved, long over) = SaveWithGrants(firewall);
        using GatewaySite site = new(firewall);
        IPAddress client = site.Network.ClientAddress(ipv6: true);
        Way inside = site.WayOfClient(ipv6: true, GatewaySite.Outer, site.Network.Inner);
        Attempt ended = site.FromClient(ipv6: false, GatewaySite.Service);
        Deadline.WaitUntil(() => DateTimeOffset.UtcNow.ToUnixTimeSeconds() > over, TimeSpan.FromSeconds(20), "the end of a grant");
        site.Restore(saved);
        if (firewall is GatewayFirewall.Iptables or GatewayFirewall.IptablesLegacy)
        {
            // Nothing listens there, and nobody has taken the rule away.
            Assert.Equal(ProbeResult.Refused, ConnectProbe.Try(site.Client, ended.To.Address, ended.To.Port));
        }

        using (SpaDaemon daemon = site.StartDaemon("", $"{Forwarding}FLUSH_NFT_AT_INIT N\nFLUSH_IPT_AT_INIT N\n"))
        {
            daemon.WaitForLog("Kept [12] grants of an earlier run");
            GatewaySite.AssertShuts(site.Client, ended.To.Address, ended.To.Port);
            inside.AssertIsOpen();
            site.AssertOthersAreShut();
            Assert.Matches(
                $"(?m)^{client} +tcp/{GatewaySite.Outer} to {Regex.Escape(GatewaySite.Target(GatewayNetwork.InnerAddress(ipv6: true)))} ",
                site.Ask(daemon, "--list-grants").Output);
            site.AssertStopsClean(daemon);
        }

        site.Restore(saved);
        inside.AssertIsOpen();
        using (SpaDaemon daemon = site.StartDaemon("", Forwarding))
        {
            GatewaySite.AssertShut(inside.Attempt, ended);
            site.AssertStopsClean(daemon);
        }
    }

    /// <summary>
    /// The rules of a machine with a long grant that leads inside (IPv6) and one for a port of its own (IPv4), and the second in which that one ends.
    /// </summary>
    private static (IReadOnlyList<SavedRules> Rules, long Second) SaveWithGrants(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 300\n", Forwarding);
        daemon.LogAfter(
            "Added DNAT rule to ",
            () => site.Knock($"tcp/{GatewaySite.Outer}", true, "-N", GatewaySite.Target(GatewayNetwork.InnerAddress(ipv6: true))));
        string line = daemon.GrantAfter($"tcp/{GatewaySite.Service}", () => site.Knock($"tcp/{GatewaySite.Service}", false, "--fw-timeout", "3"));

        // Before it takes away what ends.
        daemon.Crash();
        return (site.Save(), SpaDaemon.ExpiryIn(line));
    }
}
