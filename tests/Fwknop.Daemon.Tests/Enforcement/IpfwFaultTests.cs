using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Ipfw;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>What becomes of grants when ipfw fails, hangs, floods, is missing, or prints what it never does.</summary>
public sealed class IpfwFaultTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4);

    private readonly FakeIpfw _ipfw = new();

    public void Dispose() => _ipfw.Dispose();

    [Theory]
    [InlineData("set 1 list", 0)]
    [InlineData("delete set 1", 1)]
    [InlineData("add 10000 set 1 check-state", 0)]
    [InlineData("set disable 2", 0)]
    [InlineData("-S set 2 list", 0)]
    public void A_start_that_fails_leaves_nothing(string command, int left)
    {
        if (left > 0)
        {
            _ipfw.Have(1, 10000, "allow ip from any to any // _exp_1700000020");
        }

        using StandInBench bench = Bench(new IpfwSettings { AddsCheckState = true });
        _ipfw.Fail(command, "ipfw: no such device");
        FirewallException error = Assert.Throws<FirewallException>(() => bench.Prepare());
        Assert.Equal("ipfw cannot be used: ipfw: no such device", error.Message);
        Assert.Equal(left, _ipfw.Rules.Count);
        Assert.Null(bench.NextDue);

        _ipfw.Mend();
        bench.Prepare();
        Assert.Equal("1 10000 check-state :any", Assert.Single(_ipfw.Rules));
    }

    [Fact]
    public void A_program_that_cannot_be_run()
    {
        using StandInBench bench = Bench();
        bench.Prepare();
        _ipfw.Remove();
        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30)));
        Assert.Matches("^E Could not add rule to set 1 for .*: .*/ipfw cannot be run: No such file or directory$", bench.Log.Lines[^1]);
        Assert.Contains("cannot be run", Assert.Throws<FirewallException>(() => bench.Prepare()).Message, StringComparison.Ordinal);
        Assert.False(bench.Firewall.Abandon());

        using StandInBench relative = new(log => new IpfwFirewall(new IpfwSettings(), "ipfw", log));
        Assert.Equal(
            "FIREWALL_EXE must be the absolute path of ipfw, and not 'ipfw'", Assert.Throws<FirewallException>(() => relative.Prepare()).Message);
        Assert.Throws<FirewallException>(() => relative.Firewall.Flush());
        Assert.Throws<FirewallException>(() => relative.List(all: true));
    }

    // 1: the look at what is there; 2 and 3: the first packet; 4: the second; 5: the third.
    [Theory]
    [InlineData(1, "", "-S list")]
    [InlineData(2, "B C", "add 10000 set 1 A22|add 10000 set 1 B22|add 10001 set 1 C22")]
    [InlineData(3, "B C", "add 10000 set 1 A22|add 10000 set 1 A80|set 1 delete 10000|add 10001 set 1 B22|add 10002 set 1 C22")]
    [InlineData(4, "A C", "add 10000 set 1 A22|add 10000 set 1 A80|add 10001 set 1 B22|add 10001 set 1 C22")]
    [InlineData(5, "A B", "add 10000 set 1 A22|add 10000 set 1 A80|add 10001 set 1 B22|add 10002 set 1 C22")]
    public void A_packet_whose_rules_cannot_all_be_made_opens_nothing_and_the_others_do(int call, string open, string commands)
    {
        using StandInBench bench = Prepared();
        _ipfw.FailCall(call, "ipfw: out of memory");
        IReadOnlyList<GrantOutcome> outcomes = bench.Grant(
            Grants.Of("192.0.2.1", "tcp/22,tcp/80", 30), Grants.Of("192.0.2.2", "tcp/22", 30), Grants.Of("192.0.2.3", "tcp/22", 30));

        Assert.Equal("ABC".Select(name => open.Contains(name, StringComparison.Ordinal) ? GrantOutcome.Added : GrantOutcome.Failed), outcomes);
        Assert.Equal(
            commands.Split('|').Where(command => command != "-S list"),
            _ipfw.TakeCalls().Skip(1).Select(Short));
        Assert.Equal(open.Split(' ', StringSplitOptions.RemoveEmptyEntries), _ipfw.InForce.Select(rule => Name(rule.Split(' ')[3])).Distinct());
        Assert.Equal(bench.Live.Select(grant => Name(grant.Split(' ')[0])).Distinct(), open.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        string[] errors = [.. bench.Log.Lines.Where(line => line.StartsWith('E'))];
        Assert.Equal(outcomes.Count(outcome => outcome == GrantOutcome.Failed), errors.Length);
        Assert.All(errors, line => Assert.EndsWith("ipfw: out of memory", line, StringComparison.Ordinal));

        static string Name(string source) => source switch { "192.0.2.1" => "A", "192.0.2.2" => "B", _ => "C" };
        static string Short(string command) => command.StartsWith("add", StringComparison.Ordinal)
            ? $"{string.Join(' ', command.Split(' ')[..4])} {Name(command.Split(' ')[7])}{command.Split(' ')[11]}"
            : command;
    }

    [Fact]
    public void What_cannot_be_taken_back_goes_later()
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.2", "tcp/22", 30));
        _ipfw.TakeCalls();

        // The second of two ports fails, and so does taking back the first.
        _ipfw.FailFrom(3, "ipfw: busy");
        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grants.Of("192.0.2.1", "tcp/22,tcp/80", 30)));
        Assert.Equal(2, _ipfw.InForce.Count);
        Assert.Equal(1, bench.NextDue);
        _ipfw.Mend();
        bench.WaitUntil(1);
        Assert.Single(_ipfw.InForce);
        Assert.Equal(["192.0.2.2 tcp/22 30"], bench.Live);
    }

    [Theory]
    [InlineData("set 1 list")]
    [InlineData("set move rule 10000")]
    [InlineData("set move rule 10001")]
    public void What_could_not_be_removed_is_remembered_and_tried_again(string command)
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30), Grants.Of("192.0.2.2", "tcp/22", 30), Grants.Of("192.0.2.2", "tcp/80", 500));
        _ipfw.Fail(command, "ipfw: busy");
        List<double> times = [];
        for (int i = 0; i < 8; i++)
        {
            double due = bench.NextDue!.Value;
            bench.TakeLines();
            bench.WaitUntil(due);
            if (bench.TakeLines().Contains("E Could not remove expired rules from set 1, trying again: ipfw: busy"))
            {
                times.Add(due);
            }
        }

        Assert.Equal([30, 31, 33, 37, 45], times.Take(5));
        Assert.Contains(command == "set move rule 10001" ? "192.0.2.2" : "192.0.2.1", string.Join(' ', bench.Live), StringComparison.Ordinal);
        Assert.Contains("192.0.2.2 tcp/80 500", bench.Live);
        _ipfw.Mend();
        bench.WaitUntil(300);
        Assert.Equal(["192.0.2.2 tcp/80 500"], bench.Live);
        Assert.Single(_ipfw.Rules);

        // And the next time it begins with one second again.
        _ipfw.Fail(command.Replace("10000", "10002", StringComparison.Ordinal).Replace("10001", "10002", StringComparison.Ordinal), "ipfw: busy");
        bench.WaitUntil(500);
        Assert.Equal(501, bench.NextDue);
    }

    [Theory]
    [InlineData("-d set 2 list", "Could not look for rules of set 2 to purge, trying again: ipfw: busy")]
    [InlineData("set 2 delete", "Could not purge rule 10000 from set 2, trying again: ipfw: busy")]
    public void A_purge_that_fails_is_tried_again_at_its_time(string command, string line)
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30));
        _ipfw.Fail(command, "ipfw: busy");
        bench.WaitUntil(30);
        Assert.Equal($"E {line}", bench.Log.Lines[^1]);
        Assert.Equal(60, bench.NextDue);
        _ipfw.Mend();
        bench.WaitUntil(60);
        Assert.Empty(_ipfw.Rules);
    }

    [Theory]
    [InlineData("## Static rules\n")]
    [InlineData("## Dynamic rules (1 128):\nSTATE tcp\n")]
    [InlineData("## Dynamic rules (1 128):\n10001 STATE tcp 192.0.2.1 1 <-> 192.0.2.2 22\n999999 STATE\n")]
    [InlineData("ipfw: what?")]
    [InlineData("10000 \u0001\n")]
    public void Nothing_is_purged_by_a_listing_of_another_kind(string output)
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30));
        _ipfw.Print("-d set 2 list", output);
        bench.WaitUntil(30);
        Assert.Equal("E Unexpected error: did not find 'Dynamic rules' string in list output.", bench.Log.Lines[^1]);
        Assert.Single(_ipfw.Rules);
        Assert.Equal(60, bench.NextDue);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10000")]
    [InlineData("10000 allow tcp from 192.0.2.1 to me dst-port 22 setup keep-state :default // _exp_17000000")]
    [InlineData("99999999999999999999 set 1 allow ip from any to any // _exp_1\n# DISABLED\n00000 set 1 x\n10000 set 1 \u001b[0m // _exp_1\n")]
    [InlineData("10000 set 1 allow ip from any to any // _exp_9999999999999999999999")]
    public void A_rule_that_is_not_listed_is_looked_for_among_all(string output)
    {
        _ipfw.Have(1, 10000, "allow ip from 192.0.2.9 to any");
        using StandInBench bench = Prepared(new IpfwSettings { FlushesAtInit = false });
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30));
        _ipfw.TakeCalls();
        _ipfw.Print("set 1 list", output);
        bench.WaitUntil(30);
        Assert.Equal(["set 1 list", "-S list", "set move rule 10001 to 2", "-d set 2 list", "set 2 delete 10001"], _ipfw.TakeCalls());
        Assert.Equal("1 10000 allow ip from 192.0.2.9 to any", Assert.Single(_ipfw.Rules));
    }

    [Theory]
    [InlineData("set disable 1", true)]
    [InlineData("set 1 delete 10000", false)]
    [InlineData("set move rule 10000 to 7", false)]
    public void A_rule_of_a_disabled_set_expires_and_one_that_is_gone_is_forgotten(string change, bool isMoved)
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30));
        _ipfw.Administrate(change.Split(' '));
        _ipfw.TakeCalls();
        bench.WaitUntil(30);
        Assert.Equal(isMoved ? ["set move rule 10000 to 2", "-d set 2 list", "set 2 delete 10000"] : [], _ipfw.TakeCalls().Skip(2));
        Assert.Empty(bench.Live);
        Assert.Null(bench.NextDue);
    }

    [Theory]
    [InlineData("allow tcp from 0.0.0.0/0 to me dst-port 22 setup keep-state // _exp_1700000030")]
    [InlineData("allow tcp from 192.0.2.1/24 to me dst-port 22 setup keep-state // _exp_1700000030")]
    [InlineData("allow tcp from 192.0.2.1/99 to me dst-port 22 setup keep-state // _exp_1700000030")]
    [InlineData("allow tcp from 2001:db8::1 to 192.0.2.1 dst-port 22 setup keep-state // _exp_1700000030")]
    [InlineData("allow tcp from ::ffff:192.0.2.1 to me6 dst-port 22 setup keep-state // _exp_1700000030")]
    [InlineData("allow tcp from 192.0.2.1 to me dst-port 0 setup keep-state // _exp_1700000030")]
    [InlineData("allow tcp from 192.0.2.1 to me dst-port 25-20 setup keep-state // _exp_1700000030")]
    [InlineData("allow tcp from 192.0.2.1 to me dst-port 99999 setup keep-state // _exp_1700000030")]
    [InlineData("allow tcp from not 192.0.2.1 to me dst-port 22 setup keep-state // _exp_1700000030")]
    [InlineData("deny tcp from 192.0.2.1 to me dst-port 22 setup keep-state // _exp_1700000030")]
    [InlineData("allow tcp from 192.0.2.1 to me dst-port 22 // _exp_1700000030")]
    [InlineData("allow icmp from 192.0.2.1 to me dst-port 22 setup keep-state // _exp_1700000030")]
    public void A_rule_of_another_form_is_no_grant_and_ends_by_its_comment(string text)
    {
        Assert.Null(IpfwRuleText.KeyOf(text));
        _ipfw.Have(1, 10000, text);
        using StandInBench bench = Prepared(new IpfwSettings { FlushesAtInit = false });
        Assert.Empty(bench.Live);
        bench.WaitUntil(29);
        Assert.Single(_ipfw.InForce);
        bench.WaitUntil(30);
        Assert.Empty(_ipfw.InForce);
    }

    [Theory]
    [InlineData("allow tcp from 192.0.2.1 to me dst-port 22 setup keep-state // _exp_17", "192.0.2.1 tcp/22")]
    [InlineData("allow tcp from 192.0.2.1 to me 22 setup keep-state // _exp_17", "192.0.2.1 tcp/22")]
    [InlineData("allow ip6 udp from 2001:db8::/64 to me6 dst-port 1-65535 keep-state :default // _exp_17", "2001:db8::/64 udp/*")]
    public void Forms_of_other_versions_are_read(string text, string expected)
    {
        GrantKey? key = IpfwRuleText.KeyOf(text);
        Assert.Equal(expected, $"{key?.SourceText} {key?.Ports}");
        Assert.Equal(17, IpfwRuleText.EpochOf(text));
    }

    [Fact]
    public void Counters_of_earlier_versions_are_passed_over()
    {
        Assert.True(IpfwListing.TryReadHeld("## Dynamic rules (2):\n10000 12 3456 (5s) STATE tcp 192.0.2.1 1 <-> 192.0.2.2 22\n10002  0 0 (0s) STATE udp\n", out bool isInForce, out IReadOnlySet<int> held));
        Assert.False(isInForce);
        Assert.Equal([10000, 10002], held.Order());
    }

    [Fact]
    public void A_program_that_hangs_fails_the_batch_once_and_what_it_did_goes()
    {
        using StandInBench bench = new(log => new IpfwFirewall(new IpfwSettings(), _ipfw.Executable, log, Timeout));
        bench.Prepare();
        _ipfw.TakeCalls();
        _ipfw.HangAfterwards("add");
        Assert.Equal([GrantOutcome.Failed, GrantOutcome.Failed], bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30), Grants.Of("192.0.2.2", "tcp/22", 30)));
        Assert.Equal(2, _ipfw.TakeCalls().Count);
        Assert.Equal(2, bench.Log.Lines.Count(line => line.EndsWith("did not finish within 4 s, or printed too much", StringComparison.Ordinal)));
        Assert.Single(_ipfw.InForce);

        _ipfw.Mend();
        bench.WaitUntil(1);
        Assert.Empty(_ipfw.InForce);
    }

    [Fact]
    public void A_program_that_prints_without_end_fails()
    {
        using StandInBench bench = Prepared();
        _ipfw.Flood("-S list");
        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30)));
        Assert.Contains("or printed too much", bench.Log.Lines[^1], StringComparison.Ordinal);
        Assert.Empty(_ipfw.Rules);
    }

    [Fact]
    public void A_stop_that_fails_says_so()
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30));
        _ipfw.Fail("delete set", "ipfw: busy");
        Assert.False(bench.Firewall.TearDown());
        Assert.Equal("E Could not remove the rules of set 1: ipfw: busy", bench.Log.Lines[^1]);
    }

    [Theory]
    [InlineData("add", 2)]
    [InlineData("set move rule 10000", 2)]
    public void What_cannot_be_revoked_stays_a_grant(string command, int live)
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22,tcp/80", 30));
        _ipfw.Fail(command, "ipfw: busy");
        Assert.Equal("ipfw: busy", bench.Revoke(Grants.Key("192.0.2.1", "tcp/22")));
        Assert.Equal(live, bench.Live.Count);
        _ipfw.Mend();
        Assert.Null(bench.Revoke(Grants.Key("192.0.2.1", "tcp/22")));
        Assert.Equal(["192.0.2.1 tcp/80 30"], bench.Live);
        Assert.DoesNotContain(_ipfw.InForce, rule => rule.Contains("dst-port 22", StringComparison.Ordinal));
        bench.WaitUntil(30);
        Assert.Empty(_ipfw.InForce);
    }

    [Fact]
    public void Healing_that_fails_in_the_middle_goes_on_with_the_next_grant()
    {
        using StandInBench bench = Prepared();
        bench.Grant(Grants.Of("192.0.2.1", "tcp/22", 30), Grants.Of("192.0.2.2", "tcp/22", 30), Grants.Of("192.0.2.3", "tcp/22", 30));
        _ipfw.Administrate("delete", "set", "1");
        _ipfw.TakeCalls();
        _ipfw.FailCall(3, "ipfw: busy");
        Assert.Equal([GrantOutcome.Failed], bench.Grant(Grants.Of("192.0.2.4", "tcp/22", 30)));
        Assert.Single(_ipfw.InForce);
        _ipfw.Mend();
        Assert.Equal([GrantOutcome.Added], bench.Grant(Grants.Of("192.0.2.4", "tcp/22", 30)));
        Assert.Equal(4, _ipfw.InForce.Count);
        bench.WaitUntil(30);
        Assert.Empty(_ipfw.InForce);
    }

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
