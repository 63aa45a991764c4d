using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>What settings change about how the chains are made, against the live kernel.</summary>
public sealed class IptablesSettingTests
{
    private const string Nft = "iptables-nft";
    private const string Legacy = "iptables-legacy";
    private const string Jump = "-A INPUT -j FWKNOP_INPUT";

    private static readonly string[] Administrators = ["-A INPUT -p tcp -m tcp --dport 80 -j DROP", "-A INPUT -p udp -j DROP"];

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft)]
    [InlineData(Legacy)]
    public void The_jump_stands_where_it_is_wanted_also_after_a_repair(string program)
    {
        string[] programs = [program, program.Replace("ip", "ip6", StringComparison.Ordinal)];
        ChainSpec second = new("ACCEPT", "filter", "INPUT", 2, "FWKNOP_INPUT", 1);
        using FirewallBench bench = new(log => new IptablesFirewall(Settings(Requirement.FindProgram(program)!, new ChainSettings { Input = second }), log));
        AppendAdministratorsRules();
        bench.Prepare();
        AssertSecond();
        Assert.Equal([GrantOutcome.Added, GrantOutcome.Added], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60), Grants.Of("2001:db8::1", "tcp/22", 60)));

        foreach (string family in programs)
        {
            bench.Space.RunChecked(family, "-F", "INPUT");
        }

        // There is no second place in an empty chain; nothing jumps to a rule that could not be taken back at once.
        bench.Log.Clear();
        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grants.Of("10.0.0.2", "tcp/22", 60)));
        Assert.Matches("^E Could not add access rule to FWKNOP_INPUT for 10.0.0.2 .*: .", bench.Log.Lines[^1]);
        Assert.DoesNotContain(Jump, bench.Rules(program), StringComparison.Ordinal);
        bench.Ahead = TimeSpan.FromSeconds(2);
        bench.Expire();
        Assert.DoesNotContain("10.0.0.2", bench.Rules(program), StringComparison.Ordinal);

        AppendAdministratorsRules();
        Assert.Equal([GrantOutcome.Added, GrantOutcome.Added], bench.Grant(Grants.Of("10.0.0.2", "tcp/22", 60), Grants.Of("2001:db8::2", "tcp/22", 60)));
        AssertSecond();
        foreach (string source in (string[])["10.0.0.1/32", "10.0.0.2/32", "2001:db8::1/128", "2001:db8::2/128"])
        {
            Assert.Single(bench.Rules(programs[0]).Split('\n').Concat(bench.Rules(programs[1]).Split('\n')), rule => rule.StartsWith($"-A FWKNOP_INPUT -s {source} ", StringComparison.Ordinal));
        }

        void AppendAdministratorsRules()
        {
            foreach (string family in programs)
            {
                Assert.All(Administrators, rule => bench.Space.RunChecked(family, rule.Split(' ')));
            }
        }

        void AssertSecond() => Assert.All(programs, family => Assert.Equal(
            [Administrators[0], Jump, Administrators[1]],
            bench.Rules(family).Split('\n').Where(rule => rule.StartsWith("-A INPUT ", StringComparison.Ordinal))));
    }

    [RootFact(Nft)]
    public void Without_a_check_no_rule_is_made_to_try_the_comment_match()
    {
        using FakeIptables programs = new(Nft);
        foreach (string name in (string[])["iptables-restore", "ip6tables-restore"])
        {
            programs.FailOn(name, "__TMPCOMMENT__", "Couldn't load match comment");
        }

        using FirewallBench bench = new(log => new IptablesFirewall(Settings(programs.Executable, new ChainSettings()), log));
        Assert.Contains("'comment' match", Assert.Throws<FirewallException>(bench.Prepare).Message, StringComparison.Ordinal);

        bench.Restart(log => new IptablesFirewall(Settings(programs.Executable, new ChainSettings { ChecksComment = false }), log));
        bench.Prepare();

        Assert.Equal(Enumerable.Repeat("I Added jump rule from chain: INPUT to chain: FWKNOP_INPUT", 2), bench.Log.Lines);
        Assert.Equal([GrantOutcome.Added, GrantOutcome.Added], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60), Grants.Of("2001:db8::1", "tcp/22", 60)));
        Assert.Matches("-s 10.0.0.1/32 .* --comment _exp_[0-9]+ -j ACCEPT", bench.Rules(Nft));
    }

    private static IptablesSettings Settings(string executable, ChainSettings chains) => new() { Programs = IptablesPrograms.Find(executable), Chains = chains };
}
