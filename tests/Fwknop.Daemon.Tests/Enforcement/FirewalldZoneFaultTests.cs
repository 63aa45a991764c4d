using System.Net;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Firewalld;
using Fwknop.Grants;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>Rich rules of a zone by a stand-in for firewall-cmd: what does not depend on firewalld itself, and what fails.</summary>
public sealed class FirewalldZoneFaultTests : IDisposable
{
    private const int Priority = -20000;
    private const string Foreign = """rule priority="-20000" family="ipv4" source address="10.9.9.9" service name="ftp" accept""";

    private readonly FakeFirewallCmd _firewalld = new();

    public void Dispose() => _firewalld.Dispose();

    [RootFact]
    public void What_is_revoked_goes_and_the_rest_stays()
    {
        using FirewallBench bench = Start();
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22,udp/53", 60), Grants.Of("2001:db8::1", "tcp/22", 60), Grants.Of("10.0.0.2", "tcp/22", 60));
        Assert.Null(bench.Revoke(Grants.Key("10.0.0.1", "tcp/22"), Grants.Key("2001:db8::1", "tcp/22"), Grants.Key("10.0.0.9", "tcp/22")));
        Assert.Equal(["10.0.0.1 udp/53", "10.0.0.2 tcp/22"], bench.Live.Select(grant => $"{grant.Key.SourceText} {grant.Key.Ports}").Order());
        Assert.Equal(2, _firewalld.RichRules().Count);
        Assert.Equal([GrantOutcome.Added], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60)));
    }

    [RootTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_clean_stop_takes_rules_away_or_leaves_them_to_firewalld(bool flush)
    {
        using FirewallBench bench = Start(Settings() with { FlushesAtExit = flush });
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        Assert.True(bench.Abandon());
        string rule = Assert.Single(_firewalld.RichRules());
        Assert.Contains($"Listing rules in fwknopd firewalld chains...\n\nzone outside\n{rule}\n", bench.List(all: false), StringComparison.Ordinal);
        string all = bench.List(all: true);
        Assert.StartsWith("Listing all firewalld rules in applicable tables...\n\noutside\n", all, StringComparison.Ordinal);
        Assert.Contains(rule, all, StringComparison.Ordinal);

        Assert.True(bench.TearDown());
        Assert.Equal(flush ? [] : [rule], _firewalld.RichRules());
        Assert.True(bench.Flush());
        Assert.Empty(_firewalld.RichRules());
    }

    [RootFact]
    public void Of_two_ways_for_the_same_connections_the_later_holds()
    {
        using FirewallBench bench = Start();
        IPAddress inner = IPAddress.Parse("192.168.1.10");
        bench.Grant(Nat("10.0.0.1", "tcp/8022", new(NatKind.Forward, inner, 22)));
        string first = bench.Log.Lines[0].Split(' ')[^1];
        bench.Log.Clear();
        bench.Grant(Nat("10.0.0.1", "tcp/8022", new(NatKind.Forward, inner, 23)), Nat("10.0.0.1", "tcp/8022", new(NatKind.Local, null, 2222)));

        string exp = bench.Log.Lines[^1].Split(' ')[^1];
        Assert.Equal(
            [$"""rule priority="{PriorityOf(exp)}" family="ipv4" source address="10.0.0.1" forward-port port="8022" protocol="tcp" to-port="2222" """.TrimEnd()],
            _firewalld.RichRules());
        Assert.Equal(
            [
                "I Removed rule for 10.0.0.1 -> 0.0.0.0/0 tcp/8022 from outside which a later grant leads elsewhere",
                $"I Added DNAT rule to outside for 10.0.0.1 -> 0.0.0.0/0 tcp/8022, expires at {exp}",
                "I Removed rule for 10.0.0.1 -> 0.0.0.0/0 tcp/8022 from outside which a later grant leads elsewhere",
                $"I Added local NAT rule to outside for 10.0.0.1 -> 0.0.0.0/0 tcp/8022, expires at {exp}",
            ],
            bench.Log.Lines.Select(line => line.Replace(first, exp, StringComparison.Ordinal)));
        Assert.Single(bench.Live);
    }

    public static TheoryData<string, string> NotInAZone() => new()
    {
        { "all", "forward everything (FORWARD_ALL)" },
        { "source", "change the source address of one grant (ENABLE_FIREWD_SNAT, FORCE_SNAT, FORCE_MASQUERADE)" },
        { "routed", "let through what is addressed to another host (DISABLE_DNAT)" },
    };

    [RootTheory]
    [MemberData(nameof(NotInAZone))]
    public void What_a_zone_cannot_do_is_refused(string what, string reason)
    {
        Translation inner = new(NatKind.Forward, IPAddress.Parse("192.168.1.10"), 22);
        Translation translation = what switch
        {
            "all" => inner with { IsForAll = true, Port = 0 },
            "source" => inner with { Source = new SourceTranslation(null) },
            _ => inner with { KeepsDestination = true },
        };
        using FirewallBench bench = Start();
        Assert.Equal([GrantOutcome.Failed], bench.Grant(Nat("10.0.0.1", "tcp/8022", translation)));
        Assert.EndsWith(
            $": a zone of firewalld cannot {reason}; direct rules can: leave FIREWD_ZONE unset", Assert.Single(bench.Log.Lines), StringComparison.Ordinal);
        Assert.StartsWith("E Could not add ", bench.Log.Lines[0], StringComparison.Ordinal);
        Assert.Empty(_firewalld.RichRules());
    }

    [RootFact]
    public void Rules_go_over_to_another_zone_or_stay_in_theirs()
    {
        using FirewallBench bench = Start();
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        string rule = Assert.Single(_firewalld.RichRules());
        bench.Follow(log => new FirewalldZone(Settings() with { Zone = null }, log));
        Assert.Equal([rule], _firewalld.RichRules());
        bench.Follow(log => new FirewalldZone(Settings() with { Zone = FirewalldHost.InsideZone }, log));
        Assert.Empty(_firewalld.RichRules());
        Assert.Equal([rule], _firewalld.RichRules(FirewalldHost.InsideZone));
        Assert.Equal("W No interface and no source is in zone inside of firewalld: what is granted there opens nothing", bench.Log.Lines[^1]);
        bench.Follow(log => new NoFirewall(log));
        Assert.Empty(_firewalld.RichRules(FirewalldHost.InsideZone));
    }

    [RootFact]
    public void A_zone_that_is_not_there_ends_the_start()
    {
        FirewallException error = Assert.Throws<FirewallException>(() => Start(Settings() with { Zone = "nonesuch" }).Dispose());
        Assert.Equal("firewalld cannot be used: Error: INVALID_ZONE: nonesuch", error.Message);
    }

    [RootFact]
    public void A_batch_that_is_done_in_part_is_taken_back()
    {
        using FirewallBench bench = Start(Settings());
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        IReadOnlyList<string> before = _firewalld.RichRules();
        _firewalld.PassOver("10.0.0.3");
        bench.Log.Clear();
        Assert.Equal([GrantOutcome.Failed, GrantOutcome.Failed, GrantOutcome.Failed], bench.Grant(Grants.Of("10.0.0.2", "tcp/22", 60), Grants.Of("10.0.0.3", "tcp/22", 60), Grants.Of("10.0.0.1", "tcp/22", 90)));
        Assert.All(bench.Log.Lines, line => Assert.EndsWith(": firewalld has not taken the rule", line, StringComparison.Ordinal));
        Assert.Equal(before, _firewalld.RichRules());
        Assert.Single(bench.Live);
    }

    [RootFact]
    public void What_could_not_be_taken_back_goes_later()
    {
        using FirewallBench bench = Start(Settings());
        _firewalld.FailOn("--list", "no list");
        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60)));
        Assert.EndsWith(": no list", Assert.Single(bench.Log.Lines), StringComparison.Ordinal);
        Assert.Single(_firewalld.RichRules());
        Assert.Empty(bench.Live);
        Assert.NotNull(bench.NextDue);

        _firewalld.FailOn("--remove", "no removal");
        bench.Ahead = TimeSpan.FromSeconds(1.1);
        bench.Log.Clear();
        bench.Expire();
        Assert.Equal(["E Could not remove expired rules from outside, trying again: no removal"], bench.Log.Lines);
        _firewalld.Restore();
        bench.Ahead = TimeSpan.FromSeconds(3.2);
        bench.Expire();
        Assert.Empty(_firewalld.RichRules());
        Assert.Null(bench.NextDue);
    }

    [RootFact]
    public void A_program_that_hangs_floods_or_is_missing_opens_nothing()
    {
        using FirewallBench bench = Start(Settings() with { Timeout = TimeSpan.FromSeconds(5) });
        _firewalld.HangOn("--add");
        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60)));
        Assert.EndsWith("did not finish within 5 s, or printed too much", Assert.Single(bench.Log.Lines), StringComparison.Ordinal);
        _firewalld.Flood();
        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60)));
        _firewalld.Remove();
        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60)));
        Assert.Contains("cannot be run: ", bench.Log.Lines[^1], StringComparison.Ordinal);
        Assert.Throws<FirewallException>(bench.Prepare);
        Assert.Empty(_firewalld.RichRules());
    }

    [RootFact]
    public void A_listing_that_is_cut_or_forged_costs_nobody_else_a_rule()
    {
        using FirewallBench bench = Start(Settings());
        _firewalld.AddRichRule(Foreign);
        _firewalld.List($"{Foreign}\nrule priority=\"-20000\" family=\"ipv4\" source address=\"10.9.9.9\" port port=\"2");
        bench.Restart();
        bench.Prepare();
        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60)));
        Assert.Equal([Foreign], _firewalld.RichRules());
    }

    private static string PriorityOf(string epoch) => $"{Priority + (long.Parse(epoch, provider: null) % RichRule.Priorities)}";

    private static FirewallGrant Nat(string source, string ports, Translation translation) =>
        new(Grants.Network(source), null, [Grants.Range(ports)], TimeSpan.FromSeconds(60), translation);

    private ZoneSettings Settings() => new() { Executable = _firewalld.Executable, Zone = FirewalldHost.Zone, FirstPriority = Priority };

    private FirewallBench Start(ZoneSettings? settings = null)
    {
        FirewallBench bench = new(log => new FirewalldZone(settings ?? Settings(), log));
        bench.Prepare();
        return bench;
    }
}
