using System.Net;
using System.Text.RegularExpressions;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Ipset;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Daemon.Enforcement.Nftables;
using Fwknop.Grants;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>Sets with timeouts and the rules that look them up, against the live kernel.</summary>
public sealed partial class IpsetKernelTests
{
    private const string Nft = "iptables-nft";
    private const string Legacy = "iptables-legacy";

    [RootTheory("ipset", Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void Grants_are_elements_that_the_kernel_ends(string program)
    {
        using FirewallBench bench = Start(program);
        Assert.Equal(
            [GrantOutcome.Added, GrantOutcome.Added, GrantOutcome.Added],
            bench.Grant(Grants.Of("10.0.0.1", "tcp/22,udp/53", 2), Grants.Of("10.0.0.0/24", "tcp/80", 2), Grants.Of("2001:db8::1", "tcp/22", 2, "2001:db8::2")));
        Assert.Equal(
            ["fwknop_in4 10.0.0.0/24,tcp:80", "fwknop_in4 10.0.0.1,tcp:22", "fwknop_in4 10.0.0.1,udp:53", "fwknop_to6 2001:db8::1,tcp:22,2001:db8::2"],
            Elements(bench));
        Assert.Equal(
            [
                "-A FWKNOP_INPUT -m set --match-set fwknop_in4 src,dst -j ACCEPT",
                "-A FWKNOP_INPUT -m set --match-set fwknop_to4 src,dst,dst -j ACCEPT",
            ],
            InChain(bench, program));
        Assert.Matches("^I Added access rule to FWKNOP_INPUT for 10.0.0.1 -> 0.0.0.0/0 tcp/22,udp/53, expires at [0-9]+$", Lines(bench, "Added access")[0]);
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60)));

        bench.Log.Clear();
        TimeSpan end = bench.Now.Monotonic + TimeSpan.FromSeconds(5);
        Deadline.WaitUntil(
            () =>
            {
                bench.Expire();
                return Elements(bench).Count == 1 && bench.Live.Count == 1;
            },
            TimeSpan.FromSeconds(10),
            "the kernel to end the grants");
        Assert.Equal(["fwknop_in4 10.0.0.1,tcp:22"], Elements(bench));
        Assert.Equal(3, Lines(bench, "Removed rule for ").Length);
        Assert.DoesNotContain(bench.Log.Lines, line => line[0] is 'E' or 'W');
    }

    [RootTheory("ipset", Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void What_no_set_can_hold_is_a_rule(string program)
    {
        using FirewallBench bench = Start(program);
        Translation inner = new(NatKind.Forward, IPAddress.Parse("10.5.5.5"), 22);
        FirewallGrant[] batch =
        [
            Grants.Of("10.0.0.1", "tcp/8000-8010,udp/53", 60),
            Grants.Of("10.0.0.0/24", "tcp/22", 60, "10.9.9.9"),
            new FirewallGrant(Grants.Network("10.0.0.1"), null, [Grants.Range("tcp/80")], TimeSpan.FromSeconds(60), inner),
            Grants.Of("10.0.0.2", "tcp/22", 3_000_000),
            Grants.Of("10.0.0.3", "tcp/22", 60),
        ];
        Assert.All(bench.Grant(batch), outcome => Assert.Equal(GrantOutcome.Added, outcome));
        Assert.Equal(["fwknop_in4 10.0.0.3,tcp:22"], Elements(bench));
        Assert.Equal(5, InChain(bench, program).Count(rule => rule.Contains("_exp_", StringComparison.Ordinal)));
        Assert.Equal(6, bench.Live.Count);
        Assert.All(bench.Grant(batch), outcome => Assert.Equal(GrantOutcome.Extended, outcome));

        Assert.Null(bench.Revoke([.. bench.Live.Select(grant => grant.Key)]));
        Assert.Empty(Elements(bench));
        Assert.DoesNotContain("_exp_", bench.Rules(program), StringComparison.Ordinal);
        Assert.Null(bench.NextDue);
    }

    [RootTheory("ipset", Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void A_start_keeps_or_forgets_the_grants_of_an_earlier_run(string program)
    {
        using FirewallBench bench = Start(program);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60), Grants.Of("10.0.0.1", "tcp/8000-8010", 60), Grants.Of("2001:db8::1", "udp/53", 90, "::1"));
        bench.Space.RunChecked("ipset", "add", "fwknop_in4", "10.0.0.66,tcp:22");
        bench.Restart(log => new IpsetFirewall(Settings(program, new ChainSettings { FlushesAtInit = false }), log));
        bench.Prepare();
        Assert.Contains("I Kept 2 grants of an earlier run", bench.Log.Lines);
        Assert.Contains("I Kept 1 grants of an earlier run", bench.Log.Lines);
        Assert.Equal(["fwknop_in4 10.0.0.1,tcp:22", "fwknop_to6 2001:db8::1,udp:53,::1"], Elements(bench));
        Assert.NotNull(bench.NextDue);
        Assert.InRange(bench.NextDue.Value - bench.Now.Monotonic, TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(60));
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 120)));
        Assert.Equal(3, InChain(bench, program).Length);

        bench.Restart();
        bench.Prepare();
        Assert.Empty(Elements(bench));
        Assert.Equal(2, InChain(bench, program).Length);
        Assert.Null(bench.NextDue);
    }

    [RootTheory("ipset", Nft, Legacy)]
    [InlineData(Nft, "ipset flush fwknop_in4", "the set fwknop_in4")]
    [InlineData(Legacy, "iptables -F FWKNOP_INPUT", "the chain FWKNOP_INPUT")]
    [InlineData(Nft, "iptables -D FWKNOP_INPUT 1", "the chain FWKNOP_INPUT")]
    [InlineData(Nft, "iptables -D INPUT -j FWKNOP_INPUT", "the chain FWKNOP_INPUT")]
    [InlineData(Nft, "iptables -F;iptables -X;ipset destroy fwknop_in4", "the set fwknop_in4")]
    [InlineData(Legacy, "iptables -F;iptables -X;ipset destroy", "the set fwknop_in4")]
    public void What_was_taken_away_comes_back_at_the_next_grant(string program, string commands, string what)
    {
        using FirewallBench bench = Start(program);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60), Grants.Of("10.0.0.1", "tcp/8000-8010", 60));
        string rules = bench.Rules(program);
        foreach (string[] words in commands.Split(';').Select(command => command.Split(' ')))
        {
            // Rules of nftables' iptables let go of their sets a moment later; sets that are in use stay.
            bench.Space.Run(words[0] == "ipset" ? "ipset" : program, words[1..]);
            if (words[1] == "-X")
            {
                Deadline.WaitUntil(() => bench.Space.Run("ipset", "destroy", "fwknop_in4").ExitCode == 0, TimeSpan.FromSeconds(5), "the set to be free");
            }
        }

        bench.Log.Clear();
        Assert.Equal([GrantOutcome.Added], bench.Grant(Grants.Of("10.0.0.2", "tcp/22", 60)));
        Assert.Contains(bench.Log.Lines, line => line.StartsWith("W Another program has removed", StringComparison.Ordinal) && line.Contains(what, StringComparison.Ordinal));
        Assert.Equal(["fwknop_in4 10.0.0.1,tcp:22", "fwknop_in4 10.0.0.2,tcp:22"], Elements(bench));
        Assert.Equal(rules.Split('\n').Order(), bench.Rules(program).Split('\n').Order());
        Assert.True(bench.TearDown());
        AssertNothingLeft(bench, program);
    }

    [RootFact("ipset", Nft)]
    public void An_element_deleted_by_hand_stays_away_until_its_renewal()
    {
        using FirewallBench bench = Start(Nft);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60), Grants.Of("10.0.0.2", "tcp/22", 60));
        bench.Space.RunChecked("ipset", "del", "fwknop_in4", "10.0.0.1,tcp:22");
        bench.Log.Clear();
        bench.Grant(Grants.Of("10.0.0.3", "tcp/22", 60));
        Assert.Equal(["fwknop_in4 10.0.0.2,tcp:22", "fwknop_in4 10.0.0.3,tcp:22"], Elements(bench));
        Assert.DoesNotContain(bench.Log.Lines, line => line[0] == 'W');
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 90)));
        Assert.Equal(3, Elements(bench).Count);
    }

    [RootTheory("ipset", Nft)]
    [InlineData("fwknop_in4", "hash:ip")]
    [InlineData("fwknop_to6", "hash:ip,port,ip")]
    [InlineData("fwknop_in6_next", "hash:net")]
    public void A_set_of_somebody_else_is_an_error_at_start_and_stays(string name, string type)
    {
        using var bench = new FirewallBench(log => new IpsetFirewall(Settings(Nft), log));
        bench.Space.RunChecked("ipset", "create", name, type);
        string before = bench.Space.RunChecked("ipset", "save").Output;
        FirewallException failure = Assert.Throws<FirewallException>(bench.Prepare);
        Assert.Contains($"there is a set {name} of type {type} inet", failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, bench.Space.RunChecked("ipset", "save").Output);
        Assert.DoesNotContain("FWKNOP", bench.Rules(Nft), StringComparison.Ordinal);
        bench.Flush();
        Assert.Equal(before, bench.Space.RunChecked("ipset", "save").Output);
    }

    [RootFact("ipset", Nft)]
    public void A_full_set_refuses_the_batch_and_keeps_what_it_has()
    {
        using var bench = new FirewallBench(log => new IpsetFirewall(Settings(Nft) with { MaxElements = 2 }, log));
        bench.Prepare();
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        Assert.Equal([GrantOutcome.Failed, GrantOutcome.Failed], bench.Grant(Grants.Of("10.0.0.2", "tcp/22", 60), Grants.Of("10.0.0.3", "tcp/22", 60)));
        Assert.Contains("is full", bench.Log.Lines[^1], StringComparison.Ordinal);
        Assert.Equal(["fwknop_in4 10.0.0.1,tcp:22"], Elements(bench));
        Assert.Single(bench.Live);
        Assert.Equal([GrantOutcome.Added], bench.Grant(Grants.Of("10.0.0.2", "tcp/22", 60)));
    }

    [RootFact("ipset", Nft)]
    public void A_missing_program_is_an_error_at_start()
    {
        using var bench = new FirewallBench(log => new IpsetFirewall(Settings(Nft) with { Executable = "/nonexistent/ipset" }, log));
        Assert.Contains("/nonexistent/ipset cannot be run", Assert.Throws<FirewallException>(bench.Prepare).Message, StringComparison.Ordinal);
        Assert.DoesNotContain("FWKNOP", bench.Rules(Nft), StringComparison.Ordinal);
    }

    [RootTheory("ipset", Nft)]
    [InlineData("cat >/dev/null; echo busy >&2; exit 1", "busy")]
    [InlineData("yes", "printed too much")]
    [InlineData("kill -9 $$", "exited with status")]
    public void A_program_that_fails_opens_nothing(string script, string reason)
    {
        using var programs = new FakeIptables(Nft);
        programs.Restore("ipset");
        using FirewallBench bench = Start(Nft, programs);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        programs.Write("ipset", script);
        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grants.Of("10.0.0.2", "tcp/22", 60)));
        Assert.Contains(bench.Log.Lines, line => Regex.IsMatch(line, $"^E Could not add access rule to FWKNOP_INPUT for 10.0.0.2 -> 0.0.0.0/0 tcp/22: .*{reason}"));
        Assert.DoesNotContain(bench.Log.Lines, line => line.StartsWith("I Added access rule to FWKNOP_INPUT for 10.0.0.2", StringComparison.Ordinal));
        Assert.NotNull(bench.Revoke(Grants.Key("10.0.0.1", "tcp/22")));
        Assert.Single(bench.Live);

        programs.Restore("ipset");
        bench.Ahead = TimeSpan.FromSeconds(5);
        bench.Expire();
        Assert.Equal(["fwknop_in4 10.0.0.1,tcp:22"], Elements(bench));
        Assert.Equal([GrantOutcome.Added], bench.Grant(Grants.Of("10.0.0.2", "tcp/22", 60)));
    }

    [RootFact("ipset", Nft)]
    public void What_a_failed_grant_left_goes_when_it_can()
    {
        using var programs = new FakeIptables(Nft);
        programs.Restore("ipset");
        using FirewallBench bench = Start(Nft, programs);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        programs.FailFrom("ipset", "add fwknop_in4 10.0.0.3", "busy", never: "del ");
        Assert.All(
            bench.Grant(Grants.Of("10.0.0.2", "tcp/22", 60), Grants.Of("10.0.0.1", "tcp/22", 900), Grants.Of("10.0.0.3", "tcp/22", 60)),
            outcome => Assert.Equal(GrantOutcome.Failed, outcome));
        Assert.Equal(2, Elements(bench).Count);
        bench.Ahead = TimeSpan.FromSeconds(2);
        bench.Expire();
        Assert.Equal(2, Lines(bench, "Could not take back").Length);
        programs.Restore("ipset");
        bench.Ahead = TimeSpan.FromSeconds(10);
        bench.Expire();
        Assert.Matches("^add fwknop_in4 10.0.0.1,tcp:22 timeout [0-9]{2}$", Assert.Single(Saved(bench)));
        Assert.Equal(60, (bench.Live.Single().End.Due - bench.Now.Monotonic + bench.Ahead).TotalSeconds, 8.0);
    }

    [RootTheory("ipset", "nft", Nft, Legacy)]
    [InlineData(Nft, true)]
    [InlineData(Nft, false)]
    [InlineData(Legacy, false)]
    public void Grants_go_over_to_other_back_ends_and_come_back(string program, bool keep)
    {
        ChainSettings chains = new() { FlushesAtInit = !keep, Forwards = true };
        using FirewallBench bench = Start(program);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60), Grants.Of("10.0.0.1", "tcp/8000-8010", 60));
        string rules = bench.Rules(program);
        bench.Follow(log => new IptablesFirewall(Settings(program, chains).Iptables, log));
        Assert.DoesNotContain("fwknop", bench.Space.RunChecked("ipset", "save").Output, StringComparison.Ordinal);
        Assert.DoesNotContain("match-set", bench.Rules(program), StringComparison.Ordinal);
        Assert.Equal(2, InChain(bench, program).Length);

        bench.Follow(log => new IpsetFirewall(Settings(program, chains), log));
        Assert.Equal(["fwknop_in4 10.0.0.1,tcp:22"], Elements(bench));
        Assert.Equal(2, bench.Live.Count);
        bench.Follow(log => new IpsetFirewall(Settings(program, chains), log));
        Assert.Equal(["fwknop_in4 10.0.0.1,tcp:22"], Elements(bench));
        bench.Follow(log => new NftablesFirewall(new NftablesSettings { GuardPorts = [Grants.Range("tcp/22")] }, log));
        AssertNothingLeft(bench, program);
        Assert.Equal(2, bench.Live.Count);
        bench.Follow(log => new IpsetFirewall(Settings(program, chains), log));
        Assert.DoesNotContain("table inet fwknop", bench.Nft("list", "ruleset"), StringComparison.Ordinal);
        Assert.Equal(rules, bench.Rules(program));
    }

    [RootFact("ipset", Nft)]
    public void A_set_that_a_foreign_rule_looks_up_is_emptied_at_the_stop()
    {
        using FirewallBench bench = Start(Nft);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        bench.Space.RunChecked(Nft, "-A", "FORWARD", "-m", "set", "--match-set", "fwknop_in4", "src,dst", "-j", "ACCEPT");
        Assert.False(bench.TearDown());
        Assert.Matches("^E Could not remove the set fwknop_in4: .*in use.*; it has been emptied$", Assert.Single(Lines(bench, "Could not")));
        Assert.Empty(Elements(bench));
        Assert.Equal("Name: fwknop_in4", Assert.Single(bench.Space.RunChecked("ipset", "list", "-terse").Output.Split('\n'), line => line.StartsWith("Name", StringComparison.Ordinal)));
    }

    [RootFact("ipset", Nft)]
    public void A_failure_stop_leaves_what_ends_by_itself_and_nothing_else()
    {
        using FirewallBench bench = Start(Nft);
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        string rules = bench.Rules(Nft);
        Assert.True(bench.Abandon());
        Assert.Equal(rules, bench.Rules(Nft));
        Assert.Single(Elements(bench));

        bench.Grant(Grants.Of("10.0.0.1", "tcp/8000-8010", 60));
        Assert.True(bench.Abandon());
        Assert.DoesNotContain("FWKNOP", bench.Rules(Nft), StringComparison.Ordinal);
    }

    [RootTheory("ipset", Nft)]
    [InlineData(true)]
    [InlineData(false)]
    public void A_stop_leaves_nothing_or_everything(bool flush)
    {
        using FirewallBench bench = Start(Nft, new ChainSettings { FlushesAtExit = flush, HasOutput = true });
        bench.Space.RunChecked("ipset", "create", "admin", "hash:ip");
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        string rules = bench.Rules(Nft);
        Assert.Contains("-A FWKNOP_OUTPUT -m set --match-set fwknop_in4 dst,src -j ACCEPT", rules, StringComparison.Ordinal);
        Assert.Contains("fwknop_in4", bench.List(all: false), StringComparison.Ordinal);
        Assert.True(bench.TearDown());
        if (flush)
        {
            AssertNothingLeft(bench, Nft);
        }
        else
        {
            Assert.Equal(rules, bench.Rules(Nft));
            Assert.Single(Elements(bench));
        }

        Assert.Contains("create admin", bench.Space.RunChecked("ipset", "save").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("add fwknop_in4 10.0.0.1,tcp:22 timeout 59", true)]
    [InlineData("add fwknop_in4 10.0.0.0/24,udp:53 timeout 2147483", true)]
    [InlineData("add fwknop_in4 10.0.0.1,tcp:22 timeout 0", false)]
    [InlineData("add fwknop_in4 10.0.0.1,tcp:22", false)]
    [InlineData("add fwknop_in4 10.0.0.1,tcp:22 timeout 59 comment \"x\"", false)]
    [InlineData("add fwknop_in4 10.0.0.1,tcp:22 timeout 99999999999", false)]
    [InlineData("add fwknop_in4 10.0.0.1,tcp:0 timeout 59", false)]
    [InlineData("add fwknop_in4 10.0.0.1,tcp:65536 timeout 59", false)]
    [InlineData("add fwknop_in4 10.0.0.1,sctp:22 timeout 59", false)]
    [InlineData("add fwknop_in4 10.0.0.1/24,tcp:22 timeout 59", false)]
    [InlineData("add fwknop_in4 10.0.0.0/4,tcp:22 timeout 59", false)]
    [InlineData("add fwknop_in4 10.0.0.0/99999999999,tcp:22 timeout 59", false)]
    [InlineData("add fwknop_in4 2001:db8::1,tcp:22 timeout 59", false)]
    [InlineData("add fwknop_in4 10.0.0.1,tcp:22,10.0.0.2 timeout 59", false)]
    [InlineData("add fwknop_in6 10.0.0.1,tcp:22 timeout 59", false)]
    [InlineData("add fwknop_in4 10.0.0.999,tcp:22 timeout 59", false)]
    [InlineData("add fwknop_in4 10.0.0.1,tcp:2", false)]
    public void Only_elements_of_our_form_are_read(string line, bool isRead) =>
        Assert.Equal(isRead ? 1 : 0, new IpsetSet(IsIPv6: false, HasDestination: false).Read($"create fwknop_in4 hash:net,port\n{line}\n").Count());

    private static FirewallBench Start(string program, ChainSettings? chains = null) => Start(Settings(program, chains));

    private static FirewallBench Start(string program, FakeIptables programs) => Start(Settings(program) with
    {
        Executable = IpsetSettings.ProgramBeside(programs.Executable),
        Iptables = new IptablesSettings { Programs = IptablesPrograms.Find(programs.Executable) },
    });

    private static FirewallBench Start(IpsetSettings settings)
    {
        var bench = new FirewallBench(log => new IpsetFirewall(settings, log));
        bench.Prepare();
        return bench;
    }

    private static IpsetSettings Settings(string program, ChainSettings? chains = null) => new()
    {
        Executable = Requirement.FindProgram("ipset")!,
        Iptables = new IptablesSettings
        {
            Programs = IptablesPrograms.Find(Requirement.FindProgram(program)!),
            Chains = chains ?? new ChainSettings { Forwards = true },
        },
    };

    private static string[] InChain(FirewallBench bench, string program) =>
        [.. bench.Rules(program).Split('\n').Where(line => line.StartsWith("-A FWKNOP_", StringComparison.Ordinal))];

    private static string[] Lines(FirewallBench bench, string start) => [.. bench.Log.Lines.Where(line => line[2..].StartsWith(start, StringComparison.Ordinal))];

    private static IReadOnlyList<string> Saved(FirewallBench bench) =>
        [.. bench.Space.RunChecked("ipset", "save").Output.Split('\n').Where(line => line.StartsWith("add fwknop_", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static IReadOnlyList<string> Elements(FirewallBench bench) => [.. Saved(bench).Select(line => Timeout().Replace(line["add ".Length..], ""))];

    private static void AssertNothingLeft(FirewallBench bench, string program)
    {
        Assert.DoesNotContain("fwknop", bench.Space.RunChecked("ipset", "save").Output, StringComparison.Ordinal);
        Assert.DoesNotContain("FWKNOP", bench.Rules(program), StringComparison.Ordinal);
        Assert.DoesNotContain("FWKNOP", bench.Rules(program.Replace("ip", "ip6", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [GeneratedRegex(" timeout [0-9]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Timeout();
}
