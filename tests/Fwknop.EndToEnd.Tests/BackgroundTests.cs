using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>Without -f: into the background, once ready (server.md 2.3; 13, Q20), and -S, -R, -K from another process.</summary>
public sealed class BackgroundTests
{
    [RootFact("nft")]
    public void It_is_ready_when_the_command_has_ended()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using var daemon = new BackgroundDaemon(site.Network.Server, site.Setup("FW_ACCESS_TIMEOUT 60\n"));

        ProcessRun start = daemon.Run();

        Assert.True(start.ExitCode == 0, start.Errors);
        Assert.Equal("", start.Output);
        Assert.DoesNotContain("main event loop", start.Errors, StringComparison.Ordinal);
        daemon.Log.WaitFor("Starting fwknopd main event loop.");
        Assert.All(daemon.Log.Lines, line => Assert.Matches($@"^<(27|28|30)>[A-Z][a-z][a-z] [ 1-3][0-9] [0-9:]{{8}} fwknopd\[{daemon.Id}\]: ", line));

        // A packet that is sent right afterwards is not lost.
        site.Send(site.Seal(Protocol.PortSpec.Tcp(Site.Ssh)));
        Deadline.WaitUntil(() => daemon.Log.Lines.Any(line => line.Contains("Added access rule", StringComparison.Ordinal)), TimeSpan.FromSeconds(10), "the grant");
        Assert.Equal(ProbeResult.Open, site.Probe());
    }

    [RootFact("nft")]
    public void It_lets_go_of_what_it_was_started_with()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using var daemon = new BackgroundDaemon(site.Network.Server, site.Setup());
        Assert.Equal(0, daemon.Run().ExitCode);

        string process = $"/proc/{daemon.Id}";
        Assert.Equal("/", new FileInfo($"{process}/cwd").LinkTarget);
        foreach (int number in (int[])[0, 1, 2])
        {
            Assert.Equal("/dev/null", new FileInfo($"{process}/fd/{number}").LinkTarget);
        }

        string[] stat = File.ReadAllText($"{process}/stat").Split(") ")[1].Split(' ');
        Assert.Equal($"{daemon.Id}", stat[3]);
        Assert.Equal("0", stat[4]);
        Assert.Equal("0077", ProcessTable.Status(daemon.Id, "Umask"));
        Assert.DoesNotContain("FWKNOPD_STARTER", File.ReadAllText($"/proc/{SoleListener(daemon.Id)}/environ"), StringComparison.Ordinal);
    }

    [RootFact("nft")]
    public void Status_restart_and_kill()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using var daemon = new BackgroundDaemon(site.Network.Server, site.Setup());
        Assert.Equal((1, "No running fwknopd detected."), Outcome(daemon.Run("-S")));
        Assert.Equal(0, daemon.Run().ExitCode);
        int id = daemon.Id;

        Assert.Equal((0, $"Detected fwknopd is running (pid={id})."), Outcome(daemon.Run("-S")));
        ProcessRun second = daemon.Run();
        Assert.Equal(1, second.ExitCode);
        Assert.Contains($"[*] An instance of fwknopd is already running: (PID={id}).", second.Errors, StringComparison.Ordinal);
        Assert.Equal((0, $"Sent restart signal to fwknopd (pid={id})"), Outcome(daemon.Run("-R")));
        daemon.Log.WaitFor("Starting fwknopd main event loop.", after: 1);
        Assert.Equal((0, $"Killed fwknopd (pid={id}) via SIGTERM"), Outcome(daemon.Run("-K")));

        daemon.Log.WaitFor("Shutting Down fwknopd.");
        Assert.Equal(1, daemon.Run("-S").ExitCode);
        site.AssertNothingLeft();
    }

    [RootTheory("nft")]
    [InlineData("PCAP_INTF nosuch0", "nosuch0")]
    [InlineData("FIREWALL_TYPE nftables", "FIREWALL_TYPE nftables needs GUARD_PORTS")]
    [InlineData("UDPSERV_PORT x", "not in the range 1-65535")]
    public void What_goes_wrong_is_told_to_who_started_it(string configuration, string error)
    {
        using var site = new Site(Firewall.NftablesGuard);
        DaemonSetup setup = site.Setup() with { Configuration = configuration, Device = configuration.StartsWith("PCAP", StringComparison.Ordinal) ? "nosuch0" : TestNetwork.Interface };
        using var daemon = new BackgroundDaemon(site.Network.Server, setup);

        ProcessRun start = daemon.Run();

        Assert.Equal(1, start.ExitCode);
        Assert.Contains(error, start.Errors, StringComparison.Ordinal);
        site.AssertNothingLeft();
    }

    [RootTheory("nft")]
    [InlineData(Signal.Interrupt)]
    [InlineData(Signal.Terminate)]
    [InlineData(Signal.Kill)]
    public void Who_gives_up_the_start_ends_the_daemon(Signal signal)
    {
        using var site = new Site(Firewall.NftablesGuard);
        using var folder = new TemporaryFolder();

        // A listener that never gets ready keeps the start waiting.
        string slow = folder.WriteProgram("slow-listener", "#!/bin/sh\nexec cat > /dev/null\n");
        using var daemon = new BackgroundDaemon(
            site.Network.Server, site.Setup(configuration: $"LISTENER_EXE {slow}\nPRIVILEGE_SEPARATION N\n"));
        using RunningProcess start = daemon.Launch();
        daemon.Log.WaitFor("Starting fwknopd");
        int id = daemon.Id;
        Assert.True(ProcessTable.Exists(id));

        start.Send(signal);

        start.WaitForExit();
        Deadline.WaitUntil(() => !ProcessTable.Exists(id), TimeSpan.FromSeconds(10), "the end of the daemon");
        daemon.Log.WaitFor("The start of fwknopd was given up. Exiting...");
        site.AssertNothingLeft();
    }

    private static int SoleListener(int daemon) => Assert.Single(ProcessTable.ChildrenOf(daemon));

    private static (int Status, string Output) Outcome(ProcessRun run) => (run.ExitCode, Regex.Replace(run.Output, "\n$", ""));
}
