using System.Net;

namespace Fwknop.Client.Tests;

/// <summary><c>--wait</c>: what it says and when.</summary>
public sealed class WaitTests
{
    private static readonly string[] Ordinary =
        ["--no-rc-file", "--no-save-args", "-D", "srv", "-a", "192.0.2.7", "--key-rijndael", "k", "--key-hmac", "h"];

    private readonly SteppingClock _clock = new();

    [Fact]
    public void Says_when_the_port_opens()
    {
        (ClientRunResult run, FakeConnector port, ClientHarness client) = Run(time => Since(time, 0.3, ConnectOutcome.Open), "-A", "udp/53,tcp/22,tcp/80", "--wait");
        Assert.Equal((0, "[+] 192.0.2.1, tcp/22: open after 51 ms.\n", ""), (run.Status, run.Output, run.Error));
        Assert.All(port.Attempts, attempt => Assert.Equal(IPEndPoint.Parse("192.0.2.1:22"), attempt.Target));
        Assert.Single(client.Sender.Sent);
    }

    [Fact]
    public void Says_that_the_port_was_open_before()
    {
        (ClientRunResult run, _, ClientHarness client) = Run(_ => ConnectOutcome.Open, "-A", "tcp/22", "--wait");
        Assert.Equal(
            (0, "[-] 192.0.2.1, tcp/22, was open before the knock: that it is afterwards says nothing about the knock.\n[+] 192.0.2.1, tcp/22: open after 1 ms.\n"),
            (run.Status, run.Output));
        Assert.Single(client.Sender.Sent);
    }

    [Theory]
    [InlineData("--wait", 15)]
    [InlineData("--wait=", 15)]
    [InlineData("--wait=1", 1)]
    [InlineData("--wait=5", 5)]
    public void Without_an_answer_names_clock_address_server_and_keys(string option, int seconds)
    {
        (ClientRunResult run, FakeConnector port, ClientHarness client) = Run(_ => ConnectOutcome.NoAnswer, "-A", "tcp/22", option, "-p", "7000");
        Assert.Equal((1, ""), (run.Status, run.Output));
        Assert.StartsWith($"[-] 192.0.2.1, tcp/22, is not open {seconds} s after the knock: no answer. What may be wrong:\n", run.Error, StringComparison.Ordinal);
        Assert.Contains(" +05:45 (Test/Zone). ", run.Error, StringComparison.Ordinal);
        Assert.Contains("the packet allows 192.0.2.7, the one used here is 10.1.2.3.", run.Error, StringComparison.Ordinal);
        Assert.Contains("port 7000 over udp", run.Error, StringComparison.Ordinal);
        Assert.Contains("access.conf", run.Error, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(seconds + 0.25), _clock.Elapsed);
        Assert.Single(client.Sender.Sent);
        Assert.True(port.Attempts.Count > 4, "too few attempts");
        Assert.True(port.Attempts.Count < 20, "too many attempts");
    }

    [Theory]
    [InlineData("-s", "the server allows the address that the packet came from; here it is 10.1.2.3.")]
    [InlineData("-a 10.1.2.3", "the packet allows 10.1.2.3, the one used here. Behind NAT the server sees another one: -R finds it.")]
    public void Names_the_likely_mistake_with_the_address(string allow, string expected)
    {
        (ClientRunResult run, _, _) = Run(_ => ConnectOutcome.NoAnswer, ["-A", "tcp/22", "--wait=1", .. allow.Split(' ')]);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Refused_after_a_knock_that_worked()
    {
        (ClientRunResult run, _, _) = Run(time => Since(time, 0.1, ConnectOutcome.Refused), "-A", "tcp/22", "--wait=2");
        Assert.Equal(
            (1, "[-] 192.0.2.1, tcp/22, is not open 2 s after the knock: connection refused.\n    The knock worked, since before it there was no answer. But nothing listens on port 22.\n"),
            (run.Status, run.Error));
    }

    [Fact]
    public void Refused_before_and_after()
    {
        (ClientRunResult run, _, _) = Run(_ => ConnectOutcome.Refused, "-A", "tcp/22", "--wait=2");
        Assert.Equal(1, run.Status);
        Assert.Contains("    Nothing listens on port 22, or a packet filter answers so (REJECT). In that case:\n    - Clocks: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void No_way_there()
    {
        (ClientRunResult run, _, _) = Run(_ => ConnectOutcome.Unreachable, "-A", "tcp/22", "--wait=2");
        Assert.Equal(1, run.Status);
        Assert.StartsWith("[-] 192.0.2.1, tcp/22, is not open 2 s after the knock: No route to host.\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_verbose_wait_says_it_once()
    {
        (ClientRunResult run, _, _) = Run(time => Since(time, 0.1, ConnectOutcome.Open), "-A", "tcp/22", "--wait", "-v");
        Assert.Matches("send_spa_packet: bytes sent: [0-9]+\n\\[\\+\\] 192.0.2.1, tcp/22: open after 1 ms.\n$", run.Output);
    }

    [Theory]
    [InlineData("-A udp/53")]
    [InlineData("-C reboot")]
    public void What_has_no_TCP_port_cannot_be_looked_for(string request)
    {
        (ClientRunResult run, FakeConnector port, ClientHarness client) = Run(_ => ConnectOutcome.Open, [.. request.Split(' '), "--wait"]);
        Assert.Equal((1, "[-] Only TCP ports can be looked for: whether the server grants this request is not known.\n"), (run.Status, run.Error));
        Assert.Empty(port.Attempts);
        Assert.Single(client.Sender.Sent);
    }

    [Fact]
    public void With_NAT_the_port_of_the_server_is_looked_for()
    {
        (_, FakeConnector port, _) = Run(_ => ConnectOutcome.Open, "-A", "tcp/22", "-N", "10.0.0.5", "--nat-port", "5555", "--wait");
        Assert.All(port.Attempts, attempt => Assert.Equal(IPEndPoint.Parse("192.0.2.1:5555"), attempt.Target));
    }

    [Fact]
    public void The_port_is_looked_for_at_the_address_the_packet_went_to()
    {
        (_, _, ClientHarness client) = Run(_ => ConnectOutcome.Open, "-A", "tcp/22", "--wait");
        Assert.Equal(["srv"], client.Sender.Asked);
    }

    [Fact]
    public void A_packet_that_is_not_sent_is_not_waited_for()
    {
        using ClientHarness client = Client(_ => ConnectOutcome.NoAnswer, out FakeConnector port);
        client.Sender.LookupProblem = "Name or service not known";
        ClientRunResult run = client.Run([.. Ordinary, "-A", "tcp/22", "--wait"]);
        Assert.Equal((1, "error in getaddrinfo: Name or service not known\n[*] The host is 'srv'.\nsend_spa_packet: packet not sent.\n"), (run.Status, run.Error));
        Assert.Empty(port.Attempts);
    }

    [Fact]
    public void In_test_mode_nothing_follows()
    {
        (ClientRunResult run, FakeConnector port, ClientHarness client) = Run(_ => ConnectOutcome.Open, "-A", "tcp/22", "-T", "--wait");
        Assert.Equal((0, "[-] In test mode nothing is sent, so --wait, --exec, --repeat and --connect do nothing.\n"), (run.Status, run.Error));
        Assert.Empty(port.Attempts);
        Assert.Empty(client.Sender.Sent);
    }

    [Theory]
    [InlineData("--wait=0")]
    [InlineData("--wait=86401")]
    [InlineData("--wait=5s")]
    [InlineData("--wait=-1")]
    public void Bad_times(string option)
    {
        (ClientRunResult run, _, _) = Run(_ => ConnectOutcome.Open, "-A", "tcp/22", option);
        Assert.Equal((1, "--wait must be within [1-86400]\n"), (run.Status, run.Error));
    }

    private static ConnectOutcome Since(TimeSpan time, double seconds, ConnectOutcome then) =>
        time >= TimeSpan.FromSeconds(seconds) ? then : ConnectOutcome.NoAnswer;

    private ClientHarness Client(Func<TimeSpan, ConnectOutcome> port, out FakeConnector connector)
    {
        connector = new FakeConnector(_clock, port);
        return new ClientHarness { Clock = _clock, Following = new FollowingSetup { Connector = connector } };
    }

    private (ClientRunResult Run, FakeConnector Port, ClientHarness Client) Run(Func<TimeSpan, ConnectOutcome> port, params string[] arguments)
    {
        using ClientHarness client = Client(port, out FakeConnector connector);
        return (client.Run([.. Ordinary, .. arguments]), connector, client);
    }
}
