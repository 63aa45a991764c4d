using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Firewalld;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>Direct rules, by a real firewalld in a namespace.</summary>
public sealed class FirewalldDirectTests(SharedFirewalld shared) : IClassFixture<SharedFirewalld>
{
    private FirewalldHost Firewalld => shared.Firewalld;

    [RootFact("firewalld", "firewall-cmd", "dbus-daemon", "unshare", "iptables", "ip6tables")]
    public void Rules_have_the_form_of_fwknop_and_go_at_their_time()
    {
        using FirewallBench bench = Start();
        Assert.Equal(
            [
                "I Added jump rule from chain: INPUT to chain: FWKNOP_INPUT",
                "I Added jump rule from chain: INPUT to chain: FWKNOP_INPUT",
                "I firewalld 'comment' match is available",
                "W The zones of firewalld drop what its direct rules accept, because it uses nftables: set FIREWD_ZONE, or FirewallBackend=iptables in firewalld.conf",
            ],
            bench.Log.Lines);
        bench.Log.Clear();
        Assert.Equal(
            [GrantOutcome.Added, GrantOutcome.Added],
            bench.Grant(Grants.Of("10.0.0.1", "tcp/22,udp/53", 60), Grants.Of("2001:db8::1", "tcp/22", 60, "2001:db8::2")));
        string exp = bench.Log.Lines[0].Split(' ')[^1];
        Assert.Equal($"I Added access rule to FWKNOP_INPUT for 10.0.0.1 -> 0.0.0.0/0 tcp/22,udp/53, expires at {exp}", bench.Log.Lines[0]);
        Assert.Equal(
            [
                $"-A FWKNOP_INPUT -s 10.0.0.1/32 -p tcp -m tcp --dport 22 -m comment --comment _exp_{exp} -j ACCEPT",
                $"-A FWKNOP_INPUT -s 10.0.0.1/32 -p udp -m udp --dport 53 -m comment --comment _exp_{exp} -j ACCEPT",
            ],
            OurRules(bench));
        Assert.Equal(
            [$"-A FWKNOP_INPUT -s 2001:db8::1/128 -d 2001:db8::2/128 -p tcp -m tcp --dport 22 -m comment --comment _exp_{exp} -j ACCEPT"],
            OurRules(bench, "ip6tables"));
        Assert.Contains(
            $"Ran: {Firewalld.Executable} --direct --passthrough ipv4 -t filter -A FWKNOP_INPUT -p 6 -s 10.0.0.1 -d 0.0.0.0/0 --dport 22 -m comment --comment _exp_{exp} -j ACCEPT (status 0)",
            bench.Log.Traces);

        bench.Log.Clear();
        bench.Ahead = TimeSpan.FromSeconds(61);
        bench.Expire();
        Assert.Empty(OurRules(bench));
        Assert.Empty(OurRules(bench, "ip6tables"));
        Assert.Equal(3, bench.Log.Lines.Count(line => line.StartsWith("I Removed rule ", StringComparison.Ordinal)));
        Assert.Null(bench.NextDue);
    }

    [RootFact("firewalld", "firewall-cmd", "dbus-daemon", "unshare", "iptables", "ip6tables")]
    public void What_a_reload_has_dropped_comes_back_with_the_next_grant()
    {
        using FirewallBench bench = Start();
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        Firewalld.Reload();
        Assert.Empty(OurRules(bench));
        bench.Log.Clear();
        Assert.Equal([GrantOutcome.Added], bench.Grant(Grants.Of("10.0.0.2", "tcp/22", 60)));
        Assert.Equal("W Another program has removed the chain FWKNOP_INPUT or the jump to it: making it again", bench.Log.Lines[0]);
        Assert.Equal(2, OurRules(bench).Count);
        Assert.Contains("-A INPUT -j FWKNOP_INPUT", bench.Rules(), StringComparison.Ordinal);
    }

    [RootFact("firewalld", "firewall-cmd", "dbus-daemon", "unshare", "iptables", "ip6tables")]
    public void Direct_rules_give_way_to_a_zone_and_a_zone_to_them()
    {
        using FirewallBench bench = Start();
        bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 60));
        bench.Follow(log => new FirewalldZone(new ZoneSettings { Executable = Firewalld.Executable, FirstPriority = -30000 }, log));
        Assert.Single(Firewalld.RichRules());
        Assert.DoesNotContain("FWKNOP", bench.Rules(), StringComparison.Ordinal);
        bench.Follow(log => new IptablesFirewall(Settings(Firewalld.Executable), log));
        Assert.Empty(Firewalld.RichRules());
        Assert.Single(OurRules(bench));
    }

    private static IReadOnlyList<string> OurRules(FirewallBench bench, string program = "iptables") =>
        [.. bench.Rules(program).Split('\n').Where(line => line.StartsWith("-A FWKNOP_", StringComparison.Ordinal))];

    private static IptablesSettings Settings(string executable) => new() { Programs = DirectRules.Of(executable) };

    private FirewallBench Start()
    {
        Firewalld.Reload();
        FirewallBench bench = new(log => new IptablesFirewall(Settings(Firewalld.Executable), log), shared.Space);
        bench.Prepare();
        return bench;
    }
}
