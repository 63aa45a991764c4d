using System.Net;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Pf;
using Fwknop.Grants;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>The commands of server.md 9.5, with a stand-in for pfctl that has an anchor, and shows rules as the real one does.</summary>
public sealed class PfTests : IDisposable
{
    private const string Foreign = "block drop in quick inet proto tcp from 192.0.2.66 to any port = smtp";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4);

    private readonly FakePfctl _pfctl = new();

    public void Dispose() => _pfctl.Dispose();

    [Fact]
    public void A_grant_and_its_end()
    {
        using StandInBench bench = Bench();
        _pfctl.Have("pass in quick inet proto tcp from 192.0.2.7 to any port = ssh flags S/SA keep state label \"_exp_1800000000\"");
        bench.Prepare();
        Assert.Equal(["-s Anchor", "-a fwknop -F all"], _pfctl.TakeCalls());
        Assert.Empty(_pfctl.Rules);
        Assert.Empty(bench.TakeLines());

        Assert.Equal([GrantOutcome.Added], bench.Grant(Grants.Of("192.0.2.1", "tcp/22,udp/53", 30)));
        Assert.Equal(["-a fwknop -s rules", "-a fwknop -f -"], _pfctl.TakeCalls());
        Assert.Equal(
            [
                "pass in quick proto 6 from 192.0.2.1 to any port 22 keep state label _exp_1700000030",
                "pass in quick proto 17 from 192.0.2.1 to any port 53 keep state label _exp_1700000030",
            ],
            _pfctl.Loaded);
        string[] shown =
        [
            "pass in quick inet proto tcp from 192.0.2.1 to any port = ssh flags S/SA keep state label \"_exp_1700000030\"",
            "pass in quick inet proto udp from 192.0.2.1 to any port = domain keep state label \"_exp_1700000030\"",
        ];
        Assert.Equal(shown, _pfctl.Rules);
        Assert.Equal(
            ["I Added Rule for 192.0.2.1, tcp/22,udp/53 expires at 1700000030", "I Added Rule for 192.0.2.1, tcp/22,udp/53 expires at 1700000030"],
            bench.TakeLines());

        // What is there goes back as it was read, and nothing of what pfctl says on standard error.
        bench.Time = 10;
        bench.Grant(Grants.Of("2001:db8::1", "tcp/22", 30), Grants.Of("192.0.2.0/24", "tcp/20-25", 40, "198.51.100.1"));
        Assert.Equal(["-a fwknop -s rules", "-a fwknop -f -"], _pfctl.TakeCalls());
        Assert.Equal(
            [
                .. shown,
                "pass in quick inet6 proto 6 from 2001:db8::1 to any port 22 keep state label _exp_1700000040",
                "pass in quick proto 6 from 192.0.2.0/24 to 198.51.100.1 port 20:25 keep state label _exp_1700000050",
            ],
            _pfctl.Loaded);
        bench.TakeLines();

        bench.WaitUntil(30);
        Assert.Equal(["-a fwknop -s rules", "-a fwknop -f -"], _pfctl.TakeCalls());
        Assert.Equal(["I Deleting rule with expire time of 1700000030.", "I Deleting rule with expire time of 1700000030."], bench.TakeLines());
        Assert.Equal(2, _pfctl.Rules.Count);
        bench.WaitUntil(40);
        Assert.Equal(["pass in quick inet proto tcp from 192.0.2.0/24 to 198.51.100.1 port 20:25 flags S/SA keep state label \"_exp_1700000050\""], _pfctl.Rules);
        _pfctl.TakeCalls();
        bench.WaitUntil(50);
        Assert.Equal(["-a fwknop -s rules", "-a fwknop -F all"], _pfctl.TakeCalls());
        Assert.Null(bench.NextDue);
        Assert.Empty(bench.Live);
    }

    [Theory]
    [InlineData("fwknop", "ftp-proxy", "fwknop")]
    [InlineData(null, "ftp-proxy", "my-fwknop")]
    [InlineData(null)]
    public void The_anchor_must_be_in_the_policy(string? found, params string[] anchors)
    {
        _pfctl.HaveAnchors(anchors);
        using StandInBench bench = Bench();
        if (found is not null)
        {
            bench.Prepare();
            return;
        }

        FirewallException error = Assert.Throws<FirewallException>(() => bench.Prepare());
        Assert.Equal("pf has no anchor 'fwknop' (PF_ANCHOR_NAME): put 'anchor \"fwknop\"' into pf.conf and load it", error.Message);
        Assert.Equal(["W Warning: the fwknop anchor is not active in the pf policy"], bench.Log.Lines);
        Assert.Equal(["-s Anchor"], _pfctl.TakeCalls());
    }

    [Fact]
    public void Asking_again_leaves_one_rule()
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22,tcp/80", 30), Grants.Of("192.0.2.2", "tcp/22", 30));
        bench.Time = 10;
        bench.TakeLines();
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30)));
        Assert.Equal(["I Extended Rule for 192.0.2.1, tcp/22 expires at 1700000040"], bench.TakeLines());
        Assert.Equal(["192.0.2.1 tcp/22 40", "192.0.2.1 tcp/80 30", "192.0.2.2 tcp/22 30"], bench.Live);
        Assert.Equal(3, _pfctl.Rules.Count);
        Assert.Single(_pfctl.Rules, rule => rule.Contains("from 192.0.2.1 to any port = ssh", StringComparison.Ordinal));
        _pfctl.TakeCalls();

        // Nothing new: nothing is loaded.
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30), Grants.Of("192.0.2.2", "tcp/22", 5));
        Assert.Equal(["-a fwknop -s rules"], _pfctl.TakeCalls());
        bench.WaitUntil(30);
        Assert.Equal("pass in quick inet proto tcp from 192.0.2.1 to any port = ssh flags S/SA keep state label \"_exp_1700000040\"", Assert.Single(_pfctl.Rules));
    }

    [Fact]
    public void There_is_no_limit_of_4095_bytes_and_a_batch_is_one_transaction()
    {
        using StandInBench bench = Prepared();
        FirewallGrant[] batch = [.. Enumerable.Range(1, 250).Select(host => Grants.Of($"192.0.2.{host}", "tcp/22", 30))];
        Assert.Equal(250, bench.Grant(batch).Count(outcome => outcome == GrantOutcome.Added));
        Assert.Equal(250, _pfctl.Rules.Count);
        Assert.Equal(2, _pfctl.TakeCalls().Count);
        bench.WaitUntil(30);
        Assert.Equal(["-a fwknop -s rules", "-a fwknop -F all"], _pfctl.TakeCalls());
    }

    [Fact]
    public void Rules_of_others_stay_and_those_with_a_label_end_at_their_time()
    {
        using StandInBench bench = Prepared();
        _pfctl.Have(Foreign, "pass in quick inet proto tcp from 192.0.2.7 to any port = ssh flags S/SA keep state label \"_exp_1700000040\"");
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30));
        Assert.Equal(3, _pfctl.Rules.Count);
        bench.TakeLines();
        bench.WaitUntil(30);
        Assert.Equal(2, _pfctl.Rules.Count);
        Assert.Equal(40, bench.NextDue);
        bench.WaitUntil(40);
        Assert.Equal([Foreign], _pfctl.Rules);
        Assert.Equal(["I Deleting rule with expire time of 1700000030.", "I Deleting rule with expire time of 1700000040."], bench.TakeLines());
        Assert.Null(bench.NextDue);
    }

    [Fact]
    public void An_anchor_that_was_emptied_is_filled_with_the_next_grant()
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30), Grants.Of("192.0.2.2", "tcp/22", 40));
        bench.Time = 10;
        bench.Grant(Grants.Of("192.0.2.3", "tcp/22", 30));
        _pfctl.Have(Foreign);
        bench.TakeLines();

        bench.Grant(Grants.Of("192.0.2.2", "tcp/22", 60), Grants.Of("192.0.2.4", "tcp/22", 30));
        Assert.Equal("W Another program has emptied the pf anchor fwknop: making its rules again", bench.TakeLines()[0]);
        Assert.Equal(["192.0.2.66", "192.0.2.1", "192.0.2.3", "192.0.2.2", "192.0.2.4"], _pfctl.Rules.Select(rule => rule.Split(" from ")[1].Split(' ')[0]));
        bench.WaitUntil(40);
        Assert.Equal(["192.0.2.2 tcp/22 70"], bench.Live);
        Assert.Equal(2, _pfctl.Rules.Count);

        // A single rule that was deleted by hand does not come back.
        bench.Grant(Grants.Of("192.0.2.5", "tcp/22", 60));
        _pfctl.Have([.. _pfctl.Rules.Where(rule => !rule.Contains("192.0.2.2 ", StringComparison.Ordinal))]);
        bench.Grant(Grants.Of("192.0.2.6", "tcp/22", 10));
        Assert.DoesNotContain(_pfctl.Rules, rule => rule.Contains("192.0.2.2 ", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_revoked_goes_and_what_ends_with_it_stays()
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22,tcp/80", 30), Grants.Of("192.0.2.2", "tcp/22", 30), Grants.Of("192.0.2.3", "tcp/22", 40));
        Assert.Null(bench.Revoke(Grants.Key("192.0.2.1", "tcp/22"), Grants.Key("192.0.2.9", "tcp/22")));
        Assert.Equal(["192.0.2.1 tcp/80 30", "192.0.2.2 tcp/22 30", "192.0.2.3 tcp/22 40"], bench.Live);
        Assert.Equal(3, _pfctl.Rules.Count);
        Assert.Single(_pfctl.Rules, rule => rule.Contains("192.0.2.1 to any port = http", StringComparison.Ordinal));
        _pfctl.TakeCalls();

        _pfctl.Fail("-a fwknop -f", "pfctl: busy");
        Assert.Equal("pfctl: busy", bench.Revoke(Grants.Key("192.0.2.2", "tcp/22")));
        Assert.Equal(3, bench.Live.Count);
        _pfctl.Mend();
        Assert.Null(bench.Revoke([.. bench.Firewall.Live.Select(grant => grant.Key)]));
        Assert.Equal("-a fwknop -F all", _pfctl.TakeCalls()[^1]);
        Assert.Empty(_pfctl.Rules);
    }

    [Theory]
    [InlineData("-a fwknop -s rules", 0)]
    [InlineData("-a fwknop -f", 1)]
    public void A_batch_that_fails_opens_nothing(string command, int warnings)
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.9", "tcp/22", 60));
        bench.TakeLines();
        _pfctl.Fail(command, "pfctl: DIOCXCOMMIT: Device busy");
        Assert.Equal([GrantOutcome.Failed, GrantOutcome.Failed], bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30), Grants.Of("192.0.2.9", "tcp/22", 90)));
        IReadOnlyList<string> lines = bench.TakeLines();
        Assert.Equal(warnings, lines.Count(line => line == "W Could not write rule to pf anchor"));
        Assert.Contains("E Could not add rule to pf anchor fwknop for 192.0.2.1 -> 0.0.0.0/0 tcp/22: pfctl: DIOCXCOMMIT: Device busy", lines);
        Assert.Equal(["192.0.2.9 tcp/22 60"], bench.Live);
        Assert.Single(_pfctl.Rules);
        _pfctl.Mend();
        bench.WaitUntil(59);
        Assert.Single(_pfctl.Rules);
        bench.WaitUntil(60);
        Assert.Empty(_pfctl.Rules);
    }

    [Fact]
    public void What_a_program_that_hangs_has_done_goes_soon()
    {
        using StandInBench bench = new(log => new PfFirewall(FakePfctl.Anchor, _pfctl.Executable, log, Timeout));
        bench.Prepare();
        bench.Grant(Grants.Of("192.0.2.9", "tcp/22", 30));
        _pfctl.HangAfterwards("-a fwknop -f");
        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30)));
        Assert.EndsWith("did not finish within 4 s, or printed too much", bench.Log.Lines[^1], StringComparison.Ordinal);
        Assert.Equal(2, _pfctl.Rules.Count);
        Assert.Equal(1, bench.NextDue);
        _pfctl.Mend();
        bench.WaitUntil(1);
        Assert.Contains("192.0.2.9", Assert.Single(_pfctl.Rules), StringComparison.Ordinal);
        Assert.Equal(30, bench.NextDue);
    }

    [Theory]
    [InlineData("-a fwknop -s rules")]
    [InlineData("-a fwknop -f")]
    [InlineData("-a fwknop -F")]
    public void What_could_not_be_removed_is_remembered_and_tried_again(string command)
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30));
        if (!command.EndsWith('F'))
        {
            bench.Grant(Grants.Of("192.0.2.2", "tcp/22", 500));
        }

        _pfctl.Fail(command, "pfctl: busy");
        List<double> times = [];
        for (int i = 0; i < 7; i++)
        {
            times.Add(bench.NextDue!.Value);
            bench.TakeLines();
            bench.WaitUntil(times[^1]);
            Assert.Equal("E Could not remove expired rules from pf anchor fwknop, trying again: pfctl: busy", Assert.Single(bench.TakeLines()));
            Assert.StartsWith("192.0.2.1 tcp/22", bench.Live[0], StringComparison.Ordinal);
        }

        Assert.Equal([30, 31, 33, 37, 45, 61, 91], times);
        _pfctl.Mend();
        bench.WaitUntil(130);
        Assert.DoesNotContain(_pfctl.Rules, rule => rule.Contains("192.0.2.1", StringComparison.Ordinal));
        Assert.Contains("I Deleting rule with expire time of 1700000030.", bench.Log.Lines);
    }

    [Theory]
    [InlineData("-s Anchor", 0)]
    [InlineData("-a fwknop -F", 0)]
    public void A_start_that_fails_says_why(string command, int rules)
    {
        using StandInBench bench = Bench();
        _pfctl.Fail(command, "pfctl: /dev/pf: Permission denied");
        Assert.StartsWith(
            "pf cannot be used: ", Assert.Throws<FirewallException>(() => bench.Prepare()).Message, StringComparison.Ordinal);
        Assert.Equal(rules, _pfctl.Rules.Count);
        Assert.Null(bench.NextDue);
    }

    [Fact]
    public void A_program_that_floods_or_is_missing()
    {
        using StandInBench bench = Prepared();
        _pfctl.Flood("-a fwknop -s rules");
        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30)));
        _pfctl.Mend();
        _pfctl.Remove();
        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30)));
        Assert.EndsWith("cannot be run: No such file or directory", bench.Log.Lines[^1], StringComparison.Ordinal);
        Assert.False(bench.Firewall.TearDown());
        Assert.Contains("cannot be run", Assert.Throws<FirewallException>(() => bench.Prepare()).Message, StringComparison.Ordinal);

        using StandInBench relative = new(log => new PfFirewall("fwknop", "pfctl", log));
        Assert.Equal("FIREWALL_EXE must be the absolute path of pfctl, and not 'pfctl'", Assert.Throws<FirewallException>(() => relative.Prepare()).Message);
        Assert.Throws<FirewallException>(() => relative.Firewall.Flush());
        Assert.Throws<FirewallException>(() => relative.List(all: false));
    }

    [Theory]
    [InlineData("garbage\n")]
    [InlineData("pass in label \"_exp_1\"\n\u001b[0m\n")]
    [InlineData("include \"/etc/passwd\"\n")]
    public void A_listing_that_cannot_be_loaded_again_opens_nothing(string output)
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.9", "tcp/22", 60));
        _pfctl.Print("-a fwknop -s rules", output);
        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30)));
        Assert.Single(_pfctl.Rules);
    }

    [Theory]
    [InlineData("pass in quick inet proto tcp from 192.0.2.1 to any port = ssh flags S/SA keep state label \"_exp_17\"", 17L)]
    [InlineData("pass in quick inet proto tcp from 192.0.2.1 to any port = ssh flags S/SA keep state label \"_exp_17\" ridentifier 5", 17L)]
    [InlineData("pass in proto 6 from any to any label _exp_17", 17L)]
    [InlineData("pass in quick inet proto tcp all label \"_exp_17x\"", null)]
    [InlineData("pass in quick inet proto tcp all label \"x_exp_17\"", null)]
    [InlineData("pass in quick inet proto tcp all label \"_exp_99999999999999999999\"", null)]
    [InlineData("block in quick inet proto tcp all label \"_exp_17\"", null)]
    [InlineData("pass in quick inet proto tcp all tag \"_exp_17\"", null)]
    [InlineData("", null)]
    public void Labels(string line, long? epoch) => Assert.Equal(epoch, PfRuleText.EpochOf(line));

    [Fact]
    public void Stopping_listing_and_flushing()
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30));
        _pfctl.TakeCalls();
        string expected = "Listing fwknopd pf rules...\n\nActive Rules in PF anchor 'fwknop':\n"
            + "pass in quick inet proto tcp from 192.0.2.1 to any port = ssh flags S/SA keep state label \"_exp_1700000030\"\n";
        Assert.Equal(expected, bench.List(all: false));
        Assert.Equal(expected, bench.List(all: true));
        Assert.Equal(["-a fwknop -s rules", "-a fwknop -s rules"], _pfctl.TakeCalls());

        Assert.True(bench.Firewall.TearDown());
        Assert.Equal(["-a fwknop -F all"], _pfctl.TakeCalls());
        Assert.Empty(_pfctl.Rules);
        bench.Prepare();
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30));
        Assert.True(bench.Firewall.Abandon());
        Assert.Empty(_pfctl.Rules);

        _pfctl.Have(Foreign);
        Assert.True(Bench().Firewall.Flush());
        Assert.Empty(_pfctl.Rules);
        _pfctl.Fail("-a", "pfctl: busy");
        Assert.False(bench.Firewall.TearDown());
        Assert.Equal("E Could not remove the rules of pf anchor fwknop: pfctl: busy", bench.Log.Lines[^1]);
    }

    [Fact]
    public void Grants_outlive_a_change_of_the_configuration_in_one_transaction()
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30), Grants.Of("192.0.2.2", "tcp/22", 90));
        _pfctl.Have([.. _pfctl.Rules, Foreign]);
        IReadOnlyList<string> live = bench.Live;
        _pfctl.TakeCalls();
        bench.Follow(log => new PfFirewall(FakePfctl.Anchor, _pfctl.Executable, log));
        Assert.Equal(["-s Anchor", "-a fwknop -s rules", "-a fwknop -f -"], _pfctl.TakeCalls());
        Assert.Equal(live, bench.Live);
        Assert.Equal([Foreign, "192.0.2.1", "192.0.2.2"], _pfctl.Rules.Select(rule => rule == Foreign ? rule : rule.Split(' ')[7]));
        bench.WaitUntil(90);
        Assert.Equal([Foreign], _pfctl.Rules);

        // Another firewall follows.
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30));
        bench.Follow(log => new NoFirewall(log));
        Assert.Empty(_pfctl.Rules);
    }

    [Fact]
    public void What_is_forwarded_is_refused()
    {
        using StandInBench bench = Prepared();
        Translation translation = new(NatKind.Local, IPAddress.Parse("10.5.5.5"), 22);
        FirewallGrant forwarded = new(Grants.Network("192.0.2.1"), null, [Grants.Range("tcp/22")], TimeSpan.FromSeconds(30), translation);
        Assert.Equal([GrantOutcome.Failed], bench.Grant(forwarded));
        Assert.EndsWith("nothing is forwarded with PF", Assert.Single(bench.TakeLines()), StringComparison.Ordinal);
        Assert.Empty(_pfctl.TakeCalls());

        bench.Prepare(new LiveGrant(forwarded.Keys.Single(), new GrantEnd(TimeSpan.FromHours(1), 1)));
        Assert.Empty(bench.Live);
        Assert.Contains("W The grant of tcp/22 for 192.0.2.1 ends: nothing is forwarded with PF", bench.Log.Lines);
    }

    private StandInBench Bench() => new(log => new PfFirewall(FakePfctl.Anchor, _pfctl.Executable, log));

    private StandInBench Prepared()
    {
        StandInBench bench = Bench();
        bench.Prepare();
        bench.TakeLines();
        _pfctl.TakeCalls();
        return bench;
    }
}
