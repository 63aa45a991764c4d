using System.Net;
using System.Text.RegularExpressions;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Daemon.Enforcement.Nftables;
using Fwknop.Grants;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>Forwarded grants against the live kernel, in a namespace.</summary>
public sealed class NftNatKernelTests
{
    private const string AdminRules =
        """
        table inet filter {
            chain input { type filter hook input priority 0; policy drop; ct state established,related accept; }
            chain forward { type filter hook forward priority 0; policy drop; ct state established,related accept; jump deep; }
            chain deep { return; }
        }
        table ip legacy { chain forward { type filter hook forward priority 1; policy accept; }; }

        """;

    private static readonly Translation ToInner = new(NatKind.Forward, IPAddress.Parse("192.168.1.10"), 22);
    private static readonly Translation ToInner6 = new(NatKind.Forward, IPAddress.Parse("fd00::10"), 22);

    /// <summary>One of every kind.</summary>
    private static FirewallGrant[] OfEveryKind =>
    [
        Grant("10.0.0.1", "tcp/80", ToInner),
        Grant("10.0.0.1", "tcp/81", ToInner, "10.9.9.9"),
        Grant("2001:db8::/64", "udp/80", ToInner6 with { Source = new SourceTranslation(null) }),
        Grant("2001:db8::1", "tcp/80", ToInner6 with { Source = new SourceTranslation(IPAddress.Parse("fd00::1")) }, "2001:db8::9"),
        Grant("10.0.0.2", "tcp/80", ToInner with { KeepsDestination = true }),
        Grant("10.0.0.3", "tcp/80", ToInner with { IsForAll = true }),
        Grant("10.0.0.4", "tcp/80", new Translation(NatKind.Forward, null, 0, IsForAll: true, Source: new SourceTranslation(null))),
        Grant("10.0.0.5", "tcp/80", new Translation(NatKind.Forward, null, 0, IsForAll: true, Source: new SourceTranslation(IPAddress.Parse("192.0.2.1")))),
        Grant("10.0.0.6", "tcp/80", new Translation(NatKind.Local, IPAddress.Parse("10.0.0.254"), 2222)),
        Grant("10.0.0.7", "udp/80", new Translation(NatKind.Local, null, 2222)),
        Grant("2001:db8::7", "tcp/80", new Translation(NatKind.Local, null, 2222), "2001:db8::9"),
        Grant("10.0.0.8", "tcp/80", new Translation(NatKind.Local, null, 2222, KeepsDestination: true)),
        Grants.Of("10.0.0.9", "tcp/22,tcp/8000-8010", 60),
    ];

    [RootTheory("nft")]
    [InlineData("guard")]
    [InlineData("insert")]
    public void Grants_of_every_kind_are_made_renewed_revoked_and_leave_nothing(string kind)
    {
        using FirewallBench bench = Start(kind);
        string before = bench.Nft("list", "ruleset");
        foreach (FirewallGrant grant in OfEveryKind)
        {
            Assert.Equal([GrantOutcome.Added], bench.Grant(grant));
        }

        Assert.All(bench.Grant(OfEveryKind), outcome => Assert.Equal(GrantOutcome.Extended, outcome));
        Assert.DoesNotContain(bench.Log.Lines, line => line[0] is 'W' or 'E');
        GrantKey[] keys = [.. bench.Live.Select(grant => grant.Key)];
        Assert.Equal(OfEveryKind.Length + 1, keys.Length);
        Assert.Null(bench.Revoke(keys));
        Assert.DoesNotContain("elements = { 10.", bench.Nft("list", "ruleset"), StringComparison.Ordinal);
        Assert.DoesNotContain("expires", bench.Nft("list", "ruleset"), StringComparison.Ordinal);

        bench.Prepare();
        Assert.Equal(before, bench.Nft("list", "ruleset"));
        Assert.True(bench.TearDown());
        Assert.DoesNotContain("fwknop", bench.Nft("list", "ruleset"), StringComparison.OrdinalIgnoreCase);
    }

    [RootTheory("nft")]
    [InlineData("guard", "")]
    [InlineData("insert", "")]
    [InlineData("guard", "flush ruleset")]
    [InlineData("insert", "flush ruleset")]
    [InlineData("insert", "delete table inet fwknop")]
    [InlineData("insert", "flush chain inet filter FWKNOP_FORWARD")]
    [InlineData("guard", "flush chain inet fwknop FWKNOP_PREROUTING")]
    [InlineData("guard", "flush chain inet fwknop FWKNOP_MASQUERADE")]
    [InlineData("guard", "delete map inet fwknop dnat4_to; flush chain inet fwknop FWKNOP_PREROUTING")]
    [InlineData("guard", "flush chain inet fwknop FWKNOP_FORWARD")]
    public void A_restart_keeps_them_and_what_others_removed_is_made_again(string kind, string removed)
    {
        using FirewallBench bench = Start(kind);
        bench.Grant(OfEveryKind);
        GrantKey[] keys = Sorted(bench);
        string[] rules = Rules(bench);
        if (removed.Length > 0)
        {
            bench.Nft(string.Join("; ", removed.Split("; ").Reverse()));
            if (removed == "flush ruleset")
            {
                bench.Nft(AdminRules);
            }

            bench.Log.Clear();
            Assert.Equal([GrantOutcome.Extended], bench.Grant(Grant("10.0.0.1", "tcp/80", ToInner, seconds: 90)));
            Assert.StartsWith("W Another program has removed", bench.Log.Lines[0], StringComparison.Ordinal);
            Assert.Equal(keys, Sorted(bench));
            Assert.Equal(rules, Rules(bench));
        }

        bench.Restart(log => new NftablesFirewall(Settings(kind) with { FlushAtInit = false }, log));
        bench.Prepare();
        Assert.Contains($"I Kept {keys.Length} grants of an earlier run", bench.Log.Lines);
        Assert.Equal(keys, Sorted(bench));
        Assert.Equal(rules, Rules(bench));
        Assert.All(bench.Live, grant => Assert.InRange(grant.End.Due - bench.Now.Monotonic, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(90)));
    }

    [RootTheory("nft")]
    [InlineData("guard")]
    [InlineData("insert")]
    public void The_first_grant_of_a_kind_tells_of_what_others_removed(string kind)
    {
        using FirewallBench bench = Start(kind);
        bench.Nft("flush", "chain", kind == "guard" ? "inet fwknop" : "inet filter", "FWKNOP_INPUT");
        bench.Log.Clear();
        bench.Grant(Grants.Of("10.0.0.9", "tcp/8000-8010", 60));
        Assert.StartsWith("W Another program has removed", bench.Log.Lines[0], StringComparison.Ordinal);
        bench.Grant(Grants.Of("10.0.0.9", "tcp/9000-9010", 60));
        Assert.Single(bench.Log.Lines, line => line[0] == 'W');
    }

    [RootTheory("nft", "iptables-nft")]
    [InlineData(60, 90)]
    [InlineData(90, 60)]
    public void Of_grants_of_iptables_that_lead_to_two_places_the_one_that_ends_last_goes_on(int first, int second)
    {
        using FirewallBench bench = new(log => new IptablesFirewall(
            new IptablesSettings { Programs = IptablesPrograms.Find(Requirement.FindProgram("iptables-nft")!), Chains = new ChainSettings { Forwards = true } }, log));
        bench.Prepare();
        bench.Grant(Grant("10.0.0.1", "tcp/80", ToInner, seconds: first));
        bench.Grant(Grant("10.0.0.1", "tcp/80", ToInner with { Address = IPAddress.Parse("192.168.1.11") }, seconds: second));
        bench.Follow(log => new NftablesFirewall(Settings("guard"), log));
        string goesOn = first > second ? "192.168.1.10" : "192.168.1.11";
        Assert.Equal(goesOn, $"{Assert.Single(bench.Live).Key.Translation!.Address}");
        Assert.Contains($" : {goesOn} . 22", bench.Nft("list", "map", "inet", "fwknop", "dnat4"), StringComparison.Ordinal);
        Assert.Contains(bench.Log.Lines, line => Regex.IsMatch(line, "^I Removed rule for 10.0.0.1 -> 0.0.0.0/0 tcp/80 from FWKNOP_PREROUTING which a later grant leads elsewhere$"));
    }

    [RootFact("nft")]
    public void What_nft_lists_can_be_loaded_again()
    {
        using FirewallBench bench = Start("guard");
        bench.Grant(OfEveryKind);
        string[] rules = Rules(bench);
        bench.Nft("flush ruleset\n" + bench.Nft("-s", "list", "ruleset"));
        Assert.Equal(rules, Rules(bench));
    }

    [RootFact("nft")]
    public void Each_rule_has_its_line_of_the_log()
    {
        using FirewallBench bench = Start("guard");
        bench.Grant(Grant("10.0.0.1", "tcp/80", ToInner with { Source = new SourceTranslation(null) }, seconds: 1));
        string epoch = bench.Live[0].End.Epoch.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(
            [
                $"I Added FORWARD rule to FWKNOP_FORWARD for 10.0.0.1 -> 0.0.0.0/0 tcp/80, expires at {epoch}",
                $"I Added DNAT rule to FWKNOP_PREROUTING for 10.0.0.1 -> 0.0.0.0/0 tcp/80, expires at {epoch}",
                $"I Added SNAT rule to FWKNOP_MASQUERADE for 10.0.0.1 -> 0.0.0.0/0 tcp/80, expires at {epoch}",
            ],
            bench.Log.Lines.Where(line => line.Contains("rule", StringComparison.Ordinal)));
        bench.Log.Clear();
        bench.RunUntilAllExpired();
        Assert.Equal(
            [
                $"I Removed rule for 10.0.0.1 -> 0.0.0.0/0 tcp/80 from FWKNOP_FORWARD with expire time of {epoch}",
                $"I Removed rule for 10.0.0.1 -> 0.0.0.0/0 tcp/80 from FWKNOP_PREROUTING with expire time of {epoch}",
                $"I Removed rule for 10.0.0.1 -> 0.0.0.0/0 tcp/80 from FWKNOP_MASQUERADE with expire time of {epoch}",
            ],
            bench.Log.Lines);
    }

    [RootFact("nft")]
    public void Each_chain_leads_to_the_one_for_its_hook()
    {
        using FirewallBench bench = Start("insert", "inet filter deep, inet filter input, ip legacy forward");
        Assert.DoesNotContain(bench.Log.Lines, line => line.StartsWith('W'));
        Assert.Contains("jump FWKNOP_FORWARD comment \"fwknopd\"", bench.Nft("list", "chain", "inet", "filter", "deep"), StringComparison.Ordinal);
        Assert.Contains("jump FWKNOP_INPUT comment \"fwknopd\"", bench.Nft("list", "chain", "inet", "filter", "input"), StringComparison.Ordinal);
        Assert.DoesNotContain("fwknopd", bench.Nft("list", "chain", "inet", "filter", "forward"), StringComparison.Ordinal);
        Assert.DoesNotContain("FWKNOP_INPUT", bench.Nft("list", "table", "ip", "legacy"), StringComparison.Ordinal);
        Assert.True(bench.TearDown());
        Assert.DoesNotContain("fwknop", bench.Nft("list", "ruleset"), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Also where a chain of another program is named: iptables-save leaves the whole table out.</summary>
    [RootTheory("nft", "iptables-nft", "iptables-nft-save")]
    [InlineData("ip filter INPUT")]
    [InlineData("ip filter ufw-user-input")]
    public void A_table_of_iptables_is_warned_of(string hook)
    {
        Assert.True(NftHook.TryParseList(hook, out IReadOnlyList<NftHook> hooks, out _));
        using FirewallBench bench = new(log => new NftablesFirewall(new NftablesSettings { InsertAt = hooks }, log));
        bench.Space.RunChecked("iptables-nft", "-A", "INPUT", "-p", "tcp", "--dport", "80", "-j", "ACCEPT");
        bench.Space.RunChecked("iptables-nft", "-N", "ufw-user-input");
        bench.Prepare();
        Assert.Equal(
            ["W NFT_INSERT names a chain in table ip filter, which is that of iptables-nft: while the rules of fwknopd are in it, iptables-save leaves the whole table out, and does not fail"],
            bench.Log.Lines.Where(line => line.StartsWith('W')));
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        Assert.DoesNotContain("*filter", bench.Space.RunChecked("iptables-nft-save").Output, StringComparison.Ordinal);
        Assert.True(bench.TearDown());
        Assert.Contains("*filter", bench.Space.RunChecked("iptables-nft-save").Output, StringComparison.Ordinal);
    }

    [RootFact("nft")]
    public void Without_a_chain_at_hook_forward_there_is_a_warning_and_what_would_do_nothing_is_refused()
    {
        using FirewallBench bench = Start("insert", "inet filter input");
        Assert.Contains(
            "W NFT_INSERT names no chain at hook forward: what your rules drop there stays shut, whatever is granted", bench.Log.Lines);
        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grant("10.0.0.1", "tcp/80", ToInner with { KeepsDestination = true })));
        Assert.EndsWith("no chain of NFT_INSERT is at hook forward for IPv4", bench.Log.Lines[^1], StringComparison.Ordinal);
        Assert.Equal([GrantOutcome.Added], bench.Grant(Grant("10.0.0.1", "tcp/80", ToInner)));
        Assert.DoesNotContain(bench.Log.Lines, line => line.StartsWith("I Added FORWARD", StringComparison.Ordinal));
    }

    [RootFact("nft")]
    public void Without_a_chain_at_hook_input_other_ports_of_this_host_are_refused()
    {
        using FirewallBench bench = Start("insert", "inet filter forward");
        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grant("10.0.0.1", "tcp/80", new Translation(NatKind.Local, null, 2222))));
        Assert.EndsWith("no chain of NFT_INSERT is at hook input for IPv4", bench.Log.Lines[^1], StringComparison.Ordinal);
    }

    [RootTheory("nft")]
    [InlineData("guard", "insert")]
    [InlineData("insert", "guard")]
    public void Another_layout_takes_them_over(string from, string to)
    {
        using FirewallBench bench = Start(from);
        bench.Grant(OfEveryKind);
        GrantKey[] keys = Sorted(bench);
        bench.Follow(log => new NftablesFirewall(Settings(to), log));
        Assert.Equal(keys, Sorted(bench));
        Assert.Contains("10.0.0.1 . tcp . 80 timeout", bench.Nft("list", "map", "inet", "fwknop", "dnat4"), StringComparison.Ordinal);
        Assert.Equal(to == "insert", bench.Nft("list", "ruleset").Contains("jump FWKNOP", StringComparison.Ordinal));
        bench.Follow(log => new NftablesFirewall(Settings(to, "inet filter input") with { Nat = NatSettings.Off }, log));
        Assert.Equal(keys, Sorted(bench));
        Assert.True(bench.TearDown());
        Assert.DoesNotContain("fwknop", bench.Nft("list", "ruleset"), StringComparison.OrdinalIgnoreCase);
    }

    [RootTheory("nft")]
    [InlineData("a chain that is no longer named", "inet filter forward", "inet filter input")]
    [InlineData("a guard", null, "inet filter input")]
    public void What_another_configuration_has_left_after_a_crash_goes(string what, string? before, string after)
    {
        Assert.NotEmpty(what);
        using FirewallBench bench = before is null ? Start("guard") : Start("insert", before);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60), Grant("10.0.0.1", "tcp/80", ToInner));
        bench.Restart(log => new NftablesFirewall(Settings("insert", after) with { Nat = NatSettings.Off }, log));
        bench.Prepare();
        string rules = bench.Nft("list", "ruleset");
        Assert.DoesNotContain("10.0.0.1", rules, StringComparison.Ordinal);
        Assert.DoesNotContain("FWKNOP_FORWARD", rules, StringComparison.Ordinal);
        Assert.DoesNotContain("inet fwknop", rules, StringComparison.Ordinal);
        Assert.Contains("jump FWKNOP_INPUT", bench.Nft("list", "chain", "inet", "filter", "input"), StringComparison.Ordinal);
    }

    [RootFact("nft")]
    public void Ranges_of_ports_are_guarded()
    {
        using FirewallBench bench = new(log => new NftablesFirewall(
            new NftablesSettings { GuardPorts = [Grants.Range("tcp/22"), Grants.Range("tcp/8000-8010"), Grants.Range("udp/*")] }, log));
        bench.Prepare();
        string input = bench.Nft("list", "chain", "inet", "fwknop", "input");
        Assert.Contains("meta l4proto . th dport { tcp . 22 } goto FWKNOP_INPUT", input, StringComparison.Ordinal);
        Assert.Contains("tcp dport 8000-8010 goto FWKNOP_INPUT", input, StringComparison.Ordinal);
        Assert.Contains("udp dport 1-65535 goto FWKNOP_INPUT", input, StringComparison.Ordinal);
        Assert.Contains(
            "ct direction original ct status dnat meta l4proto tcp ct original proto-dst 8000-8010 goto FWKNOP_FORWARD",
            bench.Nft("list", "chain", "inet", "fwknop", "forward"),
            StringComparison.Ordinal);
    }

    private static GrantKey[] Sorted(FirewallBench bench) => [.. bench.Live.Select(grant => grant.Key).OrderBy(key => $"{key}", StringComparer.Ordinal)];

    /// <summary>The rules without their elements, in an order that does not depend on how they were made.</summary>
    private static string[] Rules(FirewallBench bench) => [.. bench.Nft("-t", "list", "ruleset").Split('\n').Order(StringComparer.Ordinal)];

    private static FirewallGrant Grant(string source, string ports, Translation translation, string? destination = null, double seconds = 60) => new(
        Grants.Network(source), destination is null ? null : IPAddress.Parse(destination), [Grants.Range(ports)], TimeSpan.FromSeconds(seconds), translation);

    private static NftablesSettings Settings(string kind, string chains = "inet filter input, inet filter forward") => kind == "guard"
        ? new NftablesSettings { GuardPorts = [Grants.Range("tcp/22"), Grants.Range("tcp/80")], Nat = NatSettings.All }
        : new NftablesSettings { InsertAt = NftHook.TryParseList(chains, out IReadOnlyList<NftHook> hooks, out _) ? hooks : [], Nat = NatSettings.All };

    private static FirewallBench Start(string kind, string chains = "inet filter input, inet filter forward")
    {
        FirewallBench bench = new(log => new NftablesFirewall(Settings(kind, chains), log));
        bench.Nft(AdminRules);
        bench.Prepare();
        return bench;
    }
}
