using System.Net;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>Rules that were saved while grants were open come back when the machine starts, before fwknopd does.</summary>
public sealed class RebootTests
{
    private const string Forwarding = "ENABLE_IPT_FORWARDING Y\n";

    [RootTheory("nft", "iptables", "ip6tables")]
    [InlineData(GatewayFirewall.NftablesGuard)]
    [InlineData(GatewayFirewall.NftablesInsert)]
    [InlineData(GatewayFirewall.Iptables)]
    public void What_has_come_back_ends_at_its_time_or_with_the_start(GatewayFirewall firewall)
    {
        (IReadOnlyList<string> saved, long over) = SaveWithGrants(firewall);
        using GatewaySite site = new(firewall);
        (IPAddress gateway, IPAddress client) = (site.Network.GatewayAddress(false), site.Network.ClientAddress(false));
        Deadline.WaitUntil(() => DateTimeOffset.UtcNow.ToUnixTimeSeconds() > over, TimeSpan.FromSeconds(20), "the end of a grant");
        site.Restore(saved);
        if (firewall == GatewayFirewall.Iptables)
        {
            // Nothing listens there, and nobody has taken the rule away.
            Assert.Equal(ProbeResult.Refused, ConnectProbe.Try(site.Client, gateway, GatewaySite.Service));
        }

        using (SpaDaemon daemon = site.StartDaemon("", $"{Forwarding}FLUSH_NFT_AT_INIT N\nFLUSH_IPT_AT_INIT N\n"))
        {
            daemon.WaitForLog("Kept [12] grants of an earlier run");
            GatewaySite.AssertShuts(site.Client, gateway, GatewaySite.Service);
            Assert.Equal(client, GatewayNetwork.SourceSeen(site.Client, gateway, GatewaySite.Outer, site.Network.Inner, GatewaySite.Service));
            Assert.True(GatewayNetwork.IsShut(site.OtherClient, gateway, GatewaySite.Outer));
            Assert.Matches($"(?m)^{client} +tcp/{GatewaySite.Outer} to {GatewayNetwork.InnerAddress(false)}:{GatewaySite.Service} ", site.Ask(daemon, "--list-grants").Output);
            site.AssertStopsClean(daemon);
        }

        site.Restore(saved);
        Assert.NotNull(GatewayNetwork.SourceSeen(site.Client, gateway, GatewaySite.Outer, site.Network.Inner, GatewaySite.Service));
        using (SpaDaemon daemon = site.StartDaemon("", Forwarding))
        {
            Assert.True(GatewayNetwork.IsShut(site.Client, gateway, GatewaySite.Outer));
            Assert.True(GatewayNetwork.IsShut(site.Client, gateway, GatewaySite.Service));
            site.AssertStopsClean(daemon);
        }
    }

    /// <summary>The rules of a machine with a long grant that leads inside and one for a port of its own, and the second in which that one ends.</summary>
    private static (IReadOnlyList<string> Rules, long Second) SaveWithGrants(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 300\n", Forwarding);
        daemon.LogAfter(
            "Added DNAT rule to ",
            () => site.Knock($"tcp/{GatewaySite.Outer}", false, "-N", $"{GatewayNetwork.InnerAddress(false)}:{GatewaySite.Service}"));
        string line = daemon.GrantAfter($"tcp/{GatewaySite.Service}", () => site.Knock($"tcp/{GatewaySite.Service}", false, "--fw-timeout", "3"));
        IReadOnlyList<string> rules = site.Save();
        daemon.Crash();
        return (rules, SpaDaemon.ExpiryIn(line));
    }
}
