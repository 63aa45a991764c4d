using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>What follows a knock: waiting, commands, renewing.</summary>
public sealed class FollowingTests
{
    [RootTheory("nft")]
    [InlineData(Family.IPv4)]
    [InlineData(Family.IPv6)]
    public void Wait_ends_when_the_port_is_open(Family family)
    {
        using Site site = new(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon();

        ProcessRun run = Run(site, family, "--wait");

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Matches(@"^\[\+\] [0-9a-f.:]+, tcp/22: open after [0-9]+ ms\.$", run.Output);

        // The port may be found open before the line about it is written.
        daemon.WaitForLog("Added .* tcp/22, expires at");
        Assert.Equal(1, daemon.Process.CountLines("Added .* tcp/22, expires at"));
    }

    [RootFact("nft")]
    public void Wait_gives_up_and_says_why()
    {
        using Site site = new(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("OPEN_PORTS tcp/80\n");

        ProcessRun run = Run(site, Family.IPv4, "--wait=2");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("tcp/22, is not open 2 s after the knock: no answer. What may be wrong:", run.Errors, StringComparison.Ordinal);
        Assert.Contains($"the packet allows {site.Network.ClientAddress}, the one used here.", run.Errors, StringComparison.Ordinal);
    }

    [RootFact("nft")]
    public void Wait_sees_that_nothing_listens()
    {
        using Site site = new(Firewall.NftablesGuard, hasServices: false);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 30\n");

        ProcessRun run = Run(site, Family.IPv4, "--wait=2");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("The knock worked, since before it there was no answer. But nothing listens on port 22.", run.Errors, StringComparison.Ordinal);
    }

    [RootTheory("nft")]
    [InlineData("exit 42", 42)]
    [InlineData("exit 0", 0)]
    [InlineData("kill -TERM $$", 143)]
    [InlineData("yes | head -n 1 >/dev/null; exit ${PIPESTATUS[0]}", 141)]
    public void The_status_is_the_command_s(string script, int status)
    {
        using Site site = new(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon();

        ProcessRun run = Run(site, Family.IPv4, "--exec", "bash", "-c", script);

        Assert.Equal((status, "", ""), (run.ExitCode, run.Output, run.Errors));
    }

    [RootFact("nft")]
    public void The_command_takes_the_place_of_the_client()
    {
        using Site site = new(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 30\n");
        const string Script = "echo $$; ls /proc/self/fd | tr '\\n' ' '";
        using RunningProcess client = Start(site, "--exec", "bash", "-c", Script);

        Assert.Equal(0, client.WaitForExit(TimeSpan.FromSeconds(30)));

        // Whoever started the tests may have left descriptors open, which everything inherits; none of ours is added.
        string descriptors = site.Network.Client.RunChecked("bash", "-c", Script).Output.Split('\n')[1];
        Assert.Equal($"{client.Id}\n{descriptors}", client.Output);
    }

    [RootFact("nft")]
    public void The_program_that_tells_the_key_leaves_the_command_its_input()
    {
        using Site site = new(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon();
        using TemporaryFolder folder = new();
        string program = folder.WriteProgram("key", $"#!/bin/sh\ncat >/dev/null\necho KEY_BASE64: {site.Keys.Key}\n");
        string rc = folder.Write("fwknoprc", $"""
            [default]
            KEY_CMD {program}
            HMAC_KEY_BASE64 {site.Keys.HmacKey}

            """);

        ProcessRun run = ProcessRun.Run(new ProcessCommand(
            Programs.Client, "--rc-file", rc, "--no-save-args", "-D", $"{site.Network.ServerAddress}", "-a", $"{site.Network.ClientAddress}", "-A", "tcp/22",
            "--exec", "cat")
        {
            Namespace = site.Network.Client,
            Input = "for the command\n",
        });

        Assert.Equal((0, "for the command", ""), (run.ExitCode, run.Output, run.Errors));
    }

    [RootFact("nft")]
    public void Repeat_keeps_a_grant_alive()
    {
        using Site site = new(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 3\n");
        using RunningProcess client = Start(site, "--repeat", "2");
        long expiry = SpaDaemon.ExpiryIn(daemon.WaitForLog("Added .* tcp/22, expires at [0-9]+$", TimeSpan.FromSeconds(20)));
        daemon.WaitForLog("Extended .* tcp/22, expires at", TimeSpan.FromSeconds(10), after: 1);

        Deadline.WaitUntil(() => DateTimeOffset.UtcNow.ToUnixTimeSeconds() > expiry + 1, TimeSpan.FromSeconds(10), "the first grant's end");
        Assert.Equal(ProbeResult.Open, site.Probe());
        client.Send(Signal.Terminate);

        Assert.Equal(0, client.WaitForExit());
        Assert.Equal("", client.Errors);
    }

    [RootFact("nft")]
    public void Repeat_lasts_as_long_as_the_command_which_gets_the_signals()
    {
        using Site site = new(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 3\n");
        using RunningProcess client = Start(
            site, "--repeat", "2", "--exec", "bash", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.1; done");
        client.WaitForLine("ready", TimeSpan.FromSeconds(20));
        daemon.WaitForLog("Extended .* tcp/22, expires at", TimeSpan.FromSeconds(10));

        client.Send(Signal.Terminate);

        Assert.Equal(5, client.WaitForExit());
    }

    private static ProcessRun Run(Site site, Family family, params IReadOnlyList<string> arguments) =>
        new SpaClient(Programs.Client, site.Network.Client).Run(
            ["-D", $"{site.Server(family)}", "-a", $"{site.Client(family)}", "-A", "tcp/22", .. site.Keys.ClientArguments, .. arguments]);

    private static RunningProcess Start(Site site, params IReadOnlyList<string> arguments) => site.Network.Client.Start(
        Programs.Client,
        [
            "--no-rc-file", "--no-save-args", "-D", $"{site.Network.ServerAddress}", "-a", $"{site.Network.ClientAddress}", "-A", "tcp/22",
            .. site.Keys.ClientArguments, .. arguments,
        ]);
}
