using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>
/// What one daemon leaves in iptables when it is killed, the other can show, and ends at its time (FLUSH_IPT_AT_INIT N): who changes from the original to this
/// one, or back, needs no moment without grants.
/// </summary>
public sealed class FirewallHeirTests
{
    private const string Configuration =
        "ENABLE_IPT_FORWARDING Y;\nENABLE_IPT_SNAT Y;\nFLUSH_IPT_AT_INIT N;\nENABLE_DIGEST_PERSISTENCE N;\n";

    /// <summary>In seconds; the heir has to have begun by then.</summary>
    private const int GrantTime = 8;

    private static readonly TimeSpan EndDeadline = TimeSpan.FromSeconds(GrantTime + 30);

    private static readonly string[] Chains = ["FWKNOP_INPUT", "FWKNOP_FORWARD", "FWKNOP_PREROUTING", "FWKNOP_MASQUERADE"];

    [InteropFact]
    public void The_original_shows_our_rules_and_ends_them()
    {
        using FirewallEstate estate = new(Configuration, GrantTime);
        long[] ends = estate.Leave(Implementation.Ours);

        AssertShown(estate, Implementation.Reference, ends);
        using SpaDaemon heir = estate.Start(Implementation.Reference);
        AssertEnded(estate, heir, ends);
    }

    [InteropFact]
    public void Ours_shows_the_rules_of_the_original_and_ends_them()
    {
        using FirewallEstate estate = new(Configuration, GrantTime);
        long[] ends = estate.Leave(Implementation.Reference);

        AssertShown(estate, Implementation.Ours, ends);
        using SpaDaemon heir = estate.Start(Implementation.Ours);
        heir.WaitForLog("^Kept 2 grants of an earlier run$");
        string grants = estate.Network.Server.RunChecked(Programs.Daemon, "--list-grants", "-c", heir.PathOf("fwknopd.conf")).Output;
        Assert.Matches($"(?m)^{FirewallEstate.PlainAddress} +tcp/8001 +- +- ", grants);
        Assert.Matches($"(?m)^{FirewallEstate.ForwardedAddress} +tcp/8002.* iptables +open$", grants);
        AssertEnded(estate, heir, ends);
        Assert.Equal(
            "Nothing is granted.", estate.Network.Server.RunChecked(Programs.Daemon, "--list-grants", "-c", heir.PathOf("fwknopd.conf")).Output);
    }

    /// <summary>Each chain with its rule: the plain grant is one rule, that which is forwarded the others.</summary>
    private static void AssertShown(FirewallEstate estate, Implementation viewer, long[] ends)
    {
        string list = estate.List(viewer);
        foreach ((string chain, int index) in Chains.Select((chain, index) => (chain, index)))
        {
            string part = Regex.Match(list, $@"(?ms)^Chain {chain} .*?(?=^Chain |\z)").Value;
            Assert.Equal([ends[Math.Min(index, 1)]], Regex.Matches(part, "_exp_([0-9]+)").Select(match => long.Parse(match.Groups[1].ValueSpan, provider: null)));
        }
    }

    /// <summary>Not before their time, and with a line for each of the chains.</summary>
    private static void AssertEnded(FirewallEstate estate, SpaDaemon heir, long[] ends)
    {
        foreach ((string chain, int index) in Chains.Select((chain, index) => (chain, index)))
        {
            heir.WaitForLog($"^Removed rule .*from {chain} with expire time of {ends[Math.Min(index, 1)]}", EndDeadline);
            Assert.True(DateTimeOffset.UtcNow.ToUnixTimeSeconds() >= ends[Math.Min(index, 1)], $"too early: {chain}");
        }

        Deadline.WaitUntil(() => !estate.Rules().Contains("_exp_", StringComparison.Ordinal), EndDeadline, "a firewall without grants");
    }
}
