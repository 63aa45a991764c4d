using System.Text.RegularExpressions;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Nftables;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>Against the live kernel, in a namespace.</summary>
public sealed class NftablesKernelTests
{
    private const string AdminRules =
        """
        table inet filter {
            set blocked { type ipv4_addr; elements = { 192.0.2.1 }; }
            chain input {
                type filter hook input priority 0; policy drop;
                ct state established,related accept
                ip saddr @blocked drop comment "jump FWKNOP_INPUT"
            }
            chain other { type filter hook input priority 5; policy accept; }
        }
        table ip legacy {
            chain input { type filter hook input priority 1; policy accept; }
        }
        """;

    private static readonly NftablesSettings Guard = new() { GuardPorts = [Grants.Range("tcp/22"), Grants.Range("udp/53")] };

    [RootFact("nft")]
    public void Guard_grants_are_elements_that_time_out()
    {
        using FirewallBench bench = Start(Guard);
        Assert.Equal(
            [GrantOutcome.Added, GrantOutcome.Added, GrantOutcome.Added],
            bench.Grant(
                Grants.Of("10.0.0.1", "tcp/22,udp/53", 1.5),
                Grants.Of("2001:db8::1", "tcp/22", 1.5),
                Grants.Of("2001:db8::1", "tcp/22", 1.5, "2001:db8::2")));

        string rules = bench.Nft("list", "ruleset");
        Assert.Contains("10.0.0.1 . tcp . 22 timeout 1s500ms", rules, StringComparison.Ordinal);
        Assert.Contains("10.0.0.1 . udp . 53 timeout 1s500ms", rules, StringComparison.Ordinal);
        Assert.Contains("2001:db8::1 . tcp . 22 timeout 1s500ms", rules, StringComparison.Ordinal);
        Assert.Contains("2001:db8::1 . 2001:db8::2 . tcp . 22 timeout 1s500ms", rules, StringComparison.Ordinal);

        bench.RunUntilAllExpired();
        WaitForNoElements(bench);
        Assert.Equal(4, bench.Log.Lines.Count(line => line.Contains("with expire time of", StringComparison.Ordinal)));
        Assert.Null(bench.NextDue);
    }

    [RootTheory("nft")]
    [InlineData(false, "")]
    [InlineData(true, "")]
    [InlineData(false, "delete table inet fwknop")]
    [InlineData(false, "flush chain inet fwknop FWKNOP_INPUT")]
    [InlineData(false, "flush set inet fwknop grants4")]
    [InlineData(true, "flush chain inet filter FWKNOP_INPUT")]
    public void What_is_revoked_goes_and_the_rest_stays_whatever_others_have_done(bool insert, string done)
    {
        using FirewallBench bench = insert ? Start(InsertSettings("inet filter input"), AdminRules) : Start(Guard);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22,udp/53", 60), Grants.Of("2001:db8::1", "tcp/22", 60, "2001:db8::2"), Grants.Of("10.0.0.2", "tcp/22", 60));
        if (done.Length > 0)
        {
            bench.Nft(done);
        }

        Assert.Null(bench.Revoke(
            Grants.Key("10.0.0.1", "tcp/22"), Grants.Key("2001:db8::1", "tcp/22", "2001:db8::2"), Grants.Key("10.0.0.9", "tcp/22")));

        Assert.Equal(
            ["10.0.0.1 udp/53", "10.0.0.2 tcp/22"], bench.Live.Select(grant => $"{grant.Key.SourceText} {grant.Key.Ports}").Order());
        string rules = bench.Nft("list", "ruleset");
        Assert.DoesNotContain("10.0.0.1 . tcp", rules, StringComparison.Ordinal);
        Assert.DoesNotContain("10.0.0.9", rules, StringComparison.Ordinal);
        Assert.DoesNotContain("2001:db8::1", rules, StringComparison.Ordinal);
        Assert.Equal(done != "flush set inet fwknop grants4", rules.Contains("10.0.0.2 . tcp . 22", StringComparison.Ordinal));
        Assert.Equal([GrantOutcome.Added], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60)));
    }

    [RootTheory("nft")]
    [InlineData("other ports", "tcp/443", null)]
    [InlineData("from guard to insert", null, "inet filter input")]
    public void Another_back_end_takes_over_the_grants_and_the_rest_goes(string what, string? guarded, string? hook)
    {
        Assert.NotEmpty(what);
        using FirewallBench bench = Start(Guard, AdminRules);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60), Grants.Of("2001:db8::1", "tcp/22", 60));

        bench.Follow(log => new NftablesFirewall(
            new NftablesSettings { GuardPorts = guarded is null ? [] : [Grants.Range(guarded)], InsertAt = hook is null ? [] : Hooks(hook) }, log));

        string rules = bench.Nft("list", "ruleset");
        Assert.Matches("10.0.0.1 . tcp . 22 timeout (1m|59s)", rules);
        Assert.Matches("2001:db8::1 . tcp . 22 timeout (1m|59s)", rules);
        Assert.Equal(guarded is not null, rules.Contains("table inet fwknop {", StringComparison.Ordinal));
        Assert.DoesNotContain("udp . 53", rules, StringComparison.Ordinal);
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 90)));
        Assert.True(bench.TearDown());
        Assert.DoesNotContain("fwknop", bench.Nft("list", "ruleset"), StringComparison.Ordinal);
    }

    [RootFact("nft")]
    public void A_chain_that_is_not_inserted_at_any_more_loses_its_jump_alone()
    {
        using FirewallBench bench = Start(new NftablesSettings { InsertAt = Hooks("inet filter input, inet filter other, ip legacy input") }, AdminRules);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));

        bench.Follow(log => new NftablesFirewall(new NftablesSettings { InsertAt = Hooks("inet filter input") }, log));

        string rules = bench.Nft("list", "ruleset");
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(rules, "jump FWKNOP_INPUT comment \"fwknopd\""));
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(rules, "10.0.0.1 . tcp . 22 timeout"));
        Assert.DoesNotContain("fwknop", bench.Nft("list", "table", "ip", "legacy"), StringComparison.OrdinalIgnoreCase);
    }

    [RootFact("nft")]
    public void Everything_can_be_flushed_and_listed_without_a_daemon()
    {
        using FirewallBench bench = Start(Guard with { FlushAtExit = false });
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        Assert.True(bench.TearDown());
        bench.Restart();

        string own = bench.List(all: false);
        Assert.StartsWith("Listing rules in fwknopd nftables chains...\n\n", own, StringComparison.Ordinal);
        Assert.Contains("10.0.0.1 . tcp . 22 timeout 1m", own, StringComparison.Ordinal);
        Assert.Contains("@grants4 accept", own, StringComparison.Ordinal);
        string all = bench.List(all: true);
        Assert.StartsWith("Listing all nftables rules in applicable tables...\n\ntable inet fwknop {", all, StringComparison.Ordinal);

        Assert.True(bench.Flush());
        Assert.Equal("", bench.Nft("list", "ruleset"));
        Assert.Contains("there is none", bench.List(all: true), StringComparison.Ordinal);
        Assert.True(bench.Flush());
    }

    [RootFact("nft")]
    public void Grants_end_when_the_daemon_is_gone()
    {
        using FirewallBench bench = Start(Guard);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 1));
        bench.Restart();

        WaitForNoElements(bench);
        Assert.Contains("drop", bench.Nft("list", "chain", "inet", "fwknop", "FWKNOP_INPUT"), StringComparison.Ordinal);
    }

    [RootFact("nft")]
    public void A_renewal_extends_the_element_and_a_shorter_one_does_nothing()
    {
        using FirewallBench bench = Start(Guard);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 30));
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 300)));
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 5)));

        string set = bench.Nft("list", "set", "inet", "fwknop", "grants4");
        Assert.Contains("timeout 5m", set, StringComparison.Ordinal);
        Assert.Single(Elements(set));
    }

    [RootTheory("nft")]
    [InlineData(null)]
    [InlineData("inet filter input")]
    public void Grants_of_any_shape_may_overlap(string? hook)
    {
        using FirewallBench bench = hook is null ? Start(Guard) : Start(InsertSettings(hook), AdminRules);
        string before = bench.Nft("list", "ruleset");
        (string Source, string Ports)[] overlapping =
        [
            ("10.0.0.0/8", "tcp/22"), ("10.0.0.0/24", "tcp/22"), ("10.0.0.128/25", "tcp/22"), ("10.0.0.1", "tcp/22"),
            ("10.0.0.0/24", "tcp/20-30"), ("10.0.0.0/24", "tcp/25-40"), ("10.0.0.0/24", "tcp/22-23"), ("10.0.0.0/24", "udp/20-30"),
            ("10.0.0.1", "tcp/*"), ("2001:db8::/32", "tcp/22"), ("2001:db8::/64", "tcp/22"), ("2001:db8::/64", "tcp/1-2"),
        ];
        foreach ((string source, string ports) in overlapping)
        {
            Assert.Equal([GrantOutcome.Added], bench.Grant(Grants.Of(source, ports, 60)));
        }

        // Renewed in the other order, as one batch.
        Assert.All(
            bench.Grant([.. overlapping.Reverse().Select(grant => Grants.Of(grant.Source, grant.Ports, 600))]),
            outcome => Assert.Equal(GrantOutcome.Extended, outcome));
        List<(GrantKey Key, TimeSpan Remaining)> elements = Elements(bench.Nft("list", "ruleset"));
        Assert.Equal(
            overlapping.Select(grant => Grants.Key(grant.Source, grant.Ports)).ToHashSet(), elements.Select(element => element.Key).ToHashSet());
        Assert.All(elements, element => Assert.InRange(element.Remaining, TimeSpan.FromSeconds(500), TimeSpan.FromSeconds(600)));
        Assert.Contains("grants4_net24_tcp_20_30", bench.List(all: false), StringComparison.Ordinal);
        Assert.DoesNotContain(bench.Log.Lines, line => line[0] is 'W' or 'E');

        bench.Prepare();
        Assert.Equal(before, bench.Nft("list", "ruleset"));
    }

    [RootTheory("nft")]
    [InlineData(null)]
    [InlineData("inet filter input")]
    public void Networks_and_ranges_of_an_earlier_run_are_kept_or_cleaned_up(string? hook)
    {
        NftablesSettings settings = hook is null ? Guard : InsertSettings(hook);
        using FirewallBench bench = Start(settings, AdminRules);
        string before = bench.Nft("list", "ruleset");
        bench.Grant(Grants.Of("10.0.0.0/24", "tcp/8000-8010", 60), Grants.Of("2001:db8::/64", "udp/53", 60, "::1"));

        bench.Restart(log => new NftablesFirewall(settings with { FlushAtInit = false }, log));
        bench.Prepare();
        Assert.Contains("I Kept 2 grants of an earlier run", bench.Log.Lines);
        Assert.Equal(
            [Grants.Key("10.0.0.0/24", "tcp/8000-8010"), Grants.Key("2001:db8::/64", "udp/53", "::1")],
            Elements(bench.Nft("list", "ruleset")).Select(element => element.Key).OrderBy(key => key.SourceText));
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("10.0.0.0/24", "tcp/8000-8010", 120)));

        bench.Restart();
        bench.Prepare();
        Assert.Equal(before, bench.Nft("list", "ruleset"));
        bench.Grant(Grants.Of("10.0.0.0/24", "tcp/8000-8010", 60));
        bench.Restart();
        Assert.True(bench.Flush());
        Assert.DoesNotContain("fwknop", bench.Nft("list", "ruleset"), StringComparison.Ordinal);
    }

    [RootFact("nft")]
    public void A_range_that_goes_over_to_another_back_end_stays_a_range()
    {
        using FirewallBench bench = Start(Guard, AdminRules);
        bench.Grant(Grants.Of("10.0.0.0/24", "tcp/8000-8010", 60));
        bench.Follow(log => new NftablesFirewall(InsertSettings("inet filter input"), log));
        Assert.Equal(Grants.Key("10.0.0.0/24", "tcp/8000-8010"), Assert.Single(Elements(bench.Nft("list", "ruleset"))).Key);
        bench.Follow(log => new NftablesFirewall(InsertSettings("ip legacy input"), log));
        string rules = bench.Nft("list", "ruleset");
        Assert.Equal(Grants.Key("10.0.0.0/24", "tcp/8000-8010"), Assert.Single(Elements(rules)).Key);
        Assert.DoesNotContain("fwknop", bench.Nft("list", "table", "inet", "filter"), StringComparison.Ordinal);
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("10.0.0.0/24", "tcp/8000-8010", 120)));
    }

    [RootFact("nft")]
    public void A_renewal_at_the_very_end_is_never_lost()
    {
        using FirewallBench bench = Start(Guard);
        for (int round = 0; round < 60; round++)
        {
            bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 0.02));
            Thread.Sleep(10 + (round % 15));
            GrantOutcome outcome = Assert.Single(bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 20)));
            Assert.NotEqual(GrantOutcome.Failed, outcome);
            string set = bench.Nft("list", "set", "inet", "fwknop", "grants4");
            Assert.True(Assert.Single(Elements(set)).Remaining > TimeSpan.FromSeconds(10));
            bench.Nft("flush", "set", "inet", "fwknop", "grants4");
            bench.Ahead += TimeSpan.FromSeconds(30);
            bench.Expire();
        }
    }

    [RootFact("nft")]
    public void A_thousand_grants_are_one_transaction_and_one_expiry()
    {
        using FirewallBench bench = Start(Guard);
        FirewallGrant[] batch = [.. Enumerable.Range(0, 1000).Select(i => Grants.Of($"10.1.{i / 250}.{(i % 250) + 1}", "tcp/22", 2))];

        Assert.All(bench.Grant(batch), outcome => Assert.Equal(GrantOutcome.Added, outcome));
        Assert.Equal(1000, Elements(bench.Nft("list", "set", "inet", "fwknop", "grants4")).Count);
        bench.RunUntilAllExpired();
        WaitForNoElements(bench);
    }

    [RootFact("nft")]
    public void A_start_forgets_or_keeps_the_grants_of_an_earlier_run()
    {
        using FirewallBench bench = Start(Guard);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60), Grants.Of("2001:db8::1", "udp/53", 90, "::1"));

        bench.Restart(log => new NftablesFirewall(Guard with { FlushAtInit = false }, log));
        bench.Prepare();
        Assert.Contains("I Kept 2 grants of an earlier run", bench.Log.Lines);
        string rules = bench.Nft("list", "table", "inet", "fwknop");
        Assert.Equal(2, Elements(rules).Count);
        Assert.NotNull(bench.NextDue);
        Assert.InRange(bench.NextDue.Value - bench.Now.Monotonic, TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(60));
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 120)));

        bench.Restart();
        bench.Prepare();
        Assert.Empty(Elements(bench.Nft("list", "table", "inet", "fwknop")));
        Assert.Null(bench.NextDue);
    }

    [RootFact("nft")]
    public void Tear_down_leaves_nothing()
    {
        using FirewallBench bench = Start(Guard);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        Assert.True(bench.TearDown());
        Assert.Empty(bench.Nft("list", "ruleset"));
        Assert.True(bench.TearDown());
    }

    [RootFact("nft")]
    public void Without_flush_at_exit_everything_stays()
    {
        using FirewallBench bench = Start(Guard with { FlushAtExit = false });
        string before = bench.Nft("list", "ruleset");
        Assert.True(bench.TearDown());
        Assert.Equal(before, bench.Nft("list", "ruleset"));
    }

    [RootFact("nft")]
    public void A_failure_stop_keeps_the_guard()
    {
        using FirewallBench bench = Start(Guard);
        string before = bench.Nft("list", "ruleset");
        Assert.True(bench.Abandon());
        Assert.Equal(before, bench.Nft("list", "ruleset"));
    }

    [RootTheory("nft")]
    [InlineData("flush", "ruleset")]
    [InlineData("flush", "table", "inet", "fwknop")]
    [InlineData("flush", "chain", "inet", "fwknop", "FWKNOP_INPUT")]
    [InlineData("delete", "table", "inet", "fwknop")]
    [InlineData("insert", "rule", "inet", "fwknop", "FWKNOP_INPUT", "accept")]
    public void A_guard_that_was_tampered_with_is_made_again_at_the_next_grant(params string[] command)
    {
        using FirewallBench bench = Start(Guard);
        string rules = WithoutElements(bench);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        bench.Nft(command);
        bench.Log.Clear();

        Assert.Equal([GrantOutcome.Added], bench.Grant(Grants.Of("10.0.0.2", "tcp/22", 60)));
        Assert.StartsWith("W Another program has removed", bench.Log.Lines[0], StringComparison.Ordinal);
        Assert.Equal(rules, WithoutElements(bench));
        Assert.Equal(
            ["10.0.0.1", "10.0.0.2"],
            Elements(bench.Nft("list", "ruleset")).Select(element => element.Key.SourceText).Order());
    }

    [RootFact("nft")]
    public void Changes_of_other_tables_are_not_taken_for_tampering()
    {
        using FirewallBench bench = Start(Guard);
        for (int i = 1; i < 5; i++)
        {
            bench.Nft("add", "table", "inet", $"other{i}");
            Assert.Equal([GrantOutcome.Added], bench.Grant(Grants.Of($"10.0.0.{i}", "tcp/22", 60)));
        }

        Assert.DoesNotContain(bench.Log.Lines, line => line[0] != 'I');
    }

    [RootFact("nft")]
    public void Insert_puts_one_rule_in_front_and_takes_exactly_that_away()
    {
        using FirewallBench bench = StartInsert("inet filter input", "inet filter other", "ip legacy input");
        string admin = LoadAdminRules(bench);
        bench.Prepare();
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60), Grants.Of("2001:db8::1", "tcp/22", 60));

        string[] input = [.. Lines(bench.Nft("list", "chain", "inet", "filter", "input")).SkipWhile(line => !line.StartsWith("type"))];
        Assert.Equal("jump FWKNOP_INPUT comment \"fwknopd\"", input[1]);
        Assert.Equal(4, Lines(bench.Nft("list", "ruleset")).Count(line => line.Contains("jump FWKNOP_INPUT", StringComparison.Ordinal)));
        Assert.Single(Elements(bench.Nft("list", "set", "inet", "filter", "fwknop_grants6")));
        Assert.Single(Elements(bench.Nft("list", "set", "inet", "filter", "fwknop_grants4")));
        Assert.Single(Elements(bench.Nft("list", "set", "ip", "legacy", "fwknop_grants4")));

        Assert.True(bench.TearDown());
        Assert.Equal(admin, bench.Nft("list", "ruleset"));
    }

    [RootFact("nft")]
    public void Insert_after_a_crash_leaves_one_rule_and_forgets_or_keeps_the_grants()
    {
        using FirewallBench bench = StartInsert("inet filter input");
        LoadAdminRules(bench);
        bench.Prepare();
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        bench.Nft("insert", "rule", "inet", "filter", "input", "counter");

        bench.Restart(log => new NftablesFirewall(InsertSettings("inet filter input") with { FlushAtInit = false }, log));
        bench.Prepare();
        string input = bench.Nft("list", "chain", "inet", "filter", "input");
        Assert.StartsWith("jump FWKNOP_INPUT", Lines(input).SkipWhile(line => !line.StartsWith("type")).ElementAt(1), StringComparison.Ordinal);
        Assert.Single(Lines(input), line => line == "jump FWKNOP_INPUT comment \"fwknopd\"");
        Assert.Single(Elements(bench.Nft("list", "ruleset")));

        bench.Restart();
        bench.Prepare();
        Assert.Empty(Elements(bench.Nft("list", "ruleset")));
        bench.TearDown();
        Assert.DoesNotContain("fwknop_", bench.Nft("list", "ruleset"), StringComparison.Ordinal);
    }

    [RootTheory("nft")]
    [InlineData("flush chain inet filter input")]
    [InlineData("flush table inet filter")]
    [InlineData("flush ruleset; reload")]
    public void An_inserted_rule_that_was_removed_is_made_again_at_the_next_grant(string command)
    {
        using FirewallBench bench = StartInsert("inet filter input");
        LoadAdminRules(bench);
        bench.Prepare();
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        bench.Nft(command.Split(';')[0]);
        if (command.EndsWith("reload", StringComparison.Ordinal))
        {
            LoadAdminRules(bench);
        }

        bench.Log.Clear();
        Assert.Equal([GrantOutcome.Added], bench.Grant(Grants.Of("10.0.0.2", "tcp/22", 60)));
        Assert.StartsWith("W Another program", bench.Log.Lines[0], StringComparison.Ordinal);
        string rules = bench.Nft("list", "ruleset");
        Assert.Contains("jump FWKNOP_INPUT comment \"fwknopd\"", rules, StringComparison.Ordinal);
        Assert.Equal(2, Elements(rules).Count);
    }

    [RootTheory("nft")]
    [InlineData("guard", "flush ruleset")]
    [InlineData("guard", "flush table inet fwknop")]
    [InlineData("insert", "flush chain inet filter FWKNOP_INPUT")]
    public void What_another_program_removes_is_made_again_when_it_is_told_but_not_in_a_race_with_it(string kind, string command)
    {
        using FirewallBench bench = kind == "guard" ? new(log => new NftablesFirewall(Guard, log)) : StartInsert("inet filter input");
        LoadAdminRules(bench);
        bench.Prepare();
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        string rules = WithoutTimes(bench.Nft("list", "ruleset"));
        bench.Log.Clear();
        bench.Reconcile();
        Assert.Empty(bench.Log.Lines);

        Remove();
        bench.Reconcile();
        Assert.Equal(["W Another program has removed or changed the nftables rules of fwknopd: making them again"], bench.Log.Lines);
        Assert.Equal(rules, WithoutTimes(bench.Nft("list", "ruleset")));

        Remove();
        bench.Reconcile();
        Assert.NotEqual(rules, WithoutTimes(bench.Nft("list", "ruleset")));
        Assert.InRange(bench.NextDue!.Value - bench.Now.Monotonic, TimeSpan.Zero, RepairSchedule.Pause);
        bench.Ahead += RepairSchedule.Pause;
        bench.Expire();
        Assert.Equal(rules, WithoutTimes(bench.Nft("list", "ruleset")));

        void Remove()
        {
            bench.Nft(command);
            if (command == "flush ruleset")
            {
                LoadAdminRules(bench);
            }
        }
    }

    [RootFact("nft")]
    public void What_cannot_be_made_again_is_tried_later_and_later()
    {
        using FirewallBench bench = StartInsert("inet filter input");
        LoadAdminRules(bench);
        bench.Prepare();
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        bench.Nft("flush", "ruleset");
        bench.Log.Clear();

        bench.Reconcile();
        Assert.Equal(
            "E Could not make the nftables rules of fwknopd again, trying again: NFT_INSERT inet filter input: No such file or directory", bench.Log.Lines[^1]);
        bench.Log.Clear();
        bench.Reconcile();
        Assert.Empty(bench.Log.Lines);

        bench.Ahead += RepairSchedule.Pause;
        bench.Expire();
        Assert.Contains(bench.Log.Lines, line => line.StartsWith("E Could not make", StringComparison.Ordinal));
        Assert.True(bench.NextDue > bench.Now.Monotonic + RepairSchedule.Pause);

        LoadAdminRules(bench);
        bench.Ahead += 2 * RepairSchedule.Pause;
        bench.Expire();
        Assert.Single(Elements(bench.Nft("list", "ruleset")));
    }

    [RootFact("nft")]
    public void A_grant_into_a_table_that_is_gone_fails_and_says_so()
    {
        using FirewallBench bench = StartInsert("inet filter input");
        LoadAdminRules(bench);
        bench.Prepare();
        bench.Nft("flush", "ruleset");
        bench.Log.Clear();

        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60)));
        Assert.Equal(
            "E Could not add access rule to FWKNOP_INPUT for 10.0.0.1 -> 0.0.0.0/0 tcp/22: "
            + "NFT_INSERT inet filter input: No such file or directory",
            bench.Log.Lines[^1]);
        Assert.DoesNotContain(bench.Log.Lines, line => line.StartsWith("I Added", StringComparison.Ordinal));
        Assert.Empty(bench.Nft("list", "ruleset"));
        Assert.True(bench.TearDown());
    }

    [RootTheory("nft")]
    [InlineData("inet filter nosuchchain")]
    [InlineData("inet nosuchtable input")]
    [InlineData("ip6 filter input")]
    public void A_chain_that_does_not_exist_is_an_error_at_start(string chain)
    {
        using FirewallBench bench = StartInsert("inet filter input", chain);
        string admin = LoadAdminRules(bench);
        FirewallException failure = Assert.Throws<FirewallException>(bench.Prepare);
        Assert.Contains($"NFT_INSERT {chain}: No such file or directory", failure.Message, StringComparison.Ordinal);
        Assert.Equal(admin, bench.Nft("list", "ruleset"));
    }

    [RootFact("nft")]
    public void A_family_without_a_chain_is_refused_in_words()
    {
        using FirewallBench bench = StartInsert("ip legacy input");
        LoadAdminRules(bench);
        bench.Prepare();
        Assert.Equal(
            [GrantOutcome.Failed, GrantOutcome.Added],
            bench.Grant(Grants.Of("2001:db8::1", "tcp/22", 60), Grants.Of("10.0.0.1", "tcp/22", 60)));
        Assert.Contains(bench.Log.Lines, line => line.EndsWith("no chain of NFT_INSERT is for IPv6", StringComparison.Ordinal));
    }

    private static NftablesSettings InsertSettings(params string[] chains) => new()
    {
        InsertAt = NftHook.TryParseList(string.Join(", ", chains), out IReadOnlyList<NftHook> hooks, out _)
            ? hooks
            : throw new FormatException(),
    };

    private static IReadOnlyList<NftHook> Hooks(string text) =>
        NftHook.TryParseList(text, out IReadOnlyList<NftHook> hooks, out _) ? hooks : throw new FormatException(text);

    private static FirewallBench Start(NftablesSettings settings, string rules)
    {
        FirewallBench bench = new(log => new NftablesFirewall(settings, log));
        bench.Nft(rules);
        bench.Prepare();
        return bench;
    }

    private static FirewallBench Start(NftablesSettings settings)
    {
        var bench = new FirewallBench(log => new NftablesFirewall(settings, log));
        bench.Prepare();
        return bench;
    }

    private static FirewallBench StartInsert(params string[] chains) =>
        new(log => new NftablesFirewall(InsertSettings(chains), log));

    private static string LoadAdminRules(FirewallBench bench)
    {
        bench.Nft(AdminRules);
        return bench.Nft("list", "ruleset");
    }

    private static List<(GrantKey Key, TimeSpan Remaining)> Elements(string listing) =>
    [
        .. from prefix in (string[])["", "fwknop_"]
           from found in NftListing.Sets(listing, new NftPlace(NftFamily.Inet, "", prefix))
           from element in NftListing.Elements(found.Listing, found.Set)
           select element,
    ];

    private static string WithoutTimes(string listing) => Regex.Replace(listing, " timeout [0-9dhms]+ expires [0-9dhms]+", "");

    private static IEnumerable<string> Lines(string text) => text.Split('\n').Select(line => line.Trim());

    private static string WithoutElements(FirewallBench bench) => bench.Nft("-t", "list", "table", "inet", "fwknop");

    private static void WaitForNoElements(FirewallBench bench) => Deadline.WaitUntil(
        () => Elements(bench.Nft("list", "ruleset")).Count == 0, TimeSpan.FromSeconds(10), "the kernel to end the grants");
}
