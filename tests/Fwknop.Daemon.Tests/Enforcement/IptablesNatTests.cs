using System.Net;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Grants;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>The chains and rules of what is forwarded, against the live kernel through both variants of iptables.</summary>
public sealed class IptablesNatTests
{
    private const string Nft = "iptables-nft";
    private const string Legacy = "iptables-legacy";

    private static readonly ChainSettings All = new() { HasOutput = true, Forwards = true, ForwardsLocally = true, TranslatesSource = true };

    private static readonly string[] AllChains =
        ["FWKNOP_INPUT", "FWKNOP_OUTPUT", "FWKNOP_FORWARD", "FWKNOP_PREROUTING", "FWKNOP_POSTROUTING", "FWKNOP_MASQUERADE"];

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void Chains_are_made_announced_listed_and_removed(string program)
    {
        using FirewallBench bench = Start(program);
        string[] jumps =
        [
            "I Added jump rule from chain: INPUT to chain: FWKNOP_INPUT",
            "I Added jump rule from chain: OUTPUT to chain: FWKNOP_OUTPUT",
            "I Added jump rule from chain: FORWARD to chain: FWKNOP_FORWARD",
            "I Added jump rule from chain: PREROUTING to chain: FWKNOP_PREROUTING",
            "I Added jump rule from chain: POSTROUTING to chain: FWKNOP_POSTROUTING",
            "I Added jump rule from chain: POSTROUTING to chain: FWKNOP_MASQUERADE",
        ];
        Assert.Equal([.. jumps, .. jumps, "I iptables 'comment' match is available"], bench.Log.Lines);
        string empty = Rules(bench, program);

        string own = bench.List(all: false);
        Assert.Equal([.. AllChains, .. AllChains], own.Split('\n').Where(line => line.StartsWith("Chain ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]));
        string all = bench.List(all: true);
        Assert.Equal(2, CountOf(all, "\nChain FORWARD"));
        Assert.Equal(2, CountOf(all, "\nChain PREROUTING"));

        bench.Grant(Grant("10.0.0.1", "tcp/80", 60, Inner()));
        Assert.NotEqual(empty, Rules(bench, program));
        bench.Restart();
        bench.Prepare();
        Assert.Equal(empty, Rules(bench, program));
        Assert.True(bench.TearDown());
        Assert.DoesNotContain("FWKNOP", Rules(bench, program), StringComparison.Ordinal);
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void Each_rule_has_its_lines_and_goes_at_its_time(string program)
    {
        using FirewallBench bench = Start(program);
        bench.Log.Clear();
        bench.Grant(Grant("10.0.0.1", "tcp/80", 10, Inner() with { Source = new SourceTranslation(null) }));
        bench.Grant(Grant("10.0.0.1", "tcp/81", 10, new Translation(NatKind.Local, null, 22)));
        bench.Grant(Grant("10.0.0.1", "tcp/22", 10, null));
        bench.Grant(Grant("10.0.0.2", "tcp/1", 10, new Translation(NatKind.Forward, IPAddress.Parse("10.5.5.5"), 0, IsForAll: true, Source: Snat)));
        Assert.Equal(
            [
                "I Added FORWARD rule to FWKNOP_FORWARD for 10.0.0.1 -> 0.0.0.0/0 tcp/80, expires at EXP",
                "I Added DNAT rule to FWKNOP_PREROUTING for 10.0.0.1 -> 0.0.0.0/0 tcp/80, expires at EXP",
                "I Added SNAT rule to FWKNOP_MASQUERADE for 10.0.0.1 -> 0.0.0.0/0 tcp/80, expires at EXP",
                "I Added local NAT rule to FWKNOP_INPUT for 10.0.0.1 -> 0.0.0.0/0 tcp/81, expires at EXP",
                "I Added DNAT rule to FWKNOP_PREROUTING for 10.0.0.1 -> 0.0.0.0/0 tcp/81, expires at EXP",
                "I Added access rule to FWKNOP_INPUT for 10.0.0.1 -> 0.0.0.0/0 tcp/22, expires at EXP",
                "I Added OUTPUT rule to FWKNOP_OUTPUT for 10.0.0.1 -> 0.0.0.0/0 tcp/22, expires at EXP",
                "I Added FORWARD ALL rule to FWKNOP_FORWARD for 10.0.0.2 -> 0.0.0.0/0 */*, expires at EXP",
                "I Added DNAT ALL rule to FWKNOP_PREROUTING for 10.0.0.2 -> 0.0.0.0/0 */*, expires at EXP",
                "I Added SNAT ALL rule to FWKNOP_POSTROUTING for 10.0.0.2 -> 0.0.0.0/0 */*, expires at EXP",
            ],
            bench.Log.Lines.Select(WithoutTime));

        bench.Log.Clear();
        bench.Ahead = TimeSpan.FromSeconds(20);
        bench.Expire();
        Assert.DoesNotContain("_exp_", Rules(bench, program), StringComparison.Ordinal);
        Assert.Equal(
            [
                "I Removed rule 1 from FWKNOP_INPUT with expire time of EXP",
                "I Removed rule 2 from FWKNOP_INPUT with expire time of EXP",
                "I Removed rule 1 from FWKNOP_OUTPUT with expire time of EXP",
                "I Removed rule 1 from FWKNOP_FORWARD with expire time of EXP",
                "I Removed rule 2 from FWKNOP_FORWARD with expire time of EXP",
                "I Removed rule 1 from FWKNOP_PREROUTING with expire time of EXP",
                "I Removed rule 2 from FWKNOP_PREROUTING with expire time of EXP",
                "I Removed rule 3 from FWKNOP_PREROUTING with expire time of EXP",
                "I Removed rule 1 from FWKNOP_POSTROUTING with expire time of EXP",
                "I Removed rule 1 from FWKNOP_MASQUERADE with expire time of EXP",
            ],
            bench.Log.Lines.Select(WithoutTime));
        Assert.Null(bench.NextDue);
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void Equal_rules_of_two_grants_are_each_its_own(string program)
    {
        using FirewallBench bench = Start(program);
        FirewallGrant one = Grant("10.0.0.1", "tcp/80", 10, Inner());
        FirewallGrant other = Grant("10.0.0.1", "tcp/81", 10, Inner("10.5.5.6"));
        bench.Grant(one, other);
        Assert.Equal(2, RulesOf(bench, program, "FWKNOP_FORWARD").Count);
        Assert.Null(bench.Revoke([.. one.Keys]));
        Assert.Single(RulesOf(bench, program, "FWKNOP_FORWARD"));
        Assert.Contains("10.5.5.6", Assert.Single(RulesOf(bench, program, "FWKNOP_PREROUTING")), StringComparison.Ordinal);

        bench.Grant(one);
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grant("10.0.0.1", "tcp/81", 100, Inner("10.5.5.6"))));
        Assert.Equal(2, RulesOf(bench, program, "FWKNOP_FORWARD").Count);
        bench.Ahead = TimeSpan.FromSeconds(20);
        bench.Expire();
        Assert.Single(RulesOf(bench, program, "FWKNOP_FORWARD"));
        Assert.Single(RulesOf(bench, program, "FWKNOP_PREROUTING"));
        bench.Ahead = TimeSpan.FromSeconds(200);
        bench.Expire();
        Assert.DoesNotContain("_exp_", Rules(bench, program), StringComparison.Ordinal);
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void A_start_can_keep_all_of_an_earlier_run(string program)
    {
        using FirewallBench bench = Start(program);
        Translation local = new(NatKind.Local, IPAddress.Parse("10.0.0.99"), 22);
        Translation everything = new(NatKind.Forward, null, 0, IsForAll: true, Source: new SourceTranslation(null));
        Translation inner6 = new(NatKind.Forward, IPAddress.Parse("2001:db8::5"), 22, Source: new SourceTranslation(null));
        bench.Grant(
            Grant("10.0.0.1", "tcp/22", 100, null),
            Grant("10.0.0.1", "tcp/80", 100, Inner()),
            Grant("10.0.0.1", "udp/80", 100, Inner() with { Source = Snat }),
            Grant("10.0.0.1", "tcp/81", 100, Inner() with { Source = new SourceTranslation(null) }),
            Grant("10.0.0.1", "tcp/82", 100, local with { Address = null }),
            Grant("10.0.0.1", "tcp/83", 100, local),
            Grant("10.0.0.0/24", "tcp/1", 100, everything),
            Grant("10.0.0.1", "tcp/1", 100, everything with { Address = IPAddress.Parse("10.5.5.5"), Source = Snat }),
            Grant("2001:db8::1", "tcp/80", 100, inner6),
            Grant("2001:db8::1", "tcp/22", 100, null));
        string rules = Rules(bench, program);
        GrantKey[] keys = [.. bench.Live.Select(grant => grant.Key)];
        Assert.Equal(10, keys.Length);

        bench.Restart(log => new IptablesFirewall(Settings(program, All with { FlushesAtInit = false }), log));
        bench.Prepare();
        Assert.Equal(rules, Rules(bench, program));
        Assert.Equal(keys.Select(key => key.ToString()).Order(), bench.Live.Select(grant => grant.Key.ToString()).Order());

        bench.Space.RunChecked(program, "-t", "nat", "-F", "FWKNOP_PREROUTING");
        bench.Restart(log => new IptablesFirewall(Settings(program, All with { FlushesAtInit = false }), log));
        bench.Prepare();
        Assert.DoesNotContain(bench.Live, grant => grant.Key.Translation?.ChangesDestination == true && !grant.Key.IsIPv6);
        bench.Ahead = TimeSpan.FromSeconds(200);
        bench.Expire();
        Assert.DoesNotContain("_exp_", Rules(bench, program), StringComparison.Ordinal);
    }

    [RootTheory(Nft)]
    [InlineData(false)]
    [InlineData(true)]
    public void What_stays_here_by_any_address_is_the_same_grant_after_a_start_whatever_its_source(bool masquerades)
    {
        using FirewallBench bench = Start(Nft);
        FirewallGrant local = Grant("10.0.0.1", "tcp/82", 100, new Translation(NatKind.Local, null, 22, Source: masquerades ? new SourceTranslation(null) : null));
        bench.Grant(local, Grant("10.0.0.2", "tcp/80", 100, Inner() with { Source = Snat }));
        bench.Restart(log => new IptablesFirewall(Settings(Nft, All with { FlushesAtInit = false }), log));
        bench.Prepare();
        Assert.Equal([GrantOutcome.Extended], bench.Grant(local));
        Assert.Single(RulesOf(bench, Nft, "FWKNOP_INPUT"));
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft, "-t nat -F;-t nat -X")]
    [InlineData(Legacy, "-t nat -F;-t nat -X")]
    [InlineData(Nft, "-t nat -D PREROUTING -j FWKNOP_PREROUTING")]
    [InlineData(Legacy, "-D FORWARD -j FWKNOP_FORWARD")]
    public void What_another_program_has_removed_comes_back(string program, string commands)
    {
        using FirewallBench bench = Start(program);
        bench.Grant(Grant("10.0.0.1", "tcp/80", 100, Inner()), Grant("10.0.0.3", "tcp/22", 100, null));
        bench.Space.RunChecked(program, "-D", "FWKNOP_INPUT", "1");
        foreach (string command in commands.Split(';'))
        {
            bench.Space.RunChecked(program, command.Split(' '));
        }

        bench.Log.Clear();
        Assert.Equal([GrantOutcome.Added], bench.Grant(Grant("10.0.0.2", "tcp/80", 100, Inner())));
        Assert.StartsWith("W Another program has removed the chain FWKNOP_", bench.Log.Lines[0], StringComparison.Ordinal);
        Assert.Equal(2, RulesOf(bench, program, "FWKNOP_FORWARD").Count);
        Assert.Equal(2, RulesOf(bench, program, "FWKNOP_PREROUTING").Count);
        Assert.Empty(RulesOf(bench, program, "FWKNOP_INPUT"));
        string[] jumps = [.. Rules(bench, program).Split('\n').Where(line => line.Contains(" -j FWKNOP_", StringComparison.Ordinal))];
        Assert.Equal(12, jumps.Length);
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void A_grant_of_which_a_part_failed_leaves_nothing_and_changes_nothing(string program)
    {
        using var programs = new FakeIptables(program);
        using FirewallBench bench = Start(program, programs.Executable);
        bench.Grant(Grant("10.0.0.1", "tcp/80", 100, Inner()));
        string before = Rules(bench, program);
        bench.Log.Clear();
        programs.FailFrom("iptables-restore", "*filter", "busy");

        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grant("10.0.0.2", "tcp/80", 100, Inner())));
        Assert.Equal(["E Could not add FORWARD rule to FWKNOP_FORWARD for 10.0.0.2 -> 0.0.0.0/0 tcp/80: busy"], bench.Log.Lines);
        Assert.Equal(before, Rules(bench, program));
        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grant("10.0.0.1", "tcp/80", 200, Inner())));
        Assert.Equal(before, Rules(bench, program));
        Assert.Single(bench.Live);

        programs.Restore("iptables-restore");
        Assert.Equal([GrantOutcome.Extended, GrantOutcome.Added], bench.Grant(Grant("10.0.0.1", "tcp/80", 200, Inner()), Grant("10.0.0.2", "tcp/80", 100, Inner())));
        bench.Ahead = TimeSpan.FromSeconds(300);
        bench.Expire();
        Assert.DoesNotContain("_exp_", Rules(bench, program), StringComparison.Ordinal);
    }

    [RootFact(Nft)]
    public void What_a_failed_grant_left_and_could_not_be_taken_back_goes_when_it_can()
    {
        using var programs = new FakeIptables(Nft);
        using FirewallBench bench = Start(Nft, programs.Executable);
        programs.FailFrom("iptables-restore", "*filter", "busy", never: "-D FWKNOP");

        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grant("10.0.0.2", "tcp/80", 1000, Inner())));
        Assert.Single(RulesOf(bench, Nft, "FWKNOP_PREROUTING"));
        Assert.Empty(RulesOf(bench, Nft, "FWKNOP_FORWARD"));
        Assert.NotNull(bench.NextDue);

        bench.Ahead = TimeSpan.FromSeconds(2);
        bench.Expire();
        Assert.Single(RulesOf(bench, Nft, "FWKNOP_PREROUTING"));
        programs.Restore("iptables-restore");
        bench.Ahead = TimeSpan.FromSeconds(10);
        bench.Expire();
        Assert.DoesNotContain("_exp_", Rules(bench, Nft), StringComparison.Ordinal);
        Assert.Null(bench.NextDue);
    }

    [RootFact(Nft)]
    public void A_grant_that_was_made_but_cannot_be_confirmed_is_taken_back()
    {
        using var programs = new FakeIptables(Nft);
        using FirewallBench bench = Start(Nft, programs.Executable);
        programs.Fail("iptables", "out of memory");
        Assert.Equal([GrantOutcome.Failed, GrantOutcome.Failed], bench.Grant(Grant("10.0.0.2", "tcp/80", 1000, Inner()), Grant("10.0.0.2", "tcp/22", 1000, null)));
        programs.Restore("iptables");
        bench.Ahead = TimeSpan.FromSeconds(2);
        bench.Expire();
        Assert.DoesNotContain("_exp_", Rules(bench, Nft), StringComparison.Ordinal);
    }

    [RootFact(Nft)]
    public void A_removal_of_which_a_part_failed_is_finished_later()
    {
        using var programs = new FakeIptables(Nft);
        using FirewallBench bench = Start(Nft, programs.Executable);
        bench.Grant(Grant("10.0.0.2", "tcp/80", 10, Inner()));
        bench.Log.Clear();
        programs.FailFrom("iptables-restore", "*nat", "busy");
        bench.Ahead = TimeSpan.FromSeconds(11);
        bench.Expire();
        Assert.Empty(RulesOf(bench, Nft, "FWKNOP_FORWARD"));
        Assert.Single(RulesOf(bench, Nft, "FWKNOP_PREROUTING"));

        programs.Restore("iptables-restore");
        bench.Ahead = TimeSpan.FromSeconds(20);
        bench.Expire();
        Assert.DoesNotContain("_exp_", Rules(bench, Nft), StringComparison.Ordinal);
        Assert.Equal(
            [
                "I Removed rule 1 from FWKNOP_FORWARD with expire time of EXP",
                "E Could not remove expired rules from FWKNOP_INPUT, FWKNOP_OUTPUT, FWKNOP_FORWARD, FWKNOP_PREROUTING, FWKNOP_POSTROUTING, FWKNOP_MASQUERADE, trying again: busy",
                "I Removed rule 1 from FWKNOP_PREROUTING with expire time of EXP",
            ],
            bench.Log.Lines.Select(WithoutTime));
    }

    [RootTheory(Nft)]
    [InlineData("*nat")]
    [InlineData("*filter")]
    public void A_start_of_which_a_part_failed_leaves_nothing(string table)
    {
        using var programs = new FakeIptables(Nft);
        programs.FailFrom("iptables-restore", table, "no such table");
        using var bench = new FirewallBench(log => new IptablesFirewall(new IptablesSettings { Programs = IptablesPrograms.Find(programs.Executable), Chains = All }, log));
        Assert.Contains("no such table", Assert.Throws<FirewallException>(bench.Prepare).Message, StringComparison.Ordinal);
        programs.Restore("iptables-restore");
        Assert.DoesNotContain("-j FWKNOP", Rules(bench, Nft), StringComparison.Ordinal);
        bench.Prepare();
        Assert.Equal([GrantOutcome.Added], bench.Grant(Grant("10.0.0.2", "tcp/80", 10, Inner())));
    }

    [RootFact(Nft)]
    public void Where_addresses_of_IPv6_cannot_be_translated_its_ports_open_all_the_same()
    {
        using var programs = new FakeIptables(Nft);
        programs.FailFrom("ip6tables-restore", "*nat", "no such table");
        using FirewallBench bench = Start(Nft, programs.Executable);
        Assert.Contains("W ip6tables cannot translate addresses, IPv6 is not forwarded: no such table", bench.Log.Lines);
        Assert.Equal(
            [GrantOutcome.Failed, GrantOutcome.Added, GrantOutcome.Added],
            bench.Grant(
                Grant("2001:db8::1", "tcp/80", 10, new Translation(NatKind.Forward, IPAddress.Parse("2001:db8::5"), 22)),
                Grant("2001:db8::1", "tcp/22", 10, null),
                Grant("10.0.0.1", "tcp/80", 10, Inner())));
        Assert.True(bench.TearDown());
    }

    [RootFact(Nft)]
    public void What_there_is_no_chain_for_is_refused()
    {
        using var bench = new FirewallBench(log => new IptablesFirewall(Settings(Nft, new ChainSettings { Forwards = true }), log));
        bench.Prepare();
        bench.Log.Clear();
        Assert.Equal(
            [GrantOutcome.Added, GrantOutcome.Failed, GrantOutcome.Failed],
            bench.Grant(
                Grant("10.0.0.1", "tcp/80", 10, Inner()),
                Grant("10.0.0.1", "tcp/81", 10, Inner() with { Source = Snat }),
                Grant("10.0.0.1", "tcp/82", 10, Inner("2001:db8::5"))));
        Assert.Contains(bench.Log.Lines, line => line.StartsWith("E Could not add FORWARD rule to FWKNOP_FORWARD for 10.0.0.1 -> 0.0.0.0/0 tcp/81: fwknopd.conf has no chains", StringComparison.Ordinal));
        Assert.Single(RulesOf(bench, Nft, "FWKNOP_PREROUTING"));
    }

    [RootFact(Nft)]
    public void A_reading_that_forwards_no_more_ends_what_is_forwarded()
    {
        using FirewallBench bench = Start(Nft);
        bench.Grant(Grant("10.0.0.1", "tcp/80", 100, Inner()), Grant("10.0.0.1", "tcp/22", 100, null));
        bench.Follow(log => new IptablesFirewall(Settings(Nft, new ChainSettings()), log));
        Assert.Equal(Grants.Key("10.0.0.1", "tcp/22"), Assert.Single(bench.Live).Key);
        string rules = Rules(bench, Nft);
        Assert.Equal(1, CountOf(rules, "_exp_"));
        Assert.DoesNotContain("FWKNOP_FORWARD", rules, StringComparison.Ordinal);
        Assert.DoesNotContain("FWKNOP_PREROUTING", rules, StringComparison.Ordinal);
        Assert.DoesNotContain("FWKNOP_OUTPUT", rules, StringComparison.Ordinal);
        Assert.Contains(bench.Log.Lines, line => line.StartsWith("W The grant of tcp/80 for 10.0.0.1 ends: ", StringComparison.Ordinal));
    }

    private static SourceTranslation Snat { get; } = new(IPAddress.Parse("10.6.6.6"));

    private static Translation Inner(string address = "10.5.5.5") => new(NatKind.Forward, IPAddress.Parse(address), 22);

    private static FirewallGrant Grant(string source, string port, double seconds, Translation? translation) =>
        new(Grants.Network(source), null, [Grants.Range(port)], TimeSpan.FromSeconds(seconds), translation);

    private static FirewallBench Start(string program, string? executable = null)
    {
        var bench = new FirewallBench(log => new IptablesFirewall(Settings(executable ?? program, All), log));
        bench.Prepare();
        return bench;
    }

    private static IptablesSettings Settings(string program, ChainSettings chains) =>
        new() { Programs = IptablesPrograms.Find(Path.IsPathRooted(program) ? program : Requirement.FindProgram(program)!), Chains = chains };

    /// <summary>All rules of both tables and families.</summary>
    private static string Rules(FirewallBench bench, string program) => string.Concat(
        from family in (string[])[program, program.Replace("iptables", "ip6tables", StringComparison.Ordinal)]
        from table in (string[])["filter", "nat"]
        select bench.Space.RunChecked(family, "-t", table, "-S").Output);

    private static IReadOnlyList<string> RulesOf(FirewallBench bench, string program, string chain) =>
        [.. Rules(bench, program).Split('\n').Where(line => line.StartsWith($"-A {chain} ", StringComparison.Ordinal))];

    private static string WithoutTime(string line) =>
        System.Text.RegularExpressions.Regex.Replace(line, "[0-9]{10}", "EXP");

    private static int CountOf(string text, string part) => text.Split(part).Length - 1;
}
