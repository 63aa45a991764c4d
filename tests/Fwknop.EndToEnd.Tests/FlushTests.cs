using System.Net;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>Rules that somebody removes while nobody knocks.</summary>
public sealed class FlushTests
{
    private const string MadeAgain = "Another program has removed or changed the nftables rules of fwknopd: making them again";

    [RootFact("nft")]
    public void What_is_guarded_is_shut_again_at_once_and_what_is_granted_stays_open()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n");
        daemon.GrantAfter("tcp/22", () => site.Knock());

        daemon.LogAfter(MadeAgain, () => site.Network.Server.RunChecked("nft", "flush", "ruleset"));

        Assert.Equal(
            ProbeResult.NoAnswer,
            ConnectProbe.WaitFor(ProbeResult.NoAnswer, site.Network.OtherClient, site.Network.ServerAddress, Site.Ssh, TimeSpan.FromSeconds(10)));
        Assert.Equal(ProbeResult.Open, site.Probe());
        Assert.Equal(0, daemon.Stop());
    }

    [RootFact("nft")]
    public void A_running_daemon_makes_again_what_is_flushed_and_the_one_who_flushes_is_told()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon();
        string rules = site.FirewallRules();
        string told = "";

        daemon.LogAfter(MadeAgain, () => told = site.Network.Server.Run(
            Programs.Daemon, "-c", daemon.PathOf("fwknopd.conf"), "-a", daemon.PathOf("access.conf"), "-r", daemon.RunFolder, "--fw-flush").Errors);

        Assert.Contains($"fwknopd is running (pid={daemon.Process.Id}) and makes its rules again: end it first (fwknopd -K)", told, StringComparison.Ordinal);
        site.AssertRulesBecome(rules, TimeSpan.FromSeconds(10));
        Assert.Equal(0, daemon.Stop());
        site.AssertNothingLeft();
    }

    /// <summary>The insert row is a reload: what the administrator has comes back in the same transaction.</summary>
    [RootTheory("nft")]
    [InlineData(GatewayFirewall.NftablesGuard)]
    [InlineData(GatewayFirewall.NftablesInsert)]
    public void A_way_inside_is_open_again_at_once(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall);
        IReadOnlyList<string> administrators = site.Save();
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n");
        KnockForInside(site, daemon);

        daemon.LogAfter(MadeAgain, () => site.Restore(administrators));

        AssertLeadsInside(site);
        site.AssertStopsClean(daemon);
    }

    /// <summary>Nobody tells of changes of iptables: the next grant brings back those that are open.</summary>
    [RootTheory("iptables", "ip6tables", "iptables-legacy")]
    [InlineData(GatewayFirewall.Iptables)]
    [InlineData(GatewayFirewall.IptablesLegacy)]
    public void With_iptables_a_way_inside_comes_back_with_the_next_grant(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall);
        IReadOnlyList<string> administrators = site.Save();
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n");
        KnockForInside(site, daemon);
        site.Restore(administrators);
        Assert.True(GatewayNetwork.IsShut(site.Client, site.Network.GatewayAddress(false), GatewaySite.Outer));

        daemon.GrantAfter($"tcp/{GatewaySite.Service}", () => site.Knock($"tcp/{GatewaySite.Service}", false));

        Assert.Equal(3, daemon.Process.CountLines("Another program has removed the chain FWKNOP_(INPUT|FORWARD|PREROUTING) or the jump to it: making it again"));
        AssertLeadsInside(site);
        site.AssertStopsClean(daemon);
    }

    private static void KnockForInside(GatewaySite site, SpaDaemon daemon)
    {
        daemon.LogAfter(
            "Added DNAT rule to ",
            () => site.Knock($"tcp/{GatewaySite.Outer}", false, "-N", $"{GatewayNetwork.InnerAddress(false)}:{GatewaySite.Service}"));
        AssertLeadsInside(site);
    }

    private static void AssertLeadsInside(GatewaySite site)
    {
        IPAddress gateway = site.Network.GatewayAddress(false);
        Assert.Equal(
            site.Network.ClientAddress(false),
            GatewayNetwork.SourceSeen(site.Client, gateway, GatewaySite.Outer, site.Network.Inner, GatewaySite.Service));
        Assert.True(GatewayNetwork.IsShut(site.OtherClient, gateway, GatewaySite.Outer));
    }
}
