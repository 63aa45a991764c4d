using System.Net;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Daemon.Tests.Enforcement.Sequences;
using Fwknop.Grants;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>A forwarded grant and its end, with programs that fail at each of their calls in turn, against the live kernel.</summary>
public sealed class IptablesFaultTests
{
    private const string Nft = "iptables-nft";
    private const string Legacy = "iptables-legacy";

    private static readonly ChainSettings Chains = new() { Forwards = true, TranslatesSource = true };

    /// <summary>The programs, the family, how a call fails (nothing is done, all is done, only the first table), and how many calls in a row.</summary>
    [RootTheory(Nft, Legacy, "ip6tables-nft")]
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
        using FirewallBench bench = new(
            log => new IptablesFirewall(new IptablesSettings { Programs = IptablesPrograms.Find(programs.Executable), Chains = Chains }, log));
        FirewallGrant grant = new(
            Grants.Network(ipv6 ? "2001:db8::1" : "10.0.0.1"), null, [Grants.Range("tcp/80")], TimeSpan.FromSeconds(30),
            new Translation(NatKind.Forward, IPAddress.Parse(ipv6 ? "2001:db8::5" : "10.5.5.5"), 22, Source: new SourceTranslation(null)));
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
                Assert.Equal(3, CountOfRules());
            }
            else if (count == 1)
            {
                Assert.Equal(0, CountOfRules());
            }

            Assert.Equal(outcome == GrantOutcome.Added ? 1 : 0, bench.Live.Count);
            RunUntilNothingIsDue();
            Assert.True(CountOfRules() == 0, $"call {first} failed, and something is left:\n{Rules()}");
            Assert.Empty(bench.Live);
        }
        while (programs.Calls >= first);

        // Each call of both was one that failed.
        Assert.InRange(first, 8, 40);
        Assert.Contains(GrantOutcome.Added, outcomes);

        void RunUntilNothingIsDue()
        {
            for (int turn = 0; bench.NextDue is { } due; turn++)
            {
                Assert.InRange(turn, 0, 10);
                bench.Ahead += due > bench.Now.Monotonic ? due - bench.Now.Monotonic : TimeSpan.Zero;
                bench.Expire();
            }
        }

        int CountOfRules() => Rules().Split("_exp_").Length - 1;

        string Rules()
        {
            string family = ipv6 ? program.Replace("iptables", "ip6tables", StringComparison.Ordinal) : program;
            return bench.Space.RunChecked(family, "-S").Output + bench.Space.RunChecked(family, "-t", "nat", "-S").Output;
        }
    }
}
