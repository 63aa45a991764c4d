using System.Diagnostics;
using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Control;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Granting;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Tests.Enforcement;
using Fwknop.Daemon.Tests.Lifecycle;
using Fwknop.Grants;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Granting;

/// <summary>Hosts that packets name (ENABLE_NAT_DNS): looked up once, beside the loop, and whatever getent says.</summary>
public sealed class NatNamesTests : IDisposable
{
    private const string Name = "inner.example";

    private static readonly ServerConfig Config = new()
    {
        FirewallType = FirewallType.Iptables,
        SeparatesPrivileges = false,
        Iptables = new ChainSettings { Forwards = true },
    };

    private readonly DaemonBench _bench = new();
    private readonly FakeGetent _getent = new();
    private readonly AccessPolicy _policy = AccessFile.Parse(Encoding.ASCII.GetBytes("SOURCE ANY\nKEY k\nHMAC_KEY h\n"), "access.conf", TimeZoneInfo.Utc).Value!;

    public void Dispose()
    {
        _bench.Dispose();
        _getent.Dispose();
        _policy.Dispose();
    }

    /// <summary>Who may connect, what getent prints, and the address that is taken: the first of the client's family.</summary>
    [Theory]
    [InlineData("192.0.2.7", "10.5.5.5        STREAM inner.example\n10.5.5.5        DGRAM  \n10.5.5.6        STREAM \n", "10.5.5.5")]
    [InlineData("2001:db8::7", "2001:db8::5     STREAM inner.example\n2001:db8::5     DGRAM  \n", "2001:db8::5")]
    [InlineData("192.0.2.7", "2001:db8::5 STREAM x\n10.5.5.5 STREAM x\n", "10.5.5.5")]
    [InlineData("2001:db8::7", "10.5.5.5 STREAM x\n2001:db8::5 STREAM x\n", "2001:db8::5")]
    [InlineData("192.0.2.7", "\n\n; reboot\n$(reboot) STREAM\n10.5.5.5", "10.5.5.5")]
    [InlineData("192.0.2.7", "10.5.5.5\u0000 STREAM\n10.5.5.5;reboot STREAM\n10.5.5.256 STREAM\n010.5.5.5 STREAM\n168100869 STREAM\n0xa050505 STREAM\n10.5 STREAM\n", null)]
    [InlineData("192.0.2.7", " 10.5.5.5 STREAM\n\t10.5.5.5\n10.5.5.5/24\n10.5.5.5:22\n", null)]
    [InlineData("2001:db8::7", "::ffff:10.5.5.5 STREAM x\n[2001:db8::5] STREAM\n2001:db8::5%lo STREAM\n", null)]
    [InlineData("192.0.2.7", "2001:db8::5 STREAM x\n", null)]
    [InlineData("2001:db8::7", "10.5.5.5 STREAM x\n", null)]
    [InlineData("192.0.2.7", "", null)]
    [InlineData("192.0.2.7", null, null)]
    public void An_answer_is_the_first_address_of_the_family(string allow, string? output, string? expected)
    {
        string question = $"{(allow.Contains(':', StringComparison.Ordinal) ? "ahostsv6" : "ahostsv4")} {Name}";
        if (output is not null)
        {
            _getent.Answer(question, output);
        }

        Assert.True(Names().TryResolve(Action(1, allow)));

        Assert.Equal(expected, AddressOf(Assert.Single(Resolved(1))));
        Assert.Equal([question], _getent.TakeCalls());
    }

    [Fact]
    public void What_a_program_says_that_fails_is_not_taken()
    {
        _getent.Answer($"ahostsv4 {Name}", "10.5.5.5 STREAM x\n");
        _getent.FailAfterwards("ahostsv4", "no");
        Assert.True(Names().TryResolve(Action(1)));
        Assert.Null(AddressOf(Assert.Single(Resolved(1))));
    }

    /// <summary>One without end, one with too much to say, and one that is not there: each is an answer without an address.</summary>
    [Fact]
    public void Nobody_waits_for_an_answer_for_ever()
    {
        NatNames names = Names();
        _getent.Hang("ahostsv4");
        long start = Stopwatch.GetTimestamp();
        Assert.True(names.TryResolve(Action(1)));
        Assert.Null(AddressOf(Assert.Single(Resolved(1))));
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.FromSeconds(5), DaemonBench.Patience);

        _getent.Flood("ahostsv4");
        Assert.True(names.TryResolve(Action(2)));
        Assert.Null(AddressOf(Assert.Single(Resolved(1))));

        _getent.Remove();
        Assert.True(names.TryResolve(Action(3)));
        Assert.Null(AddressOf(Assert.Single(Resolved(1))));
    }

    [Fact]
    public void Sixteen_are_looked_up_at_a_time_and_more_are_refused()
    {
        GrantActions actions = Actions(Names());
        RecordingFirewall firewall = new();
        _getent.Answer($"ahostsv4 {Name}", "10.5.5.5 STREAM x\n");
        _getent.Hold();
        Take(actions, firewall, [.. Enumerable.Range(1, 18).Select(seed => Action(seed))]);
        Assert.Equal(2, _bench.Lines.Split("[10.0.0.1] Too many host names are being looked up; nothing is opened\n").Length - 1);
        _getent.LetGo();
        Assert.Equal(16, Resolved(16).Count);
        Assert.Equal(16, _getent.TakeCalls().Count);
        Assert.Empty(firewall.Calls);

        Take(actions, firewall, [Action(19)]);
        Assert.Equal("10.5.5.5", AddressOf(Assert.Single(Resolved(1))));
    }

    /// <summary>A packet with two ports: who may connect, what the name stands for, and the rule that leads there.</summary>
    [RootTheory("iptables-nft", "ip6tables-nft")]
    [InlineData("192.0.2.7", "ahostsv4", "10.5.5.5", "10.5.5.5:22")]
    [InlineData("2001:db8::7", "ahostsv6", "2001:db8::5", "[2001:db8::5]:22")]
    public void One_packet_is_one_lookup_and_then_rules_of_iptables(string allow, string question, string address, string target)
    {
        _getent.Answer($"{question} {Name}", $"{address}     STREAM {Name}\n{address}     DGRAM\n");
        using NetworkNamespace space = NetworkNamespace.Create("names");
        using IptablesFirewall firewall = new(
            new IptablesSettings { Programs = IptablesPrograms.Find(Requirement.FindProgram("iptables-nft")!), Chains = Config.Iptables }, new RecordingLog());
        space.Inside(() => firewall.Prepare(Now, []));
        GrantActions actions = Actions(Names());
        string program = question == "ahostsv6" ? "ip6tables-nft" : "iptables-nft";

        space.Inside(() => Take(actions, firewall, [Action(1, allow, 80, 81)]));
        Assert.DoesNotContain("_exp_", Rules(), StringComparison.Ordinal);
        GrantAction.OpenPorts resolved = Assert.Single(Resolved(1));
        _getent.Answer($"{question} {Name}", "192.0.2.66 STREAM x\n");
        space.Inside(() => Take(actions, firewall, [resolved]));

        Assert.Equal([$"{question} {Name}"], _getent.TakeCalls());
        Assert.Contains($"[10.0.0.1] Resolved NAT IP in SPA message: {Name} is {address}\n", _bench.Lines, StringComparison.Ordinal);
        Assert.Contains($"Granted tcp/80 (to {target}) for {allow} to user 'alice'", _bench.Lines, StringComparison.Ordinal);
        string rule = Assert.Single(Rules().Split('\n'), line => line.Contains("_exp_", StringComparison.Ordinal));
        Assert.EndsWith($"-j DNAT --to-destination {target}", rule, StringComparison.Ordinal);

        string Rules() => space.RunChecked(program, "-t", "nat", "-S", "FWKNOP_PREROUTING").Output;
    }

    /// <summary>What the stanza allows is asked again for the address; without one nothing is opened.</summary>
    [Theory]
    [InlineData("127.0.0.1 STREAM x\n", "(stanza #1) Invalid NAT IP in SPA message\n")]
    [InlineData("169.254.169.254 STREAM x\n", "(stanza #1) Invalid NAT IP in SPA message\n")]
    [InlineData("2001:db8::5 STREAM x\n", "[10.0.0.1] Unable to resolve Hostname in NAT SPA message: inner.example\n")]
    public void An_address_that_nobody_may_be_led_to_opens_nothing(string output, string expected)
    {
        _getent.Answer($"ahostsv4 {Name}", output);
        GrantActions actions = Actions(Names());
        RecordingFirewall firewall = new();
        Take(actions, firewall, [Action(1)]);
        Take(actions, firewall, [.. Resolved(1)]);
        Assert.Empty(firewall.Calls);
        Assert.EndsWith(expected, _bench.Lines, StringComparison.Ordinal);
    }

    private static Moment Now => Moment.Now(TimeProvider.System);

    private NatNames Names() => new(_bench.Events, _bench.Log, _getent.Executable);

    private GrantActions Actions(NatNames names) => new(new StanzaCommands(null, _bench.Events, _bench.Log), names, _bench.Log);

    private static void Take(GrantActions actions, IFirewall firewall, IReadOnlyList<GrantAction> taken) =>
        actions.Take(taken, firewall, Now, new DaemonCounters());

    private GrantAction.OpenPorts Action(int seed, string allow = "192.0.2.7", params int[] ports)
    {
        GrantRequest request = Packets.Request(seed, allow) with
        {
            Ports = [.. ports.DefaultIfEmpty(80).Select(port => PortSpec.Tcp(port))],
            Nat = new NatRequest(NatKind.Forward, $"{Name},22"),
        };
        Assert.Equal(GrantRefusal.None, Grant.TryMake(_policy.Stanzas[0], request, Config.Nat, DateTimeOffset.UtcNow, out Grant? grant));
        return new GrantAction.OpenPorts(Config, grant!);
    }

    /// <summary>Waits for so many answers.</summary>
    private List<GrantAction.OpenPorts> Resolved(int count)
    {
        List<GrantAction.OpenPorts> found = [];
        while (found.Count < count)
        {
            IReadOnlyList<DaemonEvent> events = _bench.Events.Take(DaemonBench.Patience);
            Assert.NotEmpty(events);
            found.AddRange(events.Select(item => Assert.IsType<DaemonEvent.NamesResolved>(item).Action));
        }

        Assert.Equal(count, found.Count);
        return found;
    }

    private static string? AddressOf(GrantAction.OpenPorts resolved)
    {
        Assert.NotNull(resolved.Addresses);
        Assert.Empty(resolved.NamesToResolve);
        return resolved.Addresses.GetValueOrDefault(Name)?.ToString();
    }
}
