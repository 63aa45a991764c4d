using System.Text.RegularExpressions;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>Against the live kernel, in a namespace, through both variants of iptables.</summary>
public sealed class IptablesKernelTests
{
    private const string Nft = "iptables-nft";
    private const string Legacy = "iptables-legacy";

    private static readonly ChainSpec Chain = new("ACCEPT", "filter", "INPUT", 1, "FWKNOP_INPUT", 1);

    [RootTheory("iptables", "ip6tables")]
    [InlineData("iptables", "")]
    [InlineData("iptables-legacy", "")]
    [InlineData("iptables", "-F FWKNOP_INPUT")]
    [InlineData("iptables", "-D INPUT -j FWKNOP_INPUT")]
    public void What_is_revoked_goes_and_the_rest_stays(string program, string done)
    {
        using FirewallBench bench = Start(program);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22,udp/53", 60), Grants.Of("2001:db8::1", "tcp/22", 60), Grants.Of("10.0.0.2", "tcp/22", 60));
        if (done.Length > 0)
        {
            bench.Space.RunChecked(program, done.Split(' '));
        }

        Assert.Null(bench.Revoke(Grants.Key("10.0.0.1", "tcp/22"), Grants.Key("2001:db8::1", "tcp/22"), Grants.Key("10.0.0.9", "tcp/22")));

        Assert.Equal(["10.0.0.1 udp/53", "10.0.0.2 tcp/22"], bench.Live.Select(grant => $"{grant.Key.SourceText} {grant.Key.Ports}").Order());
        Assert.DoesNotContain("-s 10.0.0.1/32 -p tcp", bench.Rules(program), StringComparison.Ordinal);
        Assert.DoesNotContain("2001:db8::1", bench.Rules(program.Replace("ip", "ip6", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(!done.StartsWith("-F", StringComparison.Ordinal), bench.Rules(program).Contains("-s 10.0.0.2/32", StringComparison.Ordinal));
        Assert.Equal([GrantOutcome.Added], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60)));
    }

    [RootFact(Nft)]
    public void Programs_are_told_with_their_status_and_what_they_were_given()
    {
        using FirewallBench bench = Start(Nft);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        Assert.Matches("^Ran: \\S*iptables-nft .*-S \\(status 0\\)$", bench.Log.Traces[0]);
        Assert.Contains(bench.Log.Traces, trace => Regex.IsMatch(
            trace, "^Ran: \\S*iptables-nft-restore -w 10 --noflush \\(status 0\\)\n    \\*filter\n    -A FWKNOP_INPUT .*10\\.0\\.0\\.1.*\n    COMMIT$"));

        bench.Space.RunChecked(Nft, "-F", "INPUT");
        bench.Log.Clear();
        bench.Grant(Grants.Of("10.0.0.2", "tcp/22", 60));
        Assert.Contains(bench.Log.Traces, trace => trace.EndsWith("-t filter -S INPUT (status 0)", StringComparison.Ordinal));
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void Rules_have_the_form_of_fwknop_and_go_at_their_time(string program)
    {
        using FirewallBench bench = Start(program);
        Assert.Equal(
            [
                "I Added jump rule from chain: INPUT to chain: FWKNOP_INPUT",
                "I Added jump rule from chain: INPUT to chain: FWKNOP_INPUT",
                "I iptables 'comment' match is available",
            ],
            bench.Log.Lines);
        bench.Log.Clear();

        Assert.Equal(
            [GrantOutcome.Added, GrantOutcome.Added],
            bench.Grant(Grants.Of("10.0.0.1", "tcp/22,udp/53", 1), Grants.Of("2001:db8::1", "tcp/22", 1, "2001:db8::2")));
        string exp = bench.Log.Lines[0].Split(' ')[^1];
        Assert.Equal(
            [
                "-A FWKNOP_INPUT -s 10.0.0.1/32 -p tcp -m tcp --dport 22 -m comment --comment _exp_EXP -j ACCEPT",
                "-A FWKNOP_INPUT -s 10.0.0.1/32 -p udp -m udp --dport 53 -m comment --comment _exp_EXP -j ACCEPT",
            ],
            OurRules(bench, program).Select(rule => rule.Replace(exp, "EXP", StringComparison.Ordinal)));
        Assert.Equal(
            ["-A FWKNOP_INPUT -s 2001:db8::1/128 -d 2001:db8::2/128 -p tcp -m tcp --dport 22 -m comment --comment _exp_EXP -j ACCEPT"],
            OurRules(bench, SixOf(program)).Select(rule => rule.Replace(exp, "EXP", StringComparison.Ordinal)));

        bench.Log.Clear();
        bench.RunUntilAllExpired();
        Assert.Empty(OurRules(bench, program));
        Assert.Empty(OurRules(bench, SixOf(program)));
        Assert.Equal(
            [
                $"I Removed rule 1 from FWKNOP_INPUT with expire time of {exp}",
                $"I Removed rule 1 from FWKNOP_INPUT with expire time of {exp}",
                $"I Removed rule 2 from FWKNOP_INPUT with expire time of {exp}",
            ],
            bench.Log.Lines.Order());
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void A_renewal_replaces_the_rule(string program)
    {
        using FirewallBench bench = Start(program);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 30));
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 300)));
        string rule = Assert.Single(OurRules(bench, program));
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 5)));
        Assert.Equal([rule], OurRules(bench, program));
        Assert.Contains(bench.Log.Lines[^1].Split(' ')[^1], rule, StringComparison.Ordinal);
    }

    [RootFact(Nft)]
    public void Prepended_rules_come_first()
    {
        using FirewallBench bench = Start(Nft, Settings(Nft) with { Prepend = true });
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 30));
        bench.Grant(Grants.Of("10.0.0.2", "tcp/22", 30));
        Assert.Contains("10.0.0.2", OurRules(bench, Nft)[0], StringComparison.Ordinal);
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void Only_what_is_due_is_removed_also_of_other_programs(string program)
    {
        using FirewallBench bench = Start(program);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 10), Grants.Of("10.0.0.2", "tcp/22", 1000));
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Append(bench, program, "-s", "10.0.0.3", "-m", "comment", "--comment", $"_exp_{now - 100}", "-j", "ACCEPT");
        Append(bench, program, "-s", "10.0.0.4", "-m", "comment", "--comment", $"_exp_{now + 50}", "-j", "ACCEPT");
        Append(bench, program, "-s", "10.0.0.5", "-m", "comment", "--comment", "_exp_never", "-j", "ACCEPT");
        Append(bench, program, "-s", "10.0.0.1", "-p", "tcp", "--dport", "22", "-m", "comment", "--comment", $"_exp_{now + 60}", "-j", "ACCEPT");

        bench.Ahead = TimeSpan.FromSeconds(11);
        bench.Expire();
        Assert.Equal(["10.0.0.2", "10.0.0.4", "10.0.0.5", "10.0.0.1"], Sources(OurRules(bench, program)));
        Assert.NotNull(bench.NextDue);
        Assert.InRange(bench.NextDue.Value - bench.Now.Monotonic, TimeSpan.FromSeconds(35), TimeSpan.FromSeconds(40));

        bench.Ahead = TimeSpan.FromSeconds(70);
        bench.Expire();
        Assert.Equal(["10.0.0.2", "10.0.0.5"], Sources(OurRules(bench, program)));
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void A_thousand_grants_are_one_batch_and_one_expiry(string program)
    {
        using FirewallBench bench = Start(program);
        FirewallGrant[] batch = [.. Enumerable.Range(0, 1000).Select(i => Grants.Of($"10.1.{i / 250}.{(i % 250) + 1}", "tcp/22", 100))];
        Assert.All(bench.Grant(batch), outcome => Assert.Equal(GrantOutcome.Added, outcome));
        bench.Grant(Grants.Of("10.9.9.9", "tcp/22", 1000));
        Assert.Equal(1001, OurRules(bench, program).Count);

        bench.Ahead = TimeSpan.FromSeconds(100);
        bench.Expire();
        Assert.Equal(["10.9.9.9"], Sources(OurRules(bench, program)));
        Assert.Equal(1000, bench.Log.Lines.Count(line => line.Contains("with expire time of", StringComparison.Ordinal)));
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void A_start_removes_the_rules_of_an_earlier_run(string program)
    {
        using FirewallBench bench = Start(program);
        string clean = bench.Rules(program);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 30), Grants.Of("2001:db8::1", "tcp/22", 30));
        bench.Space.RunChecked(program, "-I", "INPUT", "-j", "FWKNOP_INPUT");
        bench.Restart();
        bench.Prepare();
        Assert.Equal(clean, bench.Rules(program));
        Assert.Empty(OurRules(bench, SixOf(program)));
        Assert.Null(bench.NextDue);
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft, "ACCEPT, filter, INPUT, 1, FWKNOP_INPUT, 1", true)]
    [InlineData(Legacy, "ACCEPT, filter, INPUT, 1, FWKNOP_INPUT, 1", true)]
    [InlineData(Nft, "ACCEPT, filter, FORWARD, 1, FWKNOP_INPUT, 1", true)]
    [InlineData(Nft, "ACCEPT, filter, INPUT, 1, OTHER, 1", false)]
    public void Another_back_end_takes_over_the_grants_and_the_rest_goes(string program, string chain, bool sameChain)
    {
        using FirewallBench bench = Start(program);
        string six = SixOf(program);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60), Grants.Of("2001:db8::1", "tcp/22", 60));
        ChainSpec.TryParse("IPT_INPUT_ACCESS", chain, out ChainSpec? spec, out _);

        bench.Follow(log => new IptablesFirewall(Settings(program, new ChainSettings { Input = spec! }) with { Prepend = true }, log));

        Assert.Matches($"-A {spec!.ToChain} -s 10.0.0.1/32 .*_exp_", bench.Rules(program));
        Assert.Matches($"-A {spec.ToChain} -s 2001:db8::1/128 .*_exp_", bench.Rules(six));
        Assert.Equal($"-A {spec.FromChain} -j {spec.ToChain}", Assert.Single(Jumps(bench.Rules(program))));
        Assert.Equal(sameChain, bench.Rules(program).Contains("FWKNOP_INPUT", StringComparison.Ordinal));
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 90)));
        bench.Ahead = TimeSpan.FromSeconds(100);
        bench.Expire();
        Assert.DoesNotContain("_exp_", bench.Rules(program), StringComparison.Ordinal);
        Assert.True(bench.TearDown());
        Assert.DoesNotContain(spec.ToChain, bench.Rules(program), StringComparison.Ordinal);
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void Everything_can_be_flushed_and_listed_without_a_daemon(string program)
    {
        using FirewallBench bench = Start(program);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60), Grants.Of("2001:db8::1", "tcp/22", 60));
        bench.Restart(log => new IptablesFirewall(Settings(program, new ChainSettings { FlushesAtExit = false }), log));

        string own = bench.List(all: false);
        Assert.Matches(@"\AListing rules in fwknopd iptables chains\.\.\.\n\nChain FWKNOP_INPUT \(1 references\)\nnum  target .*\n1 +ACCEPT +(6|tcp) +-- +10\.0\.0\.1 ", own);
        Assert.Contains("2001:db8::1", own, StringComparison.Ordinal);
        Assert.DoesNotContain("Chain INPUT", own, StringComparison.Ordinal);
        string all = bench.List(all: true);
        Assert.StartsWith("Listing all iptables rules in applicable tables...\n\nChain INPUT", all, StringComparison.Ordinal);

        Assert.True(bench.Flush());
        Assert.DoesNotContain("FWKNOP", bench.Rules(program), StringComparison.Ordinal);
        Assert.DoesNotContain("FWKNOP", bench.Rules(SixOf(program)), StringComparison.Ordinal);
        bench.List(all: false);
        Assert.Contains(bench.Log.Lines, line => line.StartsWith("E ", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Jumps(string rules) =>
        rules.Split('\n').Where(line => line.StartsWith("-A INPUT -j ", StringComparison.Ordinal) || line.StartsWith("-A FORWARD -j ", StringComparison.Ordinal));

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void A_start_can_keep_the_rules_of_an_earlier_run(string program)
    {
        using FirewallBench bench = Start(program);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 30), Grants.Of("10.0.0.2", "tcp/22", 300), Grants.Of("2001:db8::1", "tcp/22", 300));
        string rules = bench.Rules(program);
        bench.Ahead = TimeSpan.FromSeconds(20);
        bench.Restart(log => new IptablesFirewall(Settings(program, new ChainSettings { FlushesAtInit = false }), log));
        bench.Prepare();

        Assert.Equal(rules, bench.Rules(program));
        Assert.NotNull(bench.NextDue);
        Assert.InRange(bench.NextDue.Value - bench.Now.Monotonic, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("10.0.0.2", "tcp/22", 600)));

        bench.Ahead = TimeSpan.FromSeconds(40);
        bench.Restart();
        bench.Prepare();
        Assert.Empty(OurRules(bench, SixOf(program)));
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void Networks_and_ranges_are_rules_that_are_renewed_kept_and_removed(string program)
    {
        using FirewallBench bench = Start(program);
        bench.Grant(
            Grants.Of("10.0.0.0/24", "tcp/8000-8010,tcp/8005", 20),
            Grants.Of("10.0.0.7", "tcp/*", 60),
            Grants.Of("2001:db8::/64", "udp/*", 60, "2001:db8::2"));
        bench.Ahead = TimeSpan.FromSeconds(5);
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("10.0.0.0/24", "tcp/8000-8010", 60)));
        bench.Ahead = TimeSpan.FromSeconds(25);
        bench.Expire();
        string[] rules =
        [
            "-A FWKNOP_INPUT -s 10.0.0.7/32 -p tcp -m tcp --dport 1:65535 -m comment --comment _exp_",
            "-A FWKNOP_INPUT -s 10.0.0.0/24 -p tcp -m tcp --dport 8000:8010 -m comment --comment _exp_",
        ];
        Assert.Equal(rules, OurRules(bench, program).Select(rule => rule[..(rule.IndexOf("_exp_", StringComparison.Ordinal) + 5)]));

        bench.Restart(log => new IptablesFirewall(Settings(program, new ChainSettings { FlushesAtInit = false }), log));
        bench.Prepare();
        Assert.Contains("I Kept 2 grants of an earlier run", bench.Log.Lines);
        Assert.Contains("I Kept 1 grants of an earlier run", bench.Log.Lines);
        Assert.Equal([GrantOutcome.Extended, GrantOutcome.Extended], bench.Grant(
            Grants.Of("10.0.0.0/24", "tcp/8000-8010", 120), Grants.Of("2001:db8::/64", "udp/*", 120, "2001:db8::2")));
        Assert.Equal(2, OurRules(bench, program).Count);
        Assert.Single(OurRules(bench, SixOf(program)));

        bench.Ahead = TimeSpan.FromSeconds(200);
        bench.Expire();
        Assert.Empty(OurRules(bench, program));
        Assert.Empty(OurRules(bench, SixOf(program)));
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void What_ended_while_nobody_ran_is_removed_at_start(string program)
    {
        using FirewallBench bench = Start(program);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 30), Grants.Of("10.0.0.2", "tcp/22", 300));
        bench.Ahead = TimeSpan.FromSeconds(100);
        bench.Restart(log => new IptablesFirewall(Settings(program, new ChainSettings { FlushesAtInit = false }), log));
        bench.Prepare();
        Assert.Equal(["10.0.0.2"], Sources(OurRules(bench, program)));
        Assert.Contains(bench.Log.Lines, line => line.StartsWith("I Removed rule 1 from FWKNOP_INPUT", StringComparison.Ordinal));
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft, false)]
    [InlineData(Legacy, false)]
    [InlineData(Nft, true)]
    public void A_stop_leaves_the_policy_of_the_administrator(string program, bool failure)
    {
        using var bench = new FirewallBench(log => new IptablesFirewall(Settings(program), log));
        bench.Space.RunChecked(program, "-P", "INPUT", "DROP");
        bench.Space.RunChecked(program, "-A", "INPUT", "-p", "tcp", "--dport", "80", "-j", "ACCEPT");
        string before = bench.Rules(program);
        bench.Prepare();
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 30));
        bench.Space.RunChecked(program, "-I", "INPUT", "-j", "FWKNOP_INPUT");

        Assert.True(failure ? bench.Abandon() : bench.TearDown());
        Assert.Equal(before, bench.Rules(program));
        Assert.DoesNotContain("FWKNOP", bench.Rules(SixOf(program)), StringComparison.Ordinal);
        Assert.True(bench.TearDown());
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void A_chain_in_use_by_another_rule_is_emptied_at_least(string program)
    {
        using FirewallBench bench = Start(program);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 30));
        bench.Space.RunChecked(program, "-A", "INPUT", "-i", "lo", "-j", "FWKNOP_INPUT");
        Assert.False(bench.TearDown());
        Assert.Empty(OurRules(bench, program));
        Assert.StartsWith("E Could not remove the chain", bench.Log.Lines[^1], StringComparison.Ordinal);
    }

    [RootFact(Nft)]
    public void Without_flush_at_exit_the_rules_stay()
    {
        using FirewallBench bench = Start(Nft, Settings(Nft, new ChainSettings { FlushesAtExit = false }));
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 30));
        string before = bench.Rules(Nft);
        Assert.True(bench.TearDown());
        Assert.Equal(before, bench.Rules(Nft));
    }

    [RootTheory(Nft, Legacy)]
    [InlineData("the jump is gone", Nft, "-D INPUT -j FWKNOP_INPUT")]
    [InlineData("the jump is gone", Legacy, "-D INPUT -j FWKNOP_INPUT")]
    [InlineData("all rules are gone", Nft, "-F")]
    [InlineData("all rules are gone", Legacy, "-F")]
    [InlineData("all rules and chains are gone", Nft, "-F;-X")]
    [InlineData("all rules and chains are gone", Legacy, "-F;-X")]
    public void Chain_and_jump_heal_at_the_next_grant(string why, string program, string commands)
    {
        Assert.NotEmpty(why);
        using FirewallBench bench = Start(program);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 30));
        foreach (string command in commands.Split(';'))
        {
            bench.Space.RunChecked(program, command.Split(' '));
        }

        bench.Log.Clear();
        Assert.Equal([GrantOutcome.Added], bench.Grant(Grants.Of("10.0.0.2", "tcp/22", 30)));
        Assert.StartsWith("W Another program has removed", bench.Log.Lines[0], StringComparison.Ordinal);
        Assert.Equal("I Added jump rule from chain: INPUT to chain: FWKNOP_INPUT", bench.Log.Lines[1]);
        Assert.Equal(["10.0.0.1", "10.0.0.2"], Sources(OurRules(bench, program)).Order());
        Assert.Contains("-A INPUT -j FWKNOP_INPUT", bench.Rules(program), StringComparison.Ordinal);
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void A_rule_deleted_by_hand_does_not_hinder_its_renewal_and_stays_away_otherwise(string program)
    {
        using FirewallBench bench = Start(program);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 30), Grants.Of("10.0.0.2", "tcp/22", 30));
        bench.Space.RunChecked(program, "-F", "FWKNOP_INPUT");
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 300)));
        Assert.Equal(["10.0.0.1"], Sources(OurRules(bench, program)));

        bench.Ahead = TimeSpan.FromSeconds(1000);
        bench.Log.Clear();
        bench.Expire();
        Assert.Empty(OurRules(bench, program));
        Assert.DoesNotContain(bench.Log.Lines, line => line[0] == 'E');
        Assert.Null(bench.NextDue);
    }

    [RootFact(Nft)]
    public void A_jump_position_that_does_not_exist_is_an_error_at_start()
    {
        using var bench = new FirewallBench(
            log => new IptablesFirewall(Settings(Nft, new ChainSettings { Input = Chain with { JumpPosition = 5 } }), log));
        string before = bench.Rules(Nft);
        FirewallException failure = Assert.Throws<FirewallException>(bench.Prepare);
        Assert.Contains("Index of insertion too big", failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, bench.Rules(Nft));
    }

    [RootFact(Nft)]
    public void A_firewall_program_that_is_missing_is_an_error_at_start()
    {
        using var bench = new FirewallBench(
            log => new IptablesFirewall(Settings(Nft) with { Programs = IptablesPrograms.Find("/nonexistent/iptables") }, log));
        FirewallException failure = Assert.Throws<FirewallException>(bench.Prepare);
        Assert.Contains("/nonexistent/iptables cannot be run", failure.Message, StringComparison.Ordinal);
    }

    [RootFact(Nft)]
    public void Without_ip6tables_there_is_a_warning_and_IPv4_works()
    {
        using var programs = new FakeIptables(Nft);
        programs.Remove("ip6tables");
        using FirewallBench bench = Start(Nft, Settings(Nft) with { Programs = IptablesPrograms.Find(programs.Executable) });
        Assert.Single(bench.Log.Lines, line => line.StartsWith("W ip6tables cannot be used", StringComparison.Ordinal));
        Assert.Equal(
            [GrantOutcome.Added, GrantOutcome.Failed],
            bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 30), Grants.Of("2001:db8::1", "tcp/22", 30)));
        Assert.True(bench.TearDown());
    }

    [RootFact(Nft)]
    public void A_grant_that_fails_is_an_error_and_no_claim_of_success()
    {
        using var programs = new FakeIptables(Nft);
        using FirewallBench bench = Start(Nft, Settings(Nft) with { Programs = IptablesPrograms.Find(programs.Executable) });
        bench.Log.Clear();
        programs.Fail("iptables-restore", "out of memory");

        Assert.Equal(
            [GrantOutcome.Failed, GrantOutcome.Added],
            bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 30), Grants.Of("2001:db8::1", "tcp/22", 30)));
        Assert.Contains(
            "E Could not add access rule to FWKNOP_INPUT for 10.0.0.1 -> 0.0.0.0/0 tcp/22: out of memory", bench.Log.Lines);
        Assert.DoesNotContain(
            bench.Log.Lines, line => line.StartsWith("I Added access rule to FWKNOP_INPUT for 10.0.0.1", StringComparison.Ordinal));
        Assert.Empty(OurRules(bench, Nft));

        programs.Restore("iptables-restore");
        Assert.Equal([GrantOutcome.Added], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 30)));
    }

    [RootTheory(Nft)]
    [InlineData(true)]
    [InlineData(false)]
    public void A_start_that_fails_shuts_what_an_earlier_run_left_in_both_families(bool flush)
    {
        using var programs = new FakeIptables(Nft);
        IptablesSettings settings = Settings(Nft, new ChainSettings { FlushesAtInit = flush }) with { Programs = IptablesPrograms.Find(programs.Executable) };
        using FirewallBench bench = Start(Nft, settings);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 30), Grants.Of("2001:db8::1", "tcp/22", 30));
        bench.Restart();
        programs.FailOn("iptables-restore", "__TMPCOMMENT__", "no such match");
        Assert.Throws<FirewallException>(bench.Prepare);
        Assert.DoesNotContain("FWKNOP", bench.Rules(Nft), StringComparison.Ordinal);
        Assert.DoesNotContain("FWKNOP", bench.Rules(SixOf(Nft)), StringComparison.Ordinal);
        Assert.Empty(bench.Live);
    }

    [RootFact(Nft)]
    public void A_removal_that_fails_is_tried_again_until_it_is_done()
    {
        using var programs = new FakeIptables(Nft);
        using FirewallBench bench = Start(Nft, Settings(Nft) with { Programs = IptablesPrograms.Find(programs.Executable) });
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 10));
        programs.Fail("iptables-restore", "busy");
        for (int second = 10; second < 60; second++)
        {
            bench.Ahead = TimeSpan.FromSeconds(second);
            if (bench.NextDue <= bench.Now.Monotonic)
            {
                bench.Expire();
            }
        }

        int errors = bench.Log.Lines.Count(line => line.StartsWith("E Could not remove expired rules", StringComparison.Ordinal));
        Assert.InRange(errors, 4, 7);
        Assert.Single(OurRules(bench, Nft));

        programs.Restore("iptables-restore");
        bench.Ahead = TimeSpan.FromSeconds(100);
        bench.Expire();
        Assert.Empty(OurRules(bench, Nft));
        Assert.Null(bench.NextDue);
    }

    [RootFact(Nft)]
    public void A_stop_that_fails_says_so()
    {
        using var programs = new FakeIptables(Nft);
        using FirewallBench bench = Start(Nft, Settings(Nft) with { Programs = IptablesPrograms.Find(programs.Executable) });
        programs.Fail("iptables-restore", "busy");
        Assert.False(bench.TearDown());
        Assert.Equal("E Could not remove the chain FWKNOP_INPUT: busy", bench.Log.Lines[^1]);
    }

    [RootFact(Nft)]
    public void A_chain_that_cannot_be_listed_is_emptied_at_the_stop()
    {
        using var programs = new FakeIptables(Nft);
        using FirewallBench bench = Start(Nft, Settings(Nft) with { Programs = IptablesPrograms.Find(programs.Executable) });
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 10));
        Assert.Single(OurRules(bench, Nft));
        programs.Fail("iptables", "too much");
        Assert.False(bench.TearDown());
        Assert.Empty(OurRules(bench, Nft));
        Assert.Equal("E Could not remove the chain FWKNOP_INPUT: too much; it has been emptied", bench.Log.Lines[^1]);
    }

    [RootFact(Nft)]
    public void A_missing_comment_match_ends_the_start_and_leaves_nothing()
    {
        using var programs = new FakeIptables(Nft);
        programs.FailOn("iptables-restore", "comment", "Couldn't load match comment");
        using var bench = new FirewallBench(
            log => new IptablesFirewall(Settings(Nft) with { Programs = IptablesPrograms.Find(programs.Executable) }, log));
        FirewallException failure = Assert.Throws<FirewallException>(bench.Prepare);
        Assert.Contains("Warning: Could not use the 'comment' match", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("FWKNOP", bench.Rules(Nft), StringComparison.Ordinal);
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft, false)]
    [InlineData(Legacy, false)]
    [InlineData(Nft, true)]
    public void Many_rules_that_end_together_go_and_all_others_stay_as_they_are(string program, bool hasForeignRule)
    {
        using FakeIptables programs = new(program);
        using FirewallBench bench = Start(program, Settings(program) with { Programs = IptablesPrograms.Find(programs.Executable) });
        if (hasForeignRule)
        {
            Append(bench, program, "-s", "192.0.2.1", "-m", "comment", "--comment", "a \"quoted\" one", "-j", "DROP");
        }

        bench.Grant([.. Hosts(1, 1200).Select(host => Grants.Of(host, "tcp/22", 600))]);
        string kept = bench.Rules(program);
        bench.Grant([.. Hosts(2, 150).Select(host => Grants.Of(host, "tcp/22", 5))]);
        Assert.Equal(hasForeignRule ? 1351 : 1350, OurRules(bench, program).Count);
        programs.Record("iptables-restore");

        bench.Ahead = TimeSpan.FromSeconds(6);
        bench.Expire();

        Assert.Equal(kept, bench.Rules(program));
        Assert.DoesNotContain(bench.Log.Lines, line => line[0] is 'E' or 'W');

        // With a rule that is not ours each is deleted by itself: what a listing says of it may not be all.
        Assert.Equal(!hasForeignRule, programs.TakeRecorded().Contains(":FWKNOP_INPUT - [0:0]"));

        static IEnumerable<string> Hosts(int second, int count) => Enumerable.Range(0, count).Select(number => $"10.{second}.{number / 250}.{(number % 250) + 1}");
    }

    [RootFact(Nft, "nft")]
    public void Grants_end_also_while_another_program_has_made_the_table_unreadable_for_iptables()
    {
        using FirewallBench bench = Start(Nft);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 5), Grants.Of("10.0.0.2", "tcp/22", 600), Grants.Of("10.0.0.3", "tcp/22", 600));
        bench.Nft("add rule ip filter INPUT numgen random mod 2 0 counter");
        Assert.NotEqual(0, bench.Space.Run(Nft, "-S").ExitCode);
        bench.Log.Clear();

        bench.Ahead = TimeSpan.FromSeconds(6);
        bench.Expire();
        Assert.Null(bench.Revoke(Grants.Key("10.0.0.3", "tcp/22")));

        Assert.StartsWith("W The rules in FWKNOP_INPUT could not be removed one by one: made anew with what is open: ", bench.Log.Lines[0], StringComparison.Ordinal);
        Assert.Matches("^I Removed rule for 10\\.0\\.0\\.1 -> 0\\.0\\.0\\.0/0 tcp/22 from FWKNOP_INPUT with expire time of [0-9]+$", bench.Log.Lines[1]);
        string rules = bench.Nft("list", "chain", "ip", "filter", "FWKNOP_INPUT");
        Assert.Contains("10.0.0.2", rules, StringComparison.Ordinal);
        Assert.DoesNotContain("10.0.0.1", rules, StringComparison.Ordinal);
        Assert.DoesNotContain("10.0.0.3", rules, StringComparison.Ordinal);
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void What_stands_in_a_comment_is_no_rule(string program)
    {
        using FirewallBench bench = Start(program);
        bench.Space.RunChecked(
            program, "-A", "INPUT", "-m", "comment", "--comment", "x\n-N FWKNOP_INPUT\n-A INPUT -j FWKNOP_INPUT\n-A FWKNOP_INPUT -s 6.6.6.6/32 -p tcp -m tcp --dport 22 -m comment --comment _exp_1 -j ACCEPT\ny");
        bench.Space.RunChecked(program, "-D", "INPUT", "-j", "FWKNOP_INPUT");
        bench.Log.Clear();

        Assert.Equal([GrantOutcome.Added], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 5)));
        Assert.StartsWith("W Another program has removed the chain FWKNOP_INPUT or the jump to it", bench.Log.Lines[0], StringComparison.Ordinal);
        bench.Ahead = TimeSpan.FromSeconds(6);
        bench.Expire();

        Assert.DoesNotContain(bench.Log.Lines, line => line.Contains("expire time of 1", StringComparison.Ordinal) && line.EndsWith(" 1", StringComparison.Ordinal));
        Assert.DoesNotContain(bench.Log.Lines, line => line[0] == 'E');
        Assert.DoesNotContain(OurRules(bench, program), rule => !rule.Contains("6.6.6.6", StringComparison.Ordinal));
    }

    [RootFact(Legacy, "flock")]
    public async Task A_grant_waits_for_another_program_that_holds_the_lock()
    {
        using FakeIptables programs = new(Legacy);
        using FirewallBench bench = Start(Legacy, Settings(Legacy) with { Programs = IptablesPrograms.Find(programs.Executable) });
        (string file, string started) = programs.LockApart("iptables-restore");
        using RunningProcess holder = RunningProcess.Start(new ProcessCommand("flock", "-F", file, "sh", "-c", "echo held; exec sleep 600"));
        holder.WaitForLine("held");

        Task<IReadOnlyList<GrantOutcome>> granting = Task.Run(() => bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60)));
        Deadline.WaitUntil(() => File.Exists(started), TimeSpan.FromSeconds(20), "iptables-restore to begin");
        Assert.Empty(OurRules(bench, Legacy));
        holder.Send(Signal.Terminate);

        Assert.Equal([GrantOutcome.Added], await granting);
        Assert.Single(OurRules(bench, Legacy));
    }

    [RootTheory("iptables")]
    [InlineData("iptables v1.4.7: Unknown arg -w", 2, "iptables-restore: invalid option -- w", 1)]
    [InlineData("iptables v1.4.14: unknown option -w", 2, "Unknown arguments found on commandline", 1)]
    public void Programs_that_know_neither_the_lock_nor_how_to_check_for_a_rule_are_enough(string listError, int listStatus, string restoreError, int restoreStatus)
    {
        using FakeIptables programs = new(Nft);
        foreach (string family in (string[])["iptables", "ip6tables"])
        {
            programs.Refuse(family, "-w|-C", listError, listStatus);
            programs.Refuse($"{family}-restore", "-w", restoreError, restoreStatus);
        }

        using FirewallBench bench = Start(Nft, Settings(Nft) with { Programs = IptablesPrograms.Find(programs.Executable) });
        Assert.Equal([GrantOutcome.Added], bench.Grant(Grants.Of("10.1.1.1", "tcp/22", 60)));
        Assert.Single(OurRules(bench, Nft));
        Assert.True(bench.TearDown());
        Assert.Empty(OurRules(bench, Nft));
    }

    private static FirewallBench Start(string program, IptablesSettings? settings = null)
    {
        var bench = new FirewallBench(log => new IptablesFirewall(settings ?? Settings(program), log));
        bench.Prepare();
        return bench;
    }

    private static IptablesSettings Settings(string program, ChainSettings? chains = null) => new()
    {
        Programs = IptablesPrograms.Find(Requirement.FindProgram(program)!),
        Chains = chains ?? new ChainSettings(),
    };

    private static IReadOnlyList<string> OurRules(FirewallBench bench, string program) =>
        [.. bench.Rules(program).Split('\n').Where(line => line.StartsWith("-A FWKNOP_INPUT ", StringComparison.Ordinal))];

    private static IEnumerable<string> Sources(IEnumerable<string> rules) => rules.Select(rule => rule.Split(' ')[3].Split('/')[0]);

    private static void Append(FirewallBench bench, string program, params string[] rule) =>
        bench.Space.RunChecked(program, ["-A", "FWKNOP_INPUT", .. rule]);

    private static string SixOf(string program) => program.Replace("iptables", "ip6tables", StringComparison.Ordinal);
}
