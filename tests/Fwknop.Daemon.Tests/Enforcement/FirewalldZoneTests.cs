using System.Net;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Firewalld;
using Fwknop.Daemon.Expiry;
using Fwknop.Grants;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>Rich rules of a zone, by a real firewalld in a namespace.</summary>
public sealed class FirewalldZoneTests(SharedFirewalld shared) : IClassFixture<SharedFirewalld>
{
    /// <summary>What is due fails, and is due again so many seconds later.</summary>
    private static void AssertTriedAgainAfter(int seconds, FirewallBench bench)
    {
        TimeSpan pause = TimeSpan.FromSeconds(seconds);
        TimeSpan before = bench.Now.Monotonic;
        bench.Expire();
        Assert.InRange(bench.NextDue!.Value, before + pause, bench.Now.Monotonic + pause);
    }

    private const int Priority = -20000;
    private const string Foreign = """rule priority="-20000" family="ipv4" source address="10.9.9.9" service name="ftp" accept""";
    private const string AlsoForeign = """rule priority="-1" family="ipv4" source address="10.9.9.8" port port="22" protocol="tcp" accept""";

    private FirewalldHost Firewalld => shared.Firewalld;

    [RootFact("firewalld", "firewall-cmd", "dbus-daemon", "unshare")]
    public void Rules_have_their_form_and_firewalld_itself_ends_them()
    {
        using FirewallBench bench = Start();
        Assert.Empty(bench.Log.Lines);
        Assert.Equal(
            [GrantOutcome.Added, GrantOutcome.Added, GrantOutcome.Added, GrantOutcome.Added],
            bench.Grant(
                Grants.Of("10.0.0.1", "tcp/22,udp/53", 12),
                Grants.Of("2001:db8::1", "tcp/20-25", 12, "2001:db8::2"),
                Grants.Of("10.1.0.0/24", "udp/1-65535", 60),
                Grants.Of("2001:db8:1::/64", "tcp/22", 60)));
        string exp = bench.Log.Lines[0].Split(' ')[^1];
        string other = bench.Log.Lines[^1].Split(' ')[^1];
        Assert.Equal(
            [
                $"I Added access rule to outside for 10.0.0.1 -> 0.0.0.0/0 tcp/22,udp/53, expires at {exp}",
                $"I Added access rule to outside for 10.0.0.1 -> 0.0.0.0/0 tcp/22,udp/53, expires at {exp}",
                $"I Added access rule to outside for 2001:db8::1 -> 2001:db8::2 tcp/20-25, expires at {exp}",
                $"I Added access rule to outside for 10.1.0.0/24 -> 0.0.0.0/0 udp/*, expires at {other}",
                $"I Added access rule to outside for 2001:db8:1::/64 -> ::/0 tcp/22, expires at {other}",
            ],
            bench.Log.Lines);
        string[] lasting =
        [
            $"""rule priority="{PriorityOf(other)}" family="ipv4" source address="10.1.0.0/24" port port="1-65535" protocol="udp" accept""",
            $"""rule priority="{PriorityOf(other)}" family="ipv6" source address="2001:db8:1::/64" port port="22" protocol="tcp" accept""",
        ];
        string[] rules =
        [
            $"""rule priority="{PriorityOf(exp)}" family="ipv4" source address="10.0.0.1" port port="22" protocol="tcp" accept""",
            $"""rule priority="{PriorityOf(exp)}" family="ipv4" source address="10.0.0.1" port port="53" protocol="udp" accept""",
            $"""rule priority="{PriorityOf(exp)}" family="ipv6" source address="2001:db8::1" destination address="2001:db8::2" port port="20-25" protocol="tcp" accept""",
            .. lasting,
        ];
        Assert.Equal(rules.Order(), Firewalld.RichRules().Order());

        Deadline.WaitUntil(() => Firewalld.RichRules().Order().SequenceEqual(lasting.Order()), TimeSpan.FromSeconds(30), "firewalld ends its rules");
        bench.Log.Clear();
        bench.Ahead = TimeSpan.FromSeconds(2);
        bench.Expire();
        Assert.Equal(
            [
                $"I Removed rule for 10.0.0.1 -> 0.0.0.0/0 tcp/22 from outside with expire time of {exp}",
                $"I Removed rule for 10.0.0.1 -> 0.0.0.0/0 udp/53 from outside with expire time of {exp}",
                $"I Removed rule for 2001:db8::1 -> 2001:db8::2 tcp/20-25 from outside with expire time of {exp}",
            ],
            bench.Log.Lines.Order());
        Assert.Equal(2, bench.Live.Count);
    }

    [RootFact("firewalld", "firewall-cmd", "dbus-daemon", "unshare")]
    public void What_is_due_is_removed_whatever_firewalld_does()
    {
        using FirewallBench bench = Start();
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60), Grants.Of("10.0.0.2", "tcp/22", 100));
        bench.Ahead = TimeSpan.FromSeconds(61);
        bench.Expire();
        Assert.Contains("10.0.0.2", Assert.Single(Firewalld.RichRules()), StringComparison.Ordinal);
        Assert.Contains("10.0.0.2", Assert.Single(bench.Live).Key.SourceText, StringComparison.Ordinal);
    }

    [RootFact("firewalld", "firewall-cmd", "dbus-daemon", "unshare")]
    public void A_renewed_rule_goes_when_the_next_is_there_and_lasts_as_long_as_that()
    {
        using FirewallBench bench = Start();
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 8));
        Moment end = bench.Now;
        string before = Assert.Single(Firewalld.RichRules());
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60)));
        string after = Assert.Single(Firewalld.RichRules());
        Assert.NotEqual(before, after);
        string[] done = [.. bench.Log.Traces.Where(trace => trace.Contains("-rich-rule=", StringComparison.Ordinal)).Select(trace => trace.Split(' ').First(word => word.StartsWith("--add", StringComparison.Ordinal) || word.StartsWith("--rem", StringComparison.Ordinal)))];
        Assert.Equal(["--add-rich-rule=rule", "--add-rich-rule=rule", "--remove-rich-rule=rule"], done);

        // Earlier ends change nothing.
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 5)));
        Assert.Equal([after], Firewalld.RichRules());
        WaitFor(bench, end);
        Assert.Equal([after], Firewalld.RichRules());
        Assert.Contains("Extended access rule in outside for 10.0.0.1", bench.Log.Lines[^1], StringComparison.Ordinal);
    }

    [RootFact("firewalld", "firewall-cmd", "dbus-daemon", "unshare")]
    public void A_rule_is_renewed_also_where_its_next_end_has_the_same_priority()
    {
        using FirewallBench bench = Start();
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 8));
        Moment granted = bench.Now;
        GrantEnd end = Assert.Single(bench.Live).End;

        // The two clocks are not read at the same instant.
        TimeSpan later = end.Due - bench.Now.Monotonic + TimeSpan.FromSeconds(RichRule.Priorities);
        FirewallGrant next = Grants.Of("10.0.0.1", "tcp/22", later.TotalSeconds);
        Assert.Equal([GrantOutcome.Extended], bench.Grant(next));
        Assert.InRange(Assert.Single(bench.Live).End.Epoch, end.Epoch + RichRule.Priorities - 1, end.Epoch + RichRule.Priorities + 1);
        Assert.Single(Firewalld.RichRules());
        WaitFor(bench, granted);
        Assert.Single(Firewalld.RichRules());
    }

    [RootFact("firewalld", "firewall-cmd", "dbus-daemon", "unshare")]
    public void What_a_reload_has_dropped_comes_back_with_the_next_grant()
    {
        using FirewallBench bench = Start();
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60), Grants.Of("2001:db8::1", "tcp/22", 600));
        IReadOnlyList<string> before = Firewalld.RichRules();
        Firewalld.Reload();
        Assert.Empty(Firewalld.RichRules());

        bench.Log.Clear();
        Assert.Equal([GrantOutcome.Added], bench.Grant(Grants.Of("10.0.0.2", "tcp/22", 60)));
        Assert.Equal(
            "W Another program has removed rules of fwknopd from outside (as firewall-cmd --reload does): making them again", bench.Log.Lines[0]);
        IReadOnlyList<string> now = Firewalld.RichRules();
        Assert.Equal(3, now.Count);
        Assert.Subset(now.ToHashSet(), before.ToHashSet());

        bench.Log.Clear();
        bench.Grant(Grants.Of("10.0.0.3", "tcp/22", 60));
        Assert.StartsWith("I Added", Assert.Single(bench.Log.Lines), StringComparison.Ordinal);
    }

    [RootTheory("firewalld", "firewall-cmd", "dbus-daemon", "unshare")]
    [InlineData(true)]
    [InlineData(false)]
    public void After_a_crash_rules_are_removed_or_adopted_and_foreign_ones_stay(bool flush)
    {
        ZoneSettings settings = Settings() with { FlushesAtInit = flush };
        using FirewallBench bench = Start(settings);
        Firewalld.Command("--zone=outside", $"--add-rich-rule={Foreign}", $"--add-rich-rule={AlsoForeign}");
        bench.Grant(
            Grants.Of("10.0.0.1", "tcp/22", 60),
            Grants.Of("2001:db8::1", "tcp/20-25", 5000, "2001:db8::2"),
            Nat("10.0.0.2", "tcp/8022", new(NatKind.Forward, IPAddress.Parse("192.168.1.10"), 22)),
            Nat("2001:db8::3", "tcp/8022", new(NatKind.Local, null, 2222)));
        (GrantKey, long)[] before = Ends(bench);
        IReadOnlyList<string> rules = Firewalld.RichRules();

        bench.Restart();
        bench.Prepare();

        if (flush)
        {
            Assert.Empty(bench.Live);
            Assert.Equal([AlsoForeign, Foreign], Firewalld.RichRules().Order());
            return;
        }

        Assert.Equal(["I Kept 4 grants of an earlier run"], bench.Log.Lines);
        Assert.Equal(before, Ends(bench));
        Assert.Equal(rules, Firewalld.RichRules());
        bench.Ahead = TimeSpan.FromSeconds(70);
        bench.Expire();
        Assert.Equal([AlsoForeign, Foreign], Firewalld.RichRules().Where(rule => !rule.Contains("2001:db8::1", StringComparison.Ordinal)).Order());
        Assert.True(bench.TearDown());
        Assert.Equal([AlsoForeign, Foreign], Firewalld.RichRules().Order());
    }

    [RootFact("firewalld", "firewall-cmd", "dbus-daemon", "unshare")]
    public void What_was_made_permanent_goes_with_the_next_start()
    {
        using FirewallBench bench = Start();
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60), Grants.Of("10.0.0.2", "tcp/22", 60));
        Firewalld.Command("--runtime-to-permanent");
        Firewalld.Reload();
        Assert.Equal(2, Firewalld.RichRules().Count);

        bench.Restart();
        bench.Prepare();
        Assert.Equal(
            ["W Removed 2 rules of fwknopd from the permanent configuration of outside, where they had no end (firewall-cmd --runtime-to-permanent)"],
            bench.Log.Lines);
        Assert.Empty(Firewalld.RichRules());
        Firewalld.Reload();
        Assert.Empty(Firewalld.RichRules());
    }

    [RootFact("firewalld", "firewall-cmd", "dbus-daemon", "unshare")]
    public void A_firewalld_that_was_killed_opens_nothing_and_its_rules_go_when_it_runs_again()
    {
        using FirewallBench bench = Start();
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60), Grants.Of("10.0.0.2", "tcp/22", 600));
        Firewalld.Kill();
        try
        {
            bench.Log.Clear();
            Assert.Equal([GrantOutcome.Failed], bench.Grant(Grants.Of("10.0.0.3", "tcp/22", 60)));
            Assert.EndsWith("FirewallD is not running", Assert.Single(bench.Log.Lines), StringComparison.Ordinal);
            bench.Ahead = TimeSpan.FromSeconds(61);
            bench.Log.Clear();
            AssertTriedAgainAfter(1, bench);
            Assert.Equal(["E Could not remove expired rules from outside, trying again: FirewallD is not running"], bench.Log.Lines);
            Assert.Equal(2, bench.Live.Count);
            bench.Ahead = TimeSpan.FromSeconds(63);
            AssertTriedAgainAfter(2, bench);
            Assert.NotNull(bench.Revoke(Grants.Key("10.0.0.2", "tcp/22")));
            Assert.Throws<FirewallException>(() => bench.Flush());
        }
        finally
        {
            Firewalld.StartAgain();
        }

        bench.Ahead = TimeSpan.FromSeconds(67);
        bench.Log.Clear();
        bench.Expire();
        Assert.StartsWith("I Removed rule for 10.0.0.1 ", Assert.Single(bench.Log.Lines), StringComparison.Ordinal);
        bench.Grant(Grants.Of("10.0.0.3", "tcp/22", 60));
        Assert.Equal(2, Firewalld.RichRules().Count);
    }

    /// <summary>Until what was granted for eight seconds then has ended for certain.</summary>
    private static void WaitFor(FirewallBench bench, Moment granted) => Deadline.WaitUntil(
        () => bench.Now.Monotonic > granted.Monotonic + TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), "the earlier end");

    private static string PriorityOf(string epoch) => $"{Priority + (long.Parse(epoch, provider: null) % RichRule.Priorities)}";

    private static FirewallGrant Nat(string source, string ports, Translation translation) =>
        new(Grants.Network(source), null, [Grants.Range(ports)], TimeSpan.FromSeconds(60), translation);

    private static (GrantKey, long)[] Ends(FirewallBench bench) =>
        [.. bench.Live.Select(grant => (grant.Key, grant.End.Epoch)).OrderBy(grant => grant.Key.SourceText, StringComparer.Ordinal)];

    private ZoneSettings Settings() => new() { Executable = Firewalld.Executable, Zone = FirewalldHost.Zone, FirstPriority = Priority };

    private FirewallBench Start(ZoneSettings? settings = null)
    {
        Firewalld.Reload();
        FirewallBench bench = new(log => new FirewalldZone(settings ?? Settings(), log), shared.Space);
        bench.Prepare();
        return bench;
    }
}
