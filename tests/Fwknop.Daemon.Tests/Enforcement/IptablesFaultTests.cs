using System.Net;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Ipset;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Daemon.Tests.Enforcement.Sequences;
using Fwknop.Grants;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>A grant and its end, with programs that fail at each of their calls in turn, against the live kernel.</summary>
public sealed class IptablesFaultTests
{
    private const string Nft = "iptables-nft";
    private const string Legacy = "iptables-legacy";

    private static readonly ChainSettings Chains = new() { Forwards = true, TranslatesSource = true };

    /// <summary>The programs, the family, how a call fails (nothing is done, all is done, only the first table), and how many calls in a row.</summary>
    [RootTheory(Nft, Legacy, "ip6tables-nft", "ipset")]
    [InlineData(Nft, false, 0, 1)]
    [InlineData(Nft, true, 1, 1)]
    [InlineData(Nft, false, 2, 1)]
    [InlineData(Legacy, false, 2, 1)]
    [InlineData(Nft, false, 0, 3)]
    [InlineData(Nft, false, 1, 4)]
    [InlineData(Nft, false, 2, 5)]
    public void Whichever_call_fails_nothing_is_open_that_was_not_granted_and_nothing_is_left(string program, bool ipv6, int mode, int count)
    {
        using FaultyIptables programs = new(program);
        using FirewallBench bench = new(log => new IptablesFirewall(SettingsOf(programs), log));
        LetEachCallFail(programs, bench, Forwarded(ipv6), mode, count, _ => { });
    }

    [RootTheory(Nft, Legacy, "ipset")]
    [InlineData(Nft, 0, 1)]
    [InlineData(Legacy, 2, 1)]
    [InlineData(Nft, 1, 4)]
    public void Whichever_call_fails_what_is_revoked_is_shut_or_still_known(string program, int mode, int count)
    {
        using FaultyIptables programs = new(program);
        using FirewallBench bench = new(log => new IptablesFirewall(SettingsOf(programs), log));
        LetEachCallFail(programs, bench, Forwarded(ipv6: false), mode, count, grant => Revoke(programs, bench, grant));
    }

    /// <summary>The kernel, whose clock no test moves, ends elements: they are revoked instead.</summary>
    [RootTheory(Nft, "ipset")]
    [InlineData(0, 1)]
    [InlineData(2, 2)]
    public void The_same_with_sets(int mode, int count)
    {
        using FaultyIptables programs = new(Nft);
        IpsetSettings settings = new() { Executable = IpsetSettings.ProgramBeside(programs.Executable), Iptables = SettingsOf(programs) };
        using FirewallBench bench = new(log => new IpsetFirewall(settings, log));
        LetEachCallFail(programs, bench, Grants.Of("10.0.0.1", "tcp/80,tcp/22,udp/53", 600), mode, count, grant => Revoke(programs, bench, grant));
    }

    private static void LetEachCallFail(FaultyIptables programs, FirewallBench bench, FirewallGrant grant, int mode, int count, Action<FirewallGrant> end)
    {
        // What is open has three rules or elements.
        const int open = 3;
        int first = 0;
        HashSet<GrantOutcome> outcomes = [];
        do
        {
            first++;
            programs.Work();
            bench.Prepare();
            programs.FailAt(first, count, mode);
            GrantOutcome outcome = Assert.Single(bench.Grant(grant));
            outcomes.Add(outcome);
            if (outcome == GrantOutcome.Added)
            {
                Assert.Equal(open, Opened(programs, bench).Length);
            }
            else if (count == 1)
            {
                Assert.Empty(Opened(programs, bench));
            }

            Assert.Equal(outcome == GrantOutcome.Added ? grant.Keys.Count() : 0, bench.Live.Count);
            end(grant);
            RunUntilNothingIsDue(bench);
            string[] left = Opened(programs, bench);
            Assert.True(left.Length == 0, $"call {first} failed, and something is left:\n{string.Join('\n', left)}");
            Assert.Empty(bench.Live);
        }
        while (programs.Calls >= first);

        // Each call of both was one that failed.
        Assert.InRange(first, 6, 40);
        Assert.Contains(GrantOutcome.Added, outcomes);
    }

    /// <summary>Until it succeeds; what is not revoked is not forgotten.</summary>
    private static void Revoke(FaultyIptables programs, FirewallBench bench, FirewallGrant grant)
    {
        int live = bench.Live.Count;
        for (int turn = 0; bench.Revoke([.. grant.Keys]) is { } failure; turn++)
        {
            Assert.InRange(turn, 0, 10);
            Assert.Contains("does not work", failure, StringComparison.Ordinal);
            Assert.Equal(live, bench.Live.Count);
        }

        Assert.Empty(bench.Live);
        if (live > 0)
        {
            Assert.Empty(Opened(programs, bench));
        }
    }

    private static void RunUntilNothingIsDue(FirewallBench bench)
    {
        for (int turn = 0; bench.NextDue is { } due; turn++)
        {
            Assert.InRange(turn, 0, 10);
            bench.Ahead += due > bench.Now.Monotonic ? due - bench.Now.Monotonic : TimeSpan.Zero;
            bench.Expire();
        }
    }

    private static FirewallGrant Forwarded(bool ipv6) => new(
        Grants.Network(ipv6 ? "2001:db8::1" : "10.0.0.1"), null, [Grants.Range("tcp/80")], TimeSpan.FromSeconds(30),
        new Translation(NatKind.Forward, IPAddress.Parse(ipv6 ? "2001:db8::5" : "10.5.5.5"), 22, Source: new SourceTranslation(null)));

    private static IptablesSettings SettingsOf(FaultyIptables programs) => new() { Programs = IptablesPrograms.Find(programs.Executable), Chains = Chains };

    /// <summary>The rules and elements of grants in the namespace.</summary>
    private static string[] Opened(FaultyIptables programs, FirewallBench bench) =>
    [
        .. ((string[])[$"{programs.Variant}-save", $"{programs.Variant.Replace("ip", "ip6", StringComparison.Ordinal)}-save", "ipset save"])
            .Select(command => command.Split(' '))
            .SelectMany(words => bench.Space.RunChecked(words[0], words[1..]).Output.Split('\n'))
            .Where(line => line.Contains("_exp_", StringComparison.Ordinal) || line.StartsWith("add fwknop_", StringComparison.Ordinal)),
    ];
}
