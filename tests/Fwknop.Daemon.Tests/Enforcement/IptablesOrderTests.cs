using System.Net;
using System.Text.RegularExpressions;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Grants;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>
/// Our commands of iptables and what they are given, word by word and in their order: chains are complete before anything jumps to them, what accepts comes last and
/// goes first. That the changes are those of fwknop (server.md 9.2.3) is compared with its daemon elsewhere.
/// </summary>
public sealed partial class IptablesOrderTests : IDisposable
{
    private const string Program = "iptables-nft";
    private const string Program6 = "ip6tables-nft";

    private const string Start = """
        iptables -w 10 -t nat -S
        iptables -w 10 -t filter -S
        iptables-restore -w 10 --noflush
        *filter
        :FWKNOP_INPUT - [0:0]
        :FWKNOP_FORWARD - [0:0]
        -A FWKNOP_INPUT -m comment --comment __TMPCOMMENT__ -j RETURN
        COMMIT
        *nat
        :FWKNOP_PREROUTING - [0:0]
        :FWKNOP_POSTROUTING - [0:0]
        :FWKNOP_MASQUERADE - [0:0]
        COMMIT
        iptables-restore -w 10 --noflush
        *nat
        -I PREROUTING 1 -j FWKNOP_PREROUTING
        -I POSTROUTING 1 -j FWKNOP_POSTROUTING
        -I POSTROUTING 1 -j FWKNOP_MASQUERADE
        COMMIT
        *filter
        -D FWKNOP_INPUT -m comment --comment __TMPCOMMENT__ -j RETURN
        -I INPUT 1 -j FWKNOP_INPUT
        -I FORWARD 1 -j FWKNOP_FORWARD
        COMMIT
        """;

    private const string Plain = """
        iptables-restore -w 10 --noflush
        *filter
        -A FWKNOP_INPUT -p 6 -s 10.0.0.1 -d 0.0.0.0/0 --dport 22 -m comment --comment _exp_1 -j ACCEPT
        COMMIT
        iptables -w 10 -t filter -S INPUT
        """;

    private const string Forwarded = """
        iptables-restore -w 10 --noflush
        *nat
        -A FWKNOP_PREROUTING -p 6 -s 10.0.0.1 -d 0.0.0.0/0 --dport 80 -m comment --comment _exp_2 -j DNAT --to-destination 10.5.5.5:22
        -A FWKNOP_MASQUERADE -p 6 -d 10.5.5.5 --dport 22 -m comment --comment _exp_2 -j MASQUERADE
        COMMIT
        *filter
        -A FWKNOP_FORWARD -p 6 -s 10.0.0.1 --dport 22 -m comment --comment _exp_2 -j ACCEPT
        COMMIT
        iptables -w 10 -t filter -S FORWARD
        iptables -w 10 -t nat -S PREROUTING
        iptables -w 10 -t nat -S POSTROUTING
        """;

    private const string Renewed = """
        iptables-restore -w 10 --noflush
        *filter
        -D FWKNOP_INPUT -p 6 -s 10.0.0.1 -d 0.0.0.0/0 --dport 22 -m comment --comment _exp_1 -j ACCEPT
        -A FWKNOP_INPUT -p 6 -s 10.0.0.1 -d 0.0.0.0/0 --dport 22 -m comment --comment _exp_3 -j ACCEPT
        COMMIT
        iptables -w 10 -t filter -S INPUT
        """;

    private const string Expired = """
        iptables -w 10 -t nat -S
        iptables -w 10 -t filter -S
        iptables-restore -w 10 --noflush
        *filter
        -D FWKNOP_INPUT -s 10.0.0.1/32 -p tcp -m tcp --dport 22 -m comment --comment _exp_3 -j ACCEPT
        -D FWKNOP_FORWARD -s 10.0.0.1/32 -p tcp -m tcp --dport 22 -m comment --comment _exp_2 -j ACCEPT
        COMMIT
        *nat
        -D FWKNOP_PREROUTING -s 10.0.0.1/32 -p tcp -m tcp --dport 80 -m comment --comment _exp_2 -j DNAT --to-destination 10.5.5.5:22
        -D FWKNOP_MASQUERADE -d 10.5.5.5/32 -p tcp -m tcp --dport 22 -m comment --comment _exp_2 -j MASQUERADE
        COMMIT
        """;

    private readonly FakeIptables _programs = new(Program);
    private readonly FirewallBench _bench;

    /// <summary>Each end that is seen, in the order in which they are.</summary>
    private readonly List<string> _ends = [];

    public IptablesOrderTests()
    {
        foreach (string name in (string[])["iptables", "iptables-restore", "ip6tables", "ip6tables-restore"])
        {
            _programs.Record(name);
        }

        ChainSettings chains = new() { Forwards = true, TranslatesSource = true };
        _bench = new FirewallBench(
            log => new IptablesFirewall(new IptablesSettings { Programs = IptablesPrograms.Find(_programs.Executable), Chains = chains }, log));
    }

    public void Dispose()
    {
        _bench.Dispose();
        _programs.Dispose();
    }

    [RootTheory(Program, Program6)]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_change_has_its_commands_in_their_order(bool ipv6)
    {
        string source = ipv6 ? "2001:db8::1" : "10.0.0.1";
        AssertRuns($"{Start}\n{ForIPv6(Start)}", _bench.Prepare);
        AssertRuns(Of(Plain), () => _bench.Grant(Grants.Of(source, "tcp/22", 1000)));
        AssertRuns(Of(Forwarded), () => _bench.Grant(Led(source, ipv6 ? "2001:db8::5" : "10.5.5.5", 2000)));
        AssertRuns(Of(Renewed), () => _bench.Grant(Grants.Of(source, "tcp/22", 3000)));
        _bench.Ahead = TimeSpan.FromSeconds(4000);
        AssertRuns(Of(Expired), _bench.Expire);
        AssertRuns("", _bench.Expire);
        AssertRuns($"{Stop}\n{ForIPv6(Stop)}", () => Assert.True(_bench.TearDown()));

        string Of(string text) => ipv6 ? ForIPv6(text) : text;
    }

    /// <summary>However many grants begin or end together, forwarded or not.</summary>
    [RootFact(Program, Program6)]
    public void A_batch_is_one_run_for_each_family_and_so_is_its_end()
    {
        string[] once = ["iptables-restore", "ip6tables-restore"];
        _bench.Prepare();
        Assert.Equal(once, Restored(() => Assert.DoesNotContain(GrantOutcome.Failed, _bench.Grant(Plainly(100)))));
        _bench.Ahead = TimeSpan.FromSeconds(101);
        Assert.Equal(once, Restored(_bench.Expire));
        Assert.Equal(once, Restored(() => Assert.DoesNotContain(GrantOutcome.Failed, _bench.Grant(All(100)))));
        Assert.Equal(once, Restored(() => Assert.Null(_bench.Revoke(Grants.Key("10.0.0.1", "tcp/22"), Grants.Key("2001:db8::1", "tcp/22")))));
        Assert.Equal(once, Restored(() => Assert.DoesNotContain(GrantOutcome.Failed, _bench.Grant(All(200)))));
        _bench.Ahead = TimeSpan.FromSeconds(302);
        Assert.Equal(once, Restored(_bench.Expire));
        Assert.Empty(_bench.Live);

        static FirewallGrant[] All(double seconds) =>
            [.. Plainly(seconds), Led("10.0.0.1", "10.5.5.5", seconds), Led("2001:db8::1", "2001:db8::5", seconds)];

        static FirewallGrant[] Plainly(double seconds) =>
        [
            .. Enumerable.Range(1, 50).Select(host => Grants.Of($"10.0.0.{host}", "tcp/22,udp/53", seconds)),
            .. Enumerable.Range(1, 50).Select(host => Grants.Of($"2001:db8::{host}", "tcp/22", seconds)),
        ];
    }

    private static string Stop => string.Join('\n', (string[])
    [
        "iptables -w 10 -t filter -S", Removal("filter", "INPUT", "FWKNOP_INPUT"), Removal("filter", "FORWARD", "FWKNOP_FORWARD"),
        "iptables -w 10 -t nat -S", Removal("nat", "PREROUTING", "FWKNOP_PREROUTING"), Removal("nat", "POSTROUTING", "FWKNOP_POSTROUTING"),
        Removal("nat", "POSTROUTING", "FWKNOP_MASQUERADE"),
    ]);

    private static string Removal(string table, string from, string chain) =>
        $"iptables-restore -w 10 --noflush\n*{table}\n-D {from} -j {chain}\n-F {chain}\n-X {chain}\nCOMMIT";

    private static FirewallGrant Led(string source, string inner, double seconds) => new(
        Grants.Network(source), null, [Grants.Range("tcp/80")], TimeSpan.FromSeconds(seconds),
        new Translation(NatKind.Forward, IPAddress.Parse(inner), 22, Source: new SourceTranslation(null)));

    private static string ForIPv6(string text) => text
        .Replace("iptables", "ip6tables", StringComparison.Ordinal)
        .Replace("10.5.5.5:22", "[2001:db8::5]:22", StringComparison.Ordinal)
        .Replace("10.5.5.5/32", "2001:db8::5/128", StringComparison.Ordinal)
        .Replace("10.5.5.5", "2001:db8::5", StringComparison.Ordinal)
        .Replace("10.0.0.1/32", "2001:db8::1/128", StringComparison.Ordinal)
        .Replace("10.0.0.1", "2001:db8::1", StringComparison.Ordinal)
        .Replace("0.0.0.0/0", "::/0", StringComparison.Ordinal);

    private void AssertRuns(string expected, Action action)
    {
        action();
        Assert.Equal(expected, Comment().Replace(string.Join('\n', _programs.TakeRecorded()), NumberOf));
    }

    private string NumberOf(Match comment)
    {
        if (!_ends.Contains(comment.Value))
        {
            _ends.Add(comment.Value);
        }

        return $"_exp_{_ends.IndexOf(comment.Value) + 1}";
    }

    /// <summary>The programs that change something, each as often as it has been run.</summary>
    private string[] Restored(Action action)
    {
        _programs.TakeRecorded();
        action();
        return [.. _programs.TakeRecorded().Select(line => line.Split(' ')[0]).Where(word => word.EndsWith("-restore", StringComparison.Ordinal))];
    }

    [GeneratedRegex("_exp_[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Comment();
}
