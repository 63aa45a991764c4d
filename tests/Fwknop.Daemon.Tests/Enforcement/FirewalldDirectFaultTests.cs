using System.Net;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Firewalld;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Grants;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>Direct rules by a stand-in for firewall-cmd: what does not depend on firewalld itself, and what fails.</summary>
public sealed class FirewalldDirectFaultTests : IDisposable
{
    private static readonly ChainSettings All = new() { HasOutput = true, Forwards = true, ForwardsLocally = true, TranslatesSource = true };

    private static readonly SourceTranslation Gateway = new(IPAddress.Parse("192.0.2.1"));

    private readonly FakeFirewallCmd _firewalld = new();

    public void Dispose() => _firewalld.Dispose();

    [RootFact("iptables", "ip6tables")]
    public void Chains_are_listed_in_the_words_of_iptables_and_removed()
    {
        using FirewallBench bench = Start();
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        string own = bench.List(all: false);
        Assert.StartsWith("Listing rules in fwknopd firewalld chains...\n\nChain FWKNOP_INPUT (1 references)\n", own, StringComparison.Ordinal);
        Assert.DoesNotContain("success", own, StringComparison.Ordinal);
        Assert.StartsWith("Listing all firewalld rules in applicable tables...\n\nChain INPUT (policy ACCEPT)\n", bench.List(all: true), StringComparison.Ordinal);
        Assert.True(bench.TearDown());
        Assert.Equal("-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT", bench.Rules());
        Assert.True(bench.Flush());
    }

    [RootFact("iptables", "ip6tables")]
    public void A_renewed_rule_goes_when_the_next_is_there()
    {
        using FirewallBench bench = Start();
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        int before = bench.Log.Traces.Count;
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 90)));
        Assert.Single(OurRules(bench));
        Assert.Equal(["-A", "-D", "-S"], bench.Log.Traces.Skip(before).Select(trace => trace.Split(' ')[7]));
    }

    [RootFact("iptables", "ip6tables")]
    public void Each_kind_of_forwarding_has_its_rules()
    {
        using FirewallBench bench = Start(All);
        bench.Log.Clear();
        Translation inner = new(NatKind.Forward, IPAddress.Parse("192.168.1.10"), 22);
        bench.Grant(
            Nat("10.0.0.1", "tcp/8022", inner with { Source = Gateway }),
            Nat("10.0.0.2", "tcp/8022", new(NatKind.Local, null, 2222)),
            Nat("10.0.0.3", "tcp/1", inner with { IsForAll = true, Port = 0, Source = new SourceTranslation(null) }));
        string exp = bench.Log.Lines[0].Split(' ')[^1];
        Assert.Equal(
            [
                "-A FWKNOP_FORWARD -s 10.0.0.1/32 -p tcp -m tcp --dport 22 -m comment --comment _exp_EXP -j ACCEPT",
                "-A FWKNOP_FORWARD -s 10.0.0.3/32 -m comment --comment _exp_EXP -j ACCEPT",
                "-A FWKNOP_INPUT -s 10.0.0.2/32 -p tcp -m tcp --dport 2222 -m comment --comment _exp_EXP -j ACCEPT",
                "-A FWKNOP_MASQUERADE -s 10.0.0.3/32 -m comment --comment _exp_EXP -j MASQUERADE",
                "-A FWKNOP_POSTROUTING -d 192.168.1.10/32 -p tcp -m tcp --dport 22 -m comment --comment _exp_EXP -j SNAT --to-source 192.0.2.1",
                "-A FWKNOP_PREROUTING -s 10.0.0.1/32 -p tcp -m tcp --dport 8022 -m comment --comment _exp_EXP -j DNAT --to-destination 192.168.1.10:22",
                "-A FWKNOP_PREROUTING -s 10.0.0.2/32 -p tcp -m tcp --dport 8022 -m comment --comment _exp_EXP -j REDIRECT --to-ports 2222",
                "-A FWKNOP_PREROUTING -s 10.0.0.3/32 -m comment --comment _exp_EXP -j DNAT --to-destination 192.168.1.10",
            ],
            OurRules(bench).Select(rule => rule.Replace(exp, "EXP", StringComparison.Ordinal)).Order());
        Assert.True(bench.TearDown());
        Assert.DoesNotContain("FWKNOP", Saved(bench, "iptables") + Saved(bench, "ip6tables"), StringComparison.Ordinal);
    }

    [RootFact("iptables", "ip6tables")]
    public void After_a_crash_rules_are_adopted_and_foreign_ones_stay()
    {
        using FirewallBench bench = Start(new ChainSettings { FlushesAtInit = false, FlushesAtExit = false });
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60), Grants.Of("10.0.0.2", "tcp/22", 60));
        bench.Space.RunChecked("iptables", "-A", "FWKNOP_INPUT", "-s", "10.9.9.9", "-m", "comment", "--comment", "a \"b\" _exp_1", "-j", "ACCEPT");
        bench.Restart();
        bench.Prepare();
        Assert.Equal(2, bench.Live.Count);
        Assert.Contains("I Kept 2 grants of an earlier run", bench.Log.Lines);
        bench.Ahead = TimeSpan.FromSeconds(61);
        bench.Expire();
        Assert.Equal(["""-A FWKNOP_INPUT -s 10.9.9.9/32 -m comment --comment "a \"b\" _exp_1" -j ACCEPT"""], OurRules(bench));
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        bench.Log.Clear();
        Assert.True(bench.TearDown());
        Assert.Equal(["W FLUSH_FIREWD_AT_EXIT N: 1 rules stay in FWKNOP_INPUT until fwknopd runs again"], bench.Log.Lines);
    }

    public static TheoryData<string> Steps() => ["-A FWKNOP_PREROUTING", "-A FWKNOP_POSTROUTING", "-A FWKNOP_FORWARD", "-D FWKNOP_FORWARD", "-S FORWARD"];

    [RootTheory("iptables", "ip6tables")]
    [MemberData(nameof(Steps))]
    public void What_fails_at_one_step_is_undone(string step)
    {
        using FirewallBench bench = Start(All);
        Translation inner = new(NatKind.Forward, IPAddress.Parse("192.168.1.10"), 22, Source: Gateway);
        bench.Grant(Nat("10.0.0.1", "tcp/8022", inner));
        IReadOnlyList<string> before = OurRules(bench);
        _firewalld.FailOn($"\"{step}\"", "it does not work");
        bench.Log.Clear();
        Assert.Equal(
            [GrantOutcome.Failed, GrantOutcome.Failed],
            bench.Grant(new(Grants.Network("10.0.0.1"), null, [Grants.Range("tcp/8022")], TimeSpan.FromSeconds(90), inner), Nat("10.0.0.2", "tcp/8022", inner)));
        Assert.Matches(": (it does not work|the jump to .* was removed again by another program)$", bench.Log.Lines.Last(line => line.StartsWith('E')));
        _firewalld.Restore();
        bench.Ahead = TimeSpan.FromSeconds(2);
        bench.Expire();
        Assert.Equal(before.Order(), OurRules(bench).Order());
    }

    [RootTheory("iptables", "ip6tables")]
    [InlineData("-D FWKNOP_PREROUTING")]
    [InlineData("-D FWKNOP_POSTROUTING")]
    [InlineData("-D FWKNOP_FORWARD")]
    public void An_end_that_fails_at_one_step_is_tried_again_until_nothing_is_left(string step)
    {
        using FirewallBench bench = Start(All);
        Translation inner = new(NatKind.Forward, IPAddress.Parse("192.168.1.10"), 22, Source: Gateway);
        bench.Grant(Nat("10.0.0.1", "tcp/8022", inner));
        Assert.Equal(3, OurRules(bench).Count);
        _firewalld.FailOn($"\"{step}\"", "it does not work");
        bench.Log.Clear();
        foreach (int second in (int[])[61, 63])
        {
            bench.Ahead = TimeSpan.FromSeconds(second);
            bench.Expire();
            Assert.EndsWith(", trying again: it does not work", Assert.Single(bench.Log.Lines, line => line.StartsWith('E')), StringComparison.Ordinal);
            Assert.Single(bench.Live);
            Assert.Contains(OurRules(bench), rule => rule.StartsWith(step.Replace("-D", "-A", StringComparison.Ordinal), StringComparison.Ordinal));
            Assert.InRange(bench.NextDue!.Value - bench.Now.Monotonic, TimeSpan.Zero, TimeSpan.FromSeconds(2));
            bench.Log.Clear();
        }

        _firewalld.Restore();
        bench.Ahead = TimeSpan.FromSeconds(70);
        bench.Expire();
        Assert.Empty(OurRules(bench));
        Assert.Empty(bench.Live);
        Assert.Null(bench.NextDue);
    }

    [RootFact("iptables", "ip6tables")]
    public void A_program_that_hangs_opens_nothing_and_what_is_due_is_tried_again()
    {
        using FirewallBench bench = Start(new ChainSettings());
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        _firewalld.HangOn("--direct");
        bench.Log.Clear();
        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grants.Of("10.0.0.2", "tcp/22", 60)));
        Assert.EndsWith("did not finish within 5 s, or printed too much", Assert.Single(bench.Log.Lines), StringComparison.Ordinal);
        _firewalld.FailOn("-D", "no removal");
        bench.Ahead = TimeSpan.FromSeconds(61);
        bench.Log.Clear();
        bench.Expire();
        Assert.Equal(["E Could not remove expired rules from FWKNOP_INPUT, trying again: no removal"], bench.Log.Lines);
        Assert.Single(OurRules(bench));
        _firewalld.Restore();
        bench.Ahead = TimeSpan.FromSeconds(63);
        bench.Expire();
        Assert.Empty(OurRules(bench));
    }

    private static FirewallGrant Nat(string source, string ports, Translation translation) =>
        new(Grants.Network(source), null, [Grants.Range(ports)], TimeSpan.FromSeconds(60), translation);

    private static IReadOnlyList<string> OurRules(FirewallBench bench) =>
        [.. Saved(bench, "iptables").Split('\n').Where(line => line.StartsWith("-A FWKNOP_", StringComparison.Ordinal))];

    private static string Saved(FirewallBench bench, string program) => $"{bench.Rules(program)}\n{bench.Space.RunChecked(program, "-t", "nat", "-S").Output}";

    private FirewallBench Start(ChainSettings? chains = null)
    {
        IptablesSettings settings = new()
        {
            Programs = DirectRules.Of(_firewalld.Executable, TimeSpan.FromSeconds(5)),
            Chains = chains ?? new ChainSettings(),
        };
        FirewallBench bench = new(log => new IptablesFirewall(settings, log));
        bench.Prepare();
        return bench;
    }
}
