using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>Our client and our daemon with the firewalls of other systems, which stand-ins play: what a knock makes of them.</summary>
public sealed class StandInFirewallTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [RootFact("nft")]
    public void Ipfw()
    {
        using Site site = new(Firewall.NftablesGuard, hasServices: false);
        using FakeIpfw ipfw = new();
        ipfw.Have(0, 10001, "allow icmp from any to any");
        string settings = $"FIREWALL_TYPE ipfw;\nFIREWALL_EXE {ipfw.Executable};\nIPFW_ADD_CHECK_STATE Y;\nIPFW_EXPIRE_PURGE_INTERVAL 1;\n";
        using SpaDaemon daemon = Start(site, settings, "FW_ACCESS_TIMEOUT 2\n");
        daemon.WaitForLog("Firewall: ipfw, set 1$");
        Assert.Equal(["2"], ipfw.Disabled);

        string client = $"{site.Client(Family.IPv4)}";
        daemon.LogAfter($"Added Rule 10002 for {client}, tcp/22,udp/53 expires at [0-9]+$", () => site.Knock("tcp/22,udp/53"));
        string[] rules = [.. ipfw.InForce.Where(rule => rule.Contains("_exp_", StringComparison.Ordinal))];
        Assert.Equal(2, rules.Length);
        Assert.StartsWith($"allow tcp from {client} to me dst-port 22 setup keep-state :default // _exp_", rules[0], StringComparison.Ordinal);
        Assert.StartsWith($"allow udp from {client} to me dst-port 53 keep-state :default // _exp_", rules[1], StringComparison.Ordinal);
        ipfw.Connect(10002);

        // Its time is up, and its connection lives on until it ends.
        daemon.WaitForLog("Moved rule 10002 with expire time of [0-9]+ to set 2[.]$", Patience);
        Assert.Equal(["check-state :any", "allow icmp from any to any"], ipfw.InForce);
        Assert.Single(ipfw.Connections);
        Assert.Equal(0, daemon.Process.CountLines("Purged rule"));
        ipfw.Disconnect(10002);
        daemon.WaitForLog("Purged rule 10002 from set 2$", Patience);

        // What asks for forwarding is refused.
        daemon.LogAfter("Forwarding/NAT requests are not currently supported[.]$", () => site.Knock("tcp/22", Family.IPv4, "-N", "10.5.5.5:22"));
        daemon.LogAfter("Local NAT requests are not currently supported[.]$", () => site.Knock("tcp/22", Family.IPv4, "--nat-local", "--nat-port", "2222"));
        Assert.Equal(["check-state :any", "allow icmp from any to any"], ipfw.InForce);
        Assert.Equal(0, daemon.Stop());
        Assert.Equal(["0 10001 allow icmp from any to any"], ipfw.Rules);
        site.AssertNothingLeft();
    }

    [RootFact("nft")]
    public void Ipfw_after_a_crash()
    {
        using Site site = new(Firewall.NftablesGuard, hasServices: false);
        using FakeIpfw ipfw = new();
        string settings = $"FIREWALL_EXE {ipfw.Executable};\nFLUSH_IPFW_AT_INIT N;\n";
        string added;
        using (SpaDaemon first = Start(site, settings, "FW_ACCESS_TIMEOUT 20\n"))
        {
            added = first.LogAfter("Added Rule 10000 for .*, tcp/22 expires at [0-9]+$", () => site.Knock("tcp/22", Family.IPv6));

            // A reading of the configuration leaves it alone.
            ipfw.Connect(10000);
            first.LogAfter("Starting fwknopd main event loop", () =>
            {
                first.Write("fwknopd.conf", File.ReadAllText(first.PathOf("fwknopd.conf")) + "IPFW_EXPIRE_PURGE_INTERVAL 2;\n");
                first.Process.Send(Signal.Hangup);
            });
            Assert.Single(ipfw.Connections);
            first.Crash();
        }

        Assert.Contains($"from {site.Client(Family.IPv6)} to me6 dst-port 22", Assert.Single(ipfw.InForce), StringComparison.Ordinal);
        using SpaDaemon second = Start(site, settings, "FW_ACCESS_TIMEOUT 3\n");
        second.WaitForLog("Kept 1 grants of an earlier run$");
        second.WaitForLog($"Moved rule 10000 with expire time of {SpaDaemon.ExpiryIn(added)} to set 2[.]$", Patience);
        Assert.Empty(ipfw.InForce);
        Assert.Single(ipfw.Connections);
        Assert.Equal(0, second.Stop());
    }

    [RootFact("nft")]
    public void Pf()
    {
        using Site site = new(Firewall.NftablesGuard, hasServices: false);
        using FakePfctl pfctl = new();
        string settings = $"FIREWALL_TYPE pf;\nFIREWALL_EXE {pfctl.Executable};\n";
        using SpaDaemon daemon = Start(site, settings, "FW_ACCESS_TIMEOUT 4\n");
        daemon.WaitForLog("Firewall: pf, anchor fwknop$");
        string client = $"{site.Client(Family.IPv4)}";
        string first = daemon.LogAfter($"Added Rule for {client}, tcp/22 expires at [0-9]+$", () => site.Knock());
        string second = daemon.LogAfter($"Added Rule for {site.Client(Family.IPv6)}, udp/53 expires at [0-9]+$", () => site.Knock("udp/53", Family.IPv6, "-f", "60"));
        Assert.Equal(
            [
                $"pass in quick inet proto tcp from {client} to any port = ssh flags S/SA keep state label \"_exp_{SpaDaemon.ExpiryIn(first)}\"",
                $"pass in quick inet6 proto udp from {site.Client(Family.IPv6)} to any port = domain keep state label \"_exp_{SpaDaemon.ExpiryIn(second)}\"",
            ],
            pfctl.Rules);

        daemon.WaitForLog($"Deleting rule with expire time of {SpaDaemon.ExpiryIn(first)}[.]$", Patience);
        Assert.Single(pfctl.Rules);
        daemon.LogAfter("Forwarding/NAT requests are not currently supported[.]$", () => site.Knock("tcp/22", Family.IPv4, "-N", "10.5.5.5:22"));
        ProcessRun list = ProcessRun.Run(Programs.Daemon, "--fw-list", "-c", daemon.PathOf("fwknopd.conf"));
        Assert.Equal(0, list.ExitCode);
        Assert.Equal($"Listing fwknopd pf rules...\n\nActive Rules in PF anchor 'fwknop':\n{pfctl.Rules[0]}", list.Output.TrimEnd());
        Assert.Equal(0, daemon.Stop());
        Assert.Empty(pfctl.Rules);
        site.AssertNothingLeft();
    }

    [RootFact("nft")]
    public void Pf_without_the_anchor()
    {
        using Site site = new(Firewall.NftablesGuard, hasServices: false);
        using FakePfctl pfctl = new();
        pfctl.HaveAnchors("ftp-proxy");
        using SpaDaemon daemon = SpaDaemon.Launch(Programs.Daemon, site.Network.Server, Setup(site, $"FIREWALL_EXE {pfctl.Executable};\n", ""));
        Assert.Equal(1, daemon.Process.WaitForExit(Patience));
        Assert.Contains("Warning: the fwknop anchor is not active in the pf policy", daemon.Log, StringComparison.Ordinal);
        Assert.Contains("put 'anchor \"fwknop\"' into pf.conf and load it", daemon.Log, StringComparison.Ordinal);
        site.AssertNothingLeft();
    }

    private static SpaDaemon Start(Site site, string settings, string stanza) => SpaDaemon.Start(Programs.Daemon, site.Network.Server, Setup(site, settings, stanza));

    private static DaemonSetup Setup(Site site, string settings, string stanza) => site.Setup(stanza) with { Configuration = settings };
}
