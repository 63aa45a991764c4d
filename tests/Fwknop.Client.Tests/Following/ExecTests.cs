namespace Fwknop.Client.Tests;

/// <summary><c>--exec</c> and <c>--repeat</c>.</summary>
public sealed class ExecTests
{
    private static readonly string[] Ordinary =
        ["--no-rc-file", "-D", "srv", "-a", "192.0.2.7", "-A", "tcp/22", "--key-rijndael", "k", "--key-hmac", "h"];

    private readonly SteppingClock _clock = new();
    private readonly FakeCommands _commands = new();
    private Action _stop = () => throw new InvalidOperationException("nobody waits to be stopped");

    [Fact]
    public void The_command_runs_when_the_port_is_open()
    {
        using ClientHarness client = Client(time => time < TimeSpan.FromSeconds(1) ? ConnectOutcome.NoAnswer : ConnectOutcome.Open);
        _commands.Status = 42;
        ClientRunResult run = client.Run([.. Ordinary, "--exec", "sh", "-T", "--", "--exec", ""]);
        Assert.Equal((42, "", ""), (run.Status, run.Output, run.Error));
        Assert.Equal(["sh", "-T", "--", "--exec", ""], _commands.Words);
        Assert.Matches("^(/usr)?/bin/sh$", _commands.Path);
        Assert.Single(client.Sender.Sent);
    }

    [Fact]
    public void Messages_leave_standard_output_to_the_command()
    {
        using ClientHarness client = Client(_ => ConnectOutcome.Open);
        ClientRunResult run = client.Run([.. Ordinary, "-v", "--exec=sh"]);
        Assert.Equal((0, ""), (run.Status, run.Output));
        Assert.Contains("Generating SPA packet:", run.Error, StringComparison.Ordinal);
        Assert.Contains("[+] 192.0.2.1, tcp/22: open after 1 ms.\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_stays_shut_gets_more_packets_and_no_command()
    {
        using ClientHarness client = Client(_ => ConnectOutcome.NoAnswer);
        ClientRunResult run = client.Run([.. Ordinary, "--wait=10", "--exec", "sh"]);
        Assert.Equal(1, run.Status);
        Assert.Contains("is not open 10 s after the knock", run.Error, StringComparison.Ordinal);
        Assert.Null(_commands.Path);
        Assert.Equal(4, client.Sender.Sent.Count);
        Assert.Equal(4, client.Sender.Sent.Select(sent => Convert.ToHexString(sent.Packet)).Distinct().Count());
    }

    [Theory]
    [InlineData("no-such-program-here")]
    [InlineData("/no/such/program")]
    public void A_command_that_does_not_exist_is_no_reason_to_knock(string name)
    {
        using ClientHarness client = Client(_ => ConnectOutcome.Open);
        ClientRunResult run = client.Run([.. Ordinary, "--exec", name]);
        Assert.Equal((127, $"fwknop: {name}: command not found, no SPA packet sent.\n"), (run.Status, run.Error));
        Assert.Empty(client.Sender.Sent);
    }

    [Fact]
    public void A_command_that_nobody_may_execute_is_no_reason_to_knock()
    {
        using ClientHarness client = Client(_ => ConnectOutcome.Open);
        ClientRunResult run = client.Run([.. Ordinary, "--exec", "/etc/passwd"]);
        Assert.Equal((126, "fwknop: /etc/passwd: command not executable, no SPA packet sent.\n"), (run.Status, run.Error));
        Assert.Empty(client.Sender.Sent);
    }

    [Theory]
    [InlineData]
    [InlineData("--repeat", "9")]
    public void A_command_that_cannot_be_run(params string[] more)
    {
        using ClientHarness client = Client(_ => ConnectOutcome.Open);
        _commands.Problem = "Exec format error";
        ClientRunResult run = client.Run([.. Ordinary, .. more, "--exec", "sh"]);
        Assert.Equal((126, "fwknop: sh: Exec format error\n"), (run.Status, run.Error));
    }

    [Fact]
    public void Without_a_TCP_port_the_command_runs_at_once()
    {
        using ClientHarness client = Client(_ => ConnectOutcome.NoAnswer);
        ClientRunResult run = client.Run([.. Ordinary, "-A", "udp/51820", "--exec", "sh"]);
        Assert.Equal(0, run.Status);
        Assert.Matches("^(/usr)?/bin/sh$", _commands.Path);
    }

    [Fact]
    public void Repeats_until_it_is_stopped()
    {
        using ClientHarness client = Client(_ => ConnectOutcome.Open);
        _clock.OnWaited = () => StopAfter(TimeSpan.FromSeconds(60));
        ClientRunResult run = client.Run([.. Ordinary, "--repeat", "20"]);
        Assert.Equal((0, "", ""), (run.Status, run.Output, run.Error));
        Assert.Equal(3, client.Sender.Sent.Count);
        Assert.Equal(3, client.Sender.Sent.Select(sent => Convert.ToHexString(sent.Packet)).Distinct().Count());
        Assert.Equal(["srv", "srv", "srv"], client.Sender.Asked);
    }

    [Fact]
    public void Goes_on_after_a_packet_that_could_not_be_sent()
    {
        using ClientHarness client = Client(_ => ConnectOutcome.Open);
        client.Sender.LookupProblem = "Temporary failure in name resolution";
        _clock.OnWaited = () =>
        {
            client.Sender.LookupProblem = _clock.Elapsed < TimeSpan.FromSeconds(40) ? client.Sender.LookupProblem : null;
            StopAfter(TimeSpan.FromSeconds(80));
        };
        ClientRunResult run = client.Run([.. Ordinary, "--repeat", "20"]);
        Assert.Equal(0, run.Status);
        Assert.Equal(2, run.Error.Split("[-] The next attempt is in 20 s.\n").Length - 1);
        Assert.Equal(2, client.Sender.Sent.Count);
    }

    [Fact]
    public void Asks_for_the_own_address_each_time()
    {
        using ClientHarness client = Client(_ => ConnectOutcome.Open);
        string counter = client.Write("counter", "");
        string program = client.Write("wget", $"#!/bin/sh\necho >> {counter}\necho 192.0.2.$(wc -l < {counter})\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        client.Variables["PATH"] = "/usr/bin:/bin";
        _clock.OnWaited = () => StopAfter(TimeSpan.FromSeconds(60));
        ClientRunResult run = client.Run(
            "--no-rc-file", "-D", "srv", "-R", "-w", program, "-A", "tcp/22", "--key-rijndael", "k", "--key-hmac", "h", "--repeat", "20");
        Assert.Equal((0, ""), (run.Status, run.Error));
        using Protocol.PacketKeys keys = ClientHarness.KeysOf("k", "h");
        Assert.Equal(["192.0.2.1", "192.0.2.2", "192.0.2.3"], client.Sender.Sent.Select(sent =>
        {
            Assert.True(Protocol.SpaPacket.TryOpen(sent.Packet, keys, out Protocol.AuthenticMessage? message, out _));
            return message!.Message.AllowAddress!.ToString();
        }));
    }

    [Fact]
    public void Repeats_until_the_command_ends()
    {
        using ClientHarness client = Client(_ => ConnectOutcome.Open);
        _clock.OnWaited = () =>
        {
            if (_clock.Elapsed > TimeSpan.FromSeconds(50))
            {
                _commands.Started.TrySetResult(7);
            }
        };
        ClientRunResult run = client.Run([.. Ordinary, "--repeat", "20", "--exec", "sh"]);
        Assert.Equal((7, "", ""), (run.Status, run.Output, run.Error));
        Assert.Equal(3, client.Sender.Sent.Count);
    }

    [Fact]
    public void Stanza_cannot_be_saved_with_connect()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\n");
        Assert.Equal("Cannot use --save-rc-stanza with --connect.\n", client.Run("--connect", "h:22", "-s", "--save-rc-stanza").Error);
        Assert.Equal("[default]\n", File.ReadAllText(client.RcPath));
    }

    [Theory]
    [InlineData("--repeat 1", "--repeat must be within [2-86400]")]
    [InlineData("--repeat x", "--repeat must be within [2-86400]")]
    [InlineData("--repeat 5 -k", "Cannot use --key-gen with --repeat.")]
    [InlineData("--wait -l", "Cannot use --last-cmd with --wait.")]
    [InlineData("--show-last --exec sh", "Cannot use --show-last with --exec.")]
    [InlineData("--exec=", "--exec needs a command.")]
    [InlineData("--connect h:22 -T", "Cannot use --test with --connect.")]
    [InlineData("--connect h:22 -C x", "Cannot use --server-cmd with --connect.")]
    [InlineData("--connect h:22 --repeat 9", "Cannot use --repeat with --connect.")]
    [InlineData("--connect h:22 --exec sh", "Cannot use --exec with --connect.")]
    [InlineData("--connect h:22 --stdin", "Cannot read keys from standard input with --connect: it belongs to the connection. Put them into the rc file.")]
    [InlineData("--connect h:22 --fd 0", "Cannot read keys from standard input with --connect: it belongs to the connection. Put them into the rc file.")]
    [InlineData("--connect h:22 --rc-file -", "Cannot read the rc file from standard input with --connect: it belongs to the connection.")]
    [InlineData("--connect h", "Invalid --connect 'h': it is HOST:PORT, with an IPv6 address [ADDRESS]:PORT.")]
    public void Cannot_be(string line, string expected)
    {
        using ClientHarness client = Client(_ => ConnectOutcome.Open);
        ClientRunResult run = client.Run([.. Ordinary, .. line.Split(' ')]);
        Assert.Equal((1, "", expected + "\n"), (run.Status, run.Output, run.Error));
        Assert.Empty(client.Sender.Sent);
    }

    [Fact]
    public void The_reference_s_prefixes_keep_their_meaning()
    {
        Assert.Equal("--wget-cmd", Given("--w=x"));
        Assert.Equal("--encryption-mode", Given("--e=x"));
        Assert.Equal("--wait", Given("--wa"));
        Assert.Equal("--exec", Given("--ex=x"));
        Assert.Equal("--repeat", Given("--rep=9"));
    }

    [Fact]
    public void The_kept_command_line_has_the_command()
    {
        using ClientHarness client = Client(_ => ConnectOutcome.Open);
        Assert.Equal(0, client.Run([.. Ordinary, "--history-without-keys", "--wait", "--exec", "sh", "-c", "exit 3"]).Status);
        string kept = File.ReadAllText(client.Path(".fwknop.run"));
        Assert.EndsWith(" --wait --exec=sh -c 'exit 3' \n", kept, StringComparison.Ordinal);
    }

    private static string Given(string word) => Assert.Single(CommandLine.Parse([word], stopAtFirstWord: false).Options).Option.DisplayName;

    private ClientHarness Client(Func<TimeSpan, ConnectOutcome> port) => new()
    {
        Clock = _clock,
        Following = new FollowingSetup
        {
            Connector = new FakeConnector(_clock, port),
            Commands = _commands,
            OnStop = stop =>
            {
                _stop = stop;
                return new MemoryStream();
            },
        },
    };

    private void StopAfter(TimeSpan time)
    {
        if (_clock.Elapsed >= time)
        {
            _stop();
        }
    }
}
