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
}
