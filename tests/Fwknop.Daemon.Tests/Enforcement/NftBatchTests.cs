using System.Net;
using System.Text.RegularExpressions;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Nftables;
using Fwknop.Grants;
using Fwknop.Native.LibNftables;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>What is one transaction of nftables, by the kernel's own count, and what is left of one that it refuses.</summary>
public sealed partial class NftBatchTests
{
    private const string AdminRules =
        """
        table inet filter {
            chain input { type filter hook input priority 0; policy drop; }
            chain forward { type filter hook forward priority 0; policy drop; }
        }
        """;

    private static readonly GrantKey Plain = Grants.Key("10.0.0.1", "tcp/22");

    [RootTheory("nft")]
    [InlineData("guard")]
    [InlineData("insert")]
    public void A_batch_is_one_transaction_and_its_end_none(string kind)
    {
        using FirewallBench bench = Start(kind);
        using RulesetGeneration generation = bench.Space.Inside(() => new RulesetGeneration());
        Assert.All((int[])[1, 2, 3], turn => Assert.Equal(1, Transactions(() =>
            Assert.DoesNotContain(GrantOutcome.Failed, bench.Grant([.. Batch($"10.0.{turn}", $"2001:db8:{turn}::")])))));
        Assert.Equal(1, Transactions(() => Assert.All(bench.Grant([.. Batch("10.0.1", "2001:db8:1::")]), outcome => Assert.Equal(GrantOutcome.Extended, outcome))));
        Assert.Equal(1, Transactions(() => Assert.Null(bench.Revoke([.. bench.Live.Take(5).Select(grant => grant.Key)]))));

        // The kernel ends what is left.
        bench.Ahead = TimeSpan.FromSeconds(200);
        Assert.Equal(0, Transactions(bench.Expire));
        Assert.Empty(bench.Live);

        int Transactions(Action action)
        {
            uint before = generation.Read()!.Value;
            action();
            return (int)(generation.Read()!.Value - before);
        }
    }

    /// <summary>What is asked for while the kernel refuses: the first of a shape and another, forwarded, forwarded elsewhere than before, for longer than before.</summary>
    public static TheoryData<string, string, string, string?, double> Refused()
    {
        TheoryData<string, string, string, string?, double> rows = [];
        foreach (string kind in (string[])["guard", "insert"])
        {
            rows.Add(kind, "10.0.0.2", "tcp/22", null, 60);
            rows.Add(kind, "10.0.0.0/24", "tcp/8000-8010", null, 60);
            rows.Add(kind, "10.0.0.2", "tcp/80", "192.168.1.10", 60);
            rows.Add(kind, "2001:db8::2", "tcp/80", "fd00::10", 60);
            rows.Add(kind, "10.0.0.1", "tcp/80", "192.168.1.11", 60);
            rows.Add(kind, "10.0.0.1", "tcp/22", null, 600);
        }

        return rows;
    }

    [RootTheory("nft", "mkfifo")]
    [MemberData(nameof(Refused))]
    public void A_transaction_that_is_refused_changes_nothing(string kind, string source, string ports, string? inner, double seconds)
    {
        using FirewallBench bench = Start(kind);
        Assert.Equal(
            [GrantOutcome.Added, GrantOutcome.Added], bench.Grant(Grants.Of("10.0.0.1", "tcp/22", 100), Led("10.0.0.1", "tcp/80", "192.168.1.10", 100)));
        (string rules, LiveGrant[] live) = (Rules(bench), Live(bench));
        FirewallGrant grant = inner is null ? Grants.Of(source, ports, seconds) : Led(source, ports, inner, seconds);
        bench.Log.Clear();
        using (RulesetOwner owner = new(bench.Space))
        {
            Assert.Equal([GrantOutcome.Failed], bench.Grant(grant));
            Assert.Contains(bench.Log.Lines, line => Failure().IsMatch(line));
            Assert.DoesNotContain(bench.Log.Lines, line => line[0] == 'I');
            Assert.Contains("Operation not permitted", bench.Revoke(Plain)!, StringComparison.Ordinal);
            Assert.Equal(rules, Rules(bench));
            Assert.Equal(live, Live(bench));
        }

        bench.Nft(AdminRules);
        Assert.NotEqual(GrantOutcome.Failed, Assert.Single(bench.Grant(grant)));
        Assert.Null(bench.Revoke(Plain));
        Assert.DoesNotContain(bench.Live, open => open.Key == Plain);
    }

    /// <summary>What our rules look up has been written by hand, and leads elsewhere: the kernel refuses that alone.</summary>
    [RootTheory("nft")]
    [InlineData("guard")]
    [InlineData("insert")]
    public void A_way_that_somebody_else_has_made_is_not_changed(string kind)
    {
        using FirewallBench bench = Start(kind);
        bench.Grant(Led("10.0.0.1", "tcp/80", "192.168.1.10", 100));
        bench.Nft("add element inet fwknop dnat4 { 10.0.0.2 . tcp . 80 timeout 100s : 192.168.1.66 . 22 }");
        (string rules, LiveGrant[] live) = (Rules(bench), Live(bench));
        bench.Log.Clear();

        FirewallGrant[] batch = [Grants.Of("10.0.0.3", "tcp/22", 100), Led("10.0.0.2", "tcp/80", "192.168.1.10", 100)];
        Assert.Equal([GrantOutcome.Failed, GrantOutcome.Failed], bench.Grant(batch));

        Assert.Equal(2, bench.Log.Lines.Count);
        Assert.All(bench.Log.Lines, line => Assert.EndsWith(": File exists", line, StringComparison.Ordinal));
        Assert.Equal(rules, Rules(bench));
        Assert.Equal(live, Live(bench));
        bench.Nft("delete element inet fwknop dnat4 { 10.0.0.2 . tcp . 80 }");
        Assert.Equal([GrantOutcome.Added, GrantOutcome.Added], bench.Grant(batch));
    }

    /// <summary>Forwarded and not, in both families.</summary>
    private static IEnumerable<FirewallGrant> Batch(string ipv4, string ipv6) => Enumerable.Range(1, 20).SelectMany(host => (FirewallGrant[])
    [
        Grants.Of($"{ipv4}.{host}", "tcp/22,udp/53", 100),
        Grants.Of($"{ipv6}{host}", "tcp/22", 100),
        Led($"{ipv4}.{host}", "tcp/80", "192.168.1.10", 100),
        Led($"{ipv6}{host}", "tcp/80", "fd00::10", 100),
    ]);

    private static FirewallGrant Led(string source, string ports, string inner, double seconds) => new(
        Grants.Network(source), null, [Grants.Range(ports)], TimeSpan.FromSeconds(seconds), new Translation(NatKind.Forward, IPAddress.Parse(inner), 22));

    private static LiveGrant[] Live(FirewallBench bench) => [.. bench.Live.OrderBy(grant => $"{grant.Key}", StringComparer.Ordinal)];

    /// <summary>The rules and elements without the time that these have left.</summary>
    private static string Rules(FirewallBench bench) => Left().Replace(RulesetOwner.Without(bench.Nft("list", "ruleset")), "");

    private static FirewallBench Start(string kind)
    {
        NftablesSettings settings = kind == "guard"
            ? new() { GuardPorts = [Grants.Range("tcp/22"), Grants.Range("tcp/80")], Nat = NatSettings.All }
            : new() { InsertAt = NftHook.TryParseList("inet filter input, inet filter forward", out IReadOnlyList<NftHook> hooks, out _) ? hooks : [], Nat = NatSettings.All };
        FirewallBench bench = new(log => new NftablesFirewall(settings, log));
        bench.Nft(AdminRules);
        bench.Prepare();
        return bench;
    }

    [GeneratedRegex(" (timeout|expires) [0-9a-z]+", RegexOptions.CultureInvariant)]
    private static partial Regex Left();

    [GeneratedRegex("^E Could not add [a-zA-Z ]*rule to .*: Operation not permitted", RegexOptions.CultureInvariant)]
    private static partial Regex Failure();
}
