using System.Net;
using System.Text;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Control;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Ipfw;
using Fwknop.Grants;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>The commands of server.md 9.4, with a stand-in for ipfw that has rules, sets and connections.</summary>
public sealed class IpfwTests : IDisposable
{
    private const string Rule22 = "allow tcp from 192.0.2.1 to me dst-port 22 setup keep-state :default // _exp_";

    private readonly FakeIpfw _ipfw = new();

    public void Dispose() => _ipfw.Dispose();

    [Theory]
    [InlineData("", "set 1 list|set disable 2|-S set 2 list", "I Set ipfw expire set 2 to disabled.")]
    [InlineData("used", "set 1 list|delete set 1|set disable 2|-S set 2 list", "I Set ipfw expire set 2 to disabled.")]
    [InlineData(
        "check", "set 1 list|add 10000 set 1 check-state|set disable 2|-S set 2 list",
        "I Added check-state rule 10000 to set 1|I Set ipfw expire set 2 to disabled.")]
    [InlineData("used keep", "set 1 list|set disable 2|-S set 2 list", "I Set ipfw expire set 2 to disabled.")]
    [InlineData("used delete", "set 1 list|delete set 1", "")]
    [InlineData("others", "set 3 list|set disable 4|-S set 4 list", "I Set ipfw expire set 4 to disabled.")]
    public void Start(string how, string commands, string lines)
    {
        if (how.StartsWith("used", StringComparison.Ordinal))
        {
            _ipfw.Have(1, 10000, "deny ip from 192.0.2.9 to any");
        }

        using StandInBench bench = Bench(how switch
        {
            "check" => new IpfwSettings { AddsCheckState = true },
            "used keep" => new IpfwSettings { FlushesAtInit = false },
            "used delete" => new IpfwSettings { ExpireSet = 0 },
            "others" => new IpfwSettings { ActiveSet = 3, ExpireSet = 4 },
            _ => new IpfwSettings(),
        });
        bench.Prepare();

        Assert.Equal(commands.Split('|'), _ipfw.TakeCalls());
        Assert.Equal(lines.Split('|', StringSplitOptions.RemoveEmptyEntries), bench.Log.Lines);
        Assert.Equal(how is "used keep" or "check" ? 1 : 0, _ipfw.Rules.Count);
        Assert.Null(bench.NextDue);
    }

    [Fact]
    public void A_grant_ends_without_its_connections()
    {
        using StandInBench bench = Prepared();

        Assert.Equal([GrantOutcome.Added], bench.Grant(Grants.Of("192.0.2.1", "tcp/22,udp/53", 30)));
        Assert.Equal(
            [
                "-S list",
                "add 10000 set 1 pass 6 from 192.0.2.1 to me dst-port 22 setup keep-state // _exp_1700000030",
                "add 10000 set 1 pass 17 from 192.0.2.1 to me dst-port 53 keep-state // _exp_1700000030",
            ],
            _ipfw.TakeCalls());
        Assert.Equal(
            [
                "I Added Rule 10000 for 192.0.2.1, tcp/22,udp/53 expires at 1700000030",
                "I Added Rule 10000 for 192.0.2.1, tcp/22,udp/53 expires at 1700000030",
            ],
            bench.TakeLines());
        Assert.Equal(30, bench.NextDue);
        _ipfw.Connect(10000);

        bench.WaitUntil(30);
        Assert.Equal(["set 1 list", "set move rule 10000 to 2", "-d set 2 list"], _ipfw.TakeCalls());
        Assert.Equal(["I Moved rule 10000 with expire time of 1700000030 to set 2."], bench.TakeLines());
        Assert.Empty(_ipfw.InForce);
        Assert.Single(_ipfw.Connections);
        Assert.Empty(bench.Live);

        // It is looked at every 30 seconds as long as there is something.
        Assert.Equal(60, bench.NextDue);
        bench.WaitUntil(60);
        Assert.Equal(["-d set 2 list"], _ipfw.TakeCalls());
        _ipfw.Disconnect(10000);
        bench.WaitUntil(1000);
        Assert.Equal(["-d set 2 list", "set 2 delete 10000"], _ipfw.TakeCalls());
        Assert.Equal(["I Purged rule 10000 from set 2"], bench.TakeLines());
        Assert.Null(bench.NextDue);
        Assert.Empty(_ipfw.Rules);
    }

    [Fact]
    public void What_expires_together_is_listed_once_and_purged_at_once_without_connections()
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30), Grants.Of("192.0.2.2", "tcp/22", 30), Grants.Of("192.0.2.3", "tcp/22", 40));
        _ipfw.TakeCalls();
        bench.WaitUntil(30);
        Assert.Equal(
            ["set 1 list", "set move rule 10000 to 2", "set move rule 10001 to 2", "-d set 2 list", "set 2 delete 10000", "set 2 delete 10001"], _ipfw.TakeCalls());
        Assert.Equal(["192.0.2.3 tcp/22 40"], bench.Live);

        // The numbers are free again, the lowest first.
        bench.TakeLines();
        bench.Grant(Grants.Of("192.0.2.4", "tcp/22", 30));
        Assert.Equal("I Added Rule 10000 for 192.0.2.4, tcp/22 expires at 1700000060", Assert.Single(bench.TakeLines()));

        // The next purge comes 30 seconds after the first.
        bench.WaitUntil(59);
        Assert.Equal(["10002"], InSet(2));
        bench.WaitUntil(60);
        Assert.Empty(_ipfw.Rules);
    }

    [Theory]
    [InlineData("2001:db8::1", "tcp/22", null, "6 from 2001:db8::1 to me6 dst-port 22 setup keep-state", "tcp from 2001:db8::1 to me6 dst-port 22 setup")]
    [InlineData("2001:db8::/64", "udp/1-65535", null, "17 from 2001:db8::/64 to me6 dst-port 1-65535 keep-state", "udp from 2001:db8::/64 to me6 dst-port 1-65535")]
    [InlineData("192.0.2.0/24", "tcp/20-25", null, "6 from 192.0.2.0/24 to me dst-port 20-25 setup keep-state", "tcp from 192.0.2.0/24 to me dst-port 20-25 setup")]
    [InlineData("192.0.2.1", "tcp/22", "198.51.100.1", "6 from 192.0.2.1 to 198.51.100.1 dst-port 22 setup keep-state", "tcp from 192.0.2.1 to 198.51.100.1 dst-port 22 setup")]
    [InlineData("2001:db8::1", "tcp/22", "2001:db8::9", "6 from 2001:db8::1 to 2001:db8::9 dst-port 22 setup keep-state", "tcp from 2001:db8::1 to 2001:db8::9 dst-port 22 setup")]
    public void Rules(string source, string ports, string? destination, string given, string shown)
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of(source, ports, 30, destination));

        Assert.Equal($"add 10000 set 1 pass {given} // _exp_1700000030", _ipfw.TakeCalls()[1]);
        Assert.Equal($"1 10000 allow {shown} keep-state :default // _exp_1700000030", Assert.Single(_ipfw.Rules));

        // And they are understood again.
        bench.Restart(log => new IpfwFirewall(new IpfwSettings { FlushesAtInit = false }, _ipfw.Executable, log));
        bench.Prepare();
        LiveGrant kept = Assert.Single(bench.Firewall.Live);
        Assert.Equal((Grants.Key(source, ports, destination), StandInBench.Start + 30), (kept.Key, kept.End.Epoch));
        Assert.Contains("I Kept 1 grants of an earlier run", bench.Log.Lines);
    }

    [Fact]
    public void Asking_again_leaves_one_rule_and_no_gap()
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22,tcp/80", 30));
        bench.TakeLines();
        _ipfw.TakeCalls();
        bench.Time = 10;

        // One port of two: the other needs its rule until its end.
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30)));
        Assert.Equal(["-S list", "add 10001 set 1 pass 6 from 192.0.2.1 to me dst-port 22 setup keep-state // _exp_1700000040"], _ipfw.TakeCalls());
        Assert.Equal(["I Extended Rule 10001 for 192.0.2.1, tcp/22 expires at 1700000040"], bench.TakeLines());

        // Both: what was there before is replaced.
        bench.Time = 20;
        Assert.Equal([GrantOutcome.Extended], bench.Grant(Grants.Of("192.0.2.1", "tcp/22,tcp/80", 30)));
        Assert.Equal(
            [
                "-S list",
                "add 10002 set 1 pass 6 from 192.0.2.1 to me dst-port 22 setup keep-state // _exp_1700000050",
                "add 10002 set 1 pass 6 from 192.0.2.1 to me dst-port 80 setup keep-state // _exp_1700000050",
                "set move rule 10000 to 2",
                "set move rule 10001 to 2",
            ],
            _ipfw.TakeCalls().Order(StringComparer.Ordinal));
        Assert.Equal(2, _ipfw.InForce.Count);

        // A shorter time changes nothing, nor does the same second.
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 5), Grants.Of("192.0.2.1", "tcp/80", 30));
        Assert.Equal(["-S list"], _ipfw.TakeCalls());
        bench.TakeLines();
        bench.WaitUntil(49);
        Assert.Equal(2, _ipfw.InForce.Count);
        bench.WaitUntil(50);
        Assert.Empty(_ipfw.InForce);
        Assert.Contains("I Moved rule 10002 with expire time of 1700000050 to set 2.", bench.TakeLines());
    }

    [Fact]
    public void Numbers_of_other_rules_are_not_used_for_rules_are_moved_by_number_alone()
    {
        _ipfw.Have(0, 10000, "allow ip from 192.0.2.9 to any");
        _ipfw.Have(7, 10002, "deny ip from 192.0.2.8 to any");
        using StandInBench bench = Prepared(new IpfwSettings { AddsCheckState = true, StartRule = 9999, MaxRules = 5 });
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30), Grants.Of("192.0.2.2", "tcp/22", 30));
        Assert.Equal(["9999", "10000", "10001", "10002", "10003"], _ipfw.Rules.Select(rule => rule.Split(' ')[1]));
        bench.TakeLines();

        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grants.Of("192.0.2.3", "tcp/22", 30)));
        Assert.Equal(
            [
                "W Access request rejected: Maximum allowed number of rules has been reached.",
                "E Could not add rule to set 1 for 192.0.2.3 -> 0.0.0.0/0 tcp/22: no number is free (5 from 9999 on)",
            ],
            bench.TakeLines());
        Assert.Equal(2, bench.Live.Count);

        bench.WaitUntil(30);
        Assert.Equal(["0 10000 allow ip from 192.0.2.9 to any", "1 9999 check-state :any", "7 10002 deny ip from 192.0.2.8 to any"], _ipfw.Rules.Order());
    }

    [Fact]
    public void The_last_number_that_there_is_is_65534()
    {
        using StandInBench bench = Prepared(new IpfwSettings { StartRule = IpfwSettings.LastRule });
        Assert.Equal([GrantOutcome.Added, GrantOutcome.Failed], bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30), Grants.Of("192.0.2.2", "tcp/22", 30)));
        Assert.Equal($"1 65534 {Rule22}1700000030", Assert.Single(_ipfw.Rules));
    }

    [Fact]
    public void Rules_of_an_earlier_run_are_adopted()
    {
        _ipfw.Have(1, 10000, $"{Rule22}1700000030");
        _ipfw.Have(1, 10001, "allow udp from 192.0.2.2 to me dst-port 53 keep-state :default // _exp_1699999990");
        _ipfw.Have(1, 10002, "allow ip from any to any // _exp_1700000020");
        _ipfw.Have(1, 10003, "allow ip from 192.0.2.9 to any // mine");
        _ipfw.Have(2, 10004, "allow tcp from 192.0.2.4 to me dst-port 22 setup keep-state :default // _exp_1699999900");
        _ipfw.Have(2, 10005, "allow ip from 192.0.2.9 to any // mine, too");
        using StandInBench bench = Prepared(new IpfwSettings { FlushesAtInit = false });

        Assert.Equal(["192.0.2.1 tcp/22 30"], bench.Live);
        Assert.Equal(["2"], _ipfw.Disabled);
        bench.WaitUntil(0);
        Assert.Equal(["10000", "10002", "10003"], InSet(1));
        bench.WaitUntil(20);
        Assert.Equal(["10000", "10003"], InSet(1));
        bench.WaitUntil(300);
        Assert.Equal(["1 10003 allow ip from 192.0.2.9 to any // mine", "2 10005 allow ip from 192.0.2.9 to any // mine, too"], _ipfw.Rules);
        Assert.Null(bench.NextDue);
    }

    /// <summary>Anybody who may write rules can have written this one.</summary>
    [Fact]
    public void An_adopted_end_beyond_the_calendar_is_listed_and_can_be_revoked()
    {
        _ipfw.Have(1, 10000, $"{Rule22}999999999999999");
        using StandInBench bench = Prepared(new IpfwSettings { FlushesAtInit = false });
        using DaemonBench daemon = new();
        ControlDesk desk = new(new StanzaCommands(null, daemon.Events, daemon.Log), daemon.Log);

        string listed = Encoding.UTF8.GetString(desk.Answer(new ControlRequest.List(), 0, bench.Firewall, bench.Now).ToBytes());

        Assert.Contains("\"address\":\"192.0.2.1\"", listed, StringComparison.Ordinal);
        Assert.Contains("\"until\":\"9999-12-31T23:59:59Z\"", listed, StringComparison.Ordinal);
        Assert.Null(bench.Revoke(Grants.Key("192.0.2.1", "tcp/22")));
        Assert.Empty(InSet(1));
    }

    [Fact]
    public void What_has_expired_stays_out_of_force_after_a_reboot()
    {
        using StandInBench bench = Prepared(new IpfwSettings { FlushesAtInit = false });
        _ipfw.Reboot();
        bench.Restart();
        bench.Prepare();
        Assert.Equal(["2"], _ipfw.Disabled);
    }

    [Theory]
    [InlineData("delete set 1", "W Another program has emptied the set 1: making its rules again", 3)]
    [InlineData("set disable 1", "W Another program has disabled the set 1: enabling it again", 3)]
    [InlineData("set 1 delete 10001", null, 2)]
    [InlineData("set 1 delete 10000", "I Added check-state rule 10000 to set 1", 3)]
    public void An_administrators_change_is_mended_with_the_next_grant(string change, string? line, int rules)
    {
        using StandInBench bench = Prepared(new IpfwSettings { AddsCheckState = true });
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30), Grants.Of("192.0.2.2", "tcp/22", 30));
        bench.TakeLines();
        _ipfw.Administrate(change.Split(' '));

        bench.Time = 10;
        Assert.Equal([GrantOutcome.Added], bench.Grant(Grants.Of("192.0.2.3", "tcp/22", 30)));
        IReadOnlyList<string> lines = bench.TakeLines();
        Assert.Equal(line is not null, lines.Contains(line));
        Assert.Equal(rules, _ipfw.InForce.Count(rule => rule.Contains("_exp_", StringComparison.Ordinal)));
        Assert.Single(_ipfw.InForce, rule => rule == "check-state :any");
        Assert.Empty(_ipfw.Disabled.Except(["2"]));

        // Their ends are as they were.
        bench.WaitUntil(30);
        Assert.Single(_ipfw.InForce, rule => rule.Contains("_exp_", StringComparison.Ordinal));
        bench.WaitUntil(40);
        Assert.Equal(["check-state :any"], _ipfw.InForce);
    }

    [Fact]
    public void An_expire_set_in_force_is_disabled_again()
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30));
        _ipfw.Connect(10000);
        bench.WaitUntil(30);
        bench.TakeLines();
        const string Warning = "W Another program has enabled the set 2, which has expired rules: disabling it again";

        _ipfw.Administrate("set", "enable", "2");
        bench.WaitUntil(60);
        Assert.Equal([Warning], bench.TakeLines());
        Assert.Empty(_ipfw.InForce);

        _ipfw.Administrate("set", "enable", "2");
        bench.Grant(Grants.Of("192.0.2.2", "tcp/22", 30));
        Assert.Equal(Warning, bench.TakeLines()[0]);
        Assert.Single(_ipfw.InForce);
        Assert.Single(_ipfw.Connections);
    }

    [Fact]
    public void What_is_revoked_goes_and_what_shares_its_rule_stays()
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22,tcp/80", 30), Grants.Of("192.0.2.2", "tcp/22", 40));
        bench.Time = 5;
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30));
        _ipfw.TakeCalls();

        Assert.Null(bench.Revoke(Grants.Key("192.0.2.1", "tcp/22"), Grants.Key("192.0.2.9", "tcp/22")));
        Assert.Equal(
            [
                "-S list",
                "add 10003 set 1 pass 6 from 192.0.2.1 to me dst-port 80 setup keep-state // _exp_1700000030",
                "set move rule 10000 to 2",
                "set move rule 10002 to 2",
            ],
            _ipfw.TakeCalls());
        Assert.Equal(["192.0.2.1 tcp/80 30", "192.0.2.2 tcp/22 40"], bench.Live);
        Assert.Equal(2, _ipfw.InForce.Count);
        bench.WaitUntil(40);
        Assert.Empty(_ipfw.InForce);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Stop(bool flushes)
    {
        using StandInBench bench = Prepared(new IpfwSettings { FlushesAtExit = flushes });
        Assert.True(bench.Firewall.TearDown());
        Assert.Equal(flushes ? ["set 1 list"] : [], _ipfw.TakeCalls());

        bench.Prepare();
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30));
        bench.WaitUntil(29);
        _ipfw.Connect(10000);
        bench.WaitUntil(30);
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30));
        bench.TakeLines();
        _ipfw.TakeCalls();

        Assert.True(bench.Firewall.TearDown());
        Assert.Equal(flushes ? ["set 1 list", "delete set 1"] : [], _ipfw.TakeCalls());
        Assert.Equal(flushes ? [] : ["W FLUSH_IPFW_AT_EXIT N: 1 rules stay in set 1 until fwknopd runs again"], bench.TakeLines());
        Assert.Equal(flushes ? 0 : 1, InSet(1).Count);
        Assert.Single(_ipfw.Connections);

        Assert.True(bench.Firewall.Abandon());
        Assert.Empty(InSet(1));
        Assert.Single(_ipfw.Connections);
    }

    [Fact]
    public void Listing_and_flushing_from_the_command_line()
    {
        using (StandInBench daemon = Prepared())
        {
            daemon.Grant(Grants.Of("192.0.2.1", "tcp/22", 30), Grants.Of("192.0.2.2", "tcp/22", 60));
            _ipfw.Connect(10000);
            daemon.WaitUntil(30);
            _ipfw.TakeCalls();
        }

        using StandInBench bench = Bench();
        Assert.Equal(
            "Listing fwknopd ipfw rules...\n\nActive Rules:\n"
            + "10001 set 1 allow tcp from 192.0.2.2 to me dst-port 22 setup keep-state :default // _exp_1700000060\n## Dynamic rules (1 128):\n"
            + $"\nExpired Rules:\n# DISABLED 10000 set 2 {Rule22}1700000030\n## Dynamic rules (1 128):\n"
            + "10000 STATE tcp 192.0.2.1 40000 <-> 192.0.2.2 22 :default\n",
            bench.List(all: false));
        Assert.Equal(["-d -S -T set 1 list", "-d -S -T set 2 list"], _ipfw.TakeCalls());
        Assert.Equal(
            "Listing all ipfw rules...\n10001 allow tcp from 192.0.2.2 to me dst-port 22 setup keep-state :default // _exp_1700000060\n65535 deny ip from any to any\n",
            bench.List(all: true));
        Assert.Equal(["list"], _ipfw.TakeCalls());

        Assert.True(bench.Firewall.Flush());
        Assert.Equal(["set 1 list", "delete set 1"], _ipfw.TakeCalls());
        Assert.Equal(["10000"], InSet(2));
    }

    [Fact]
    public void Grants_and_connections_outlive_a_change_of_the_configuration()
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22,tcp/80", 60), Grants.Of("2001:db8::1", "tcp/22", 90));
        _ipfw.Connect(10000);
        _ipfw.Have(1, 10050, "allow tcp from 192.0.2.7 to me dst-port 22 setup keep-state :default // _exp_1700009999");
        IReadOnlyList<string> live = bench.Live;

        // The same sets: the rules stay as they are; what nobody knows of goes, as it would at a start.
        bench.Follow(log => new IpfwFirewall(new IpfwSettings { PurgeInterval = TimeSpan.FromSeconds(5), AddsCheckState = true, StartRule = 9000 }, _ipfw.Executable, log));
        Assert.Equal(live, bench.Live);
        Assert.Single(_ipfw.Connections);
        bench.WaitUntil(0);
        Assert.Equal(["9000", "10000", "10000", "10001"], InSet(1));

        // Others.
        bench.Follow(log => new IpfwFirewall(new IpfwSettings { ActiveSet = 5, ExpireSet = 6 }, _ipfw.Executable, log));
        Assert.Equal(live, bench.Live);
        Assert.Empty(InSet(1));
        Assert.Equal(3, InSet(5).Count);
        Assert.Equal(["2", "6"], _ipfw.Disabled);
        bench.WaitUntil(90);
        Assert.Empty(_ipfw.InForce);
    }

    [Fact]
    public void What_is_forwarded_is_refused()
    {
        using StandInBench bench = Prepared();
        Translation translation = new(NatKind.Forward, IPAddress.Parse("10.5.5.5"), 22);
        FirewallGrant forwarded = new(Grants.Network("192.0.2.1"), null, [Grants.Range("tcp/22")], TimeSpan.FromSeconds(30), translation);
        Assert.Equal([GrantOutcome.Failed], bench.Grant(forwarded));
        Assert.Empty(_ipfw.Rules);
        Assert.EndsWith("nothing is forwarded with ipfw", Assert.Single(bench.Log.Lines, line => line.StartsWith('E')), StringComparison.Ordinal);

        bench.Prepare(new LiveGrant(forwarded.Keys.Single(), new GrantEnd(TimeSpan.FromHours(1), 1)));
        Assert.Empty(bench.Live);
        Assert.Contains("W The grant of tcp/22 for 192.0.2.1 ends: nothing is forwarded with ipfw", bench.Log.Lines);
    }

    private IReadOnlyList<string> InSet(int set) => [.. _ipfw.Rules.Where(rule => rule.StartsWith($"{set} ", StringComparison.Ordinal)).Select(rule => rule.Split(' ')[1])];

    private StandInBench Bench(IpfwSettings? settings = null) => new(log => new IpfwFirewall(settings ?? new IpfwSettings(), _ipfw.Executable, log));

    private StandInBench Prepared(IpfwSettings? settings = null)
    {
        StandInBench bench = Bench(settings);
        bench.Prepare();
        bench.TakeLines();
        _ipfw.TakeCalls();
        return bench;
    }
}
