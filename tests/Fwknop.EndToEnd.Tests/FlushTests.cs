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
    [InlineData(GatewayFirewall.NftablesGuard, false)]
    [InlineData(GatewayFirewall.NftablesInsert, true)]
    public void A_way_inside_is_open_again_at_once(GatewayFirewall firewall, bool ipv6)
    {
        using GatewaySite site = new(firewall);
        IReadOnlyList<SavedRules> administrators = site.Save();
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n");
        KnockForInside(site, daemon, ipv6);

        daemon.LogAfter(MadeAgain, () => site.Restore(administrators));

        // The line comes before the rules; until these are there a guarded port is answered by the gateway itself.
        GatewaySite.AssertShuts(site.OtherClient, site.Network.GatewayAddress(ipv6), GatewaySite.Outer);
        AssertLeadsInside(site, ipv6);
        site.AssertStopsClean(daemon);
    }

    /// <summary>Nobody tells of changes of iptables: the next grant of the same address family brings back those that are open.</summary>
    [RootTheory("iptables-nft", "ip6tables-nft", "iptables-legacy", "ip6tables-legacy")]
    [InlineData(GatewayFirewall.Iptables, true)]
    [InlineData(GatewayFirewall.IptablesLegacy, false)]
    public void With_iptables_a_way_inside_comes_back_with_the_next_grant(GatewayFirewall firewall, bool ipv6)
    {
        using GatewaySite site = new(firewall);
        IReadOnlyList<SavedRules> administrators = site.Save();
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n");
        KnockForInside(site, daemon, ipv6);
        site.Restore(administrators);
        GatewaySite.AssertShut(site.FromClient(ipv6, GatewaySite.Outer));

        daemon.GrantAfter($"tcp/{GatewaySite.Service}", () => site.Knock($"tcp/{GatewaySite.Service}", ipv6));

        Assert.Equal(3, daemon.Process.CountLines("Another program has removed the chain FWKNOP_(INPUT|FORWARD|PREROUTING) or the jump to it: making it again"));
        AssertLeadsInside(site, ipv6);
        site.AssertStopsClean(daemon);
    }

    private static void KnockForInside(GatewaySite site, SpaDaemon daemon, bool ipv6)
    {
        daemon.LogAfter(
            "Added DNAT rule to ",
            () => site.Knock($"tcp/{GatewaySite.Outer}", ipv6, "-N", GatewaySite.Target(GatewayNetwork.InnerAddress(ipv6))));
        AssertLeadsInside(site, ipv6);
    }

    private static void AssertLeadsInside(GatewaySite site, bool ipv6)
    {
        site.WayOfClient(ipv6, GatewaySite.Outer, site.Network.Inner).AssertIsOpen();
        site.AssertOthersAreShut();
    }
}
