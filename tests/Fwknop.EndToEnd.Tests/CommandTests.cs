using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>Stanzas that run commands: cycles with the real ipset, and commands that a packet carries.</summary>
public sealed class CommandTests
{
    /// <summary>The example of the manual: the kernel ends the entry, fwknopd only adds it.</summary>
    [RootFact("nft", "iptables", "ipset")]
    public void A_cycle_adds_to_an_ipset_what_the_knock_asks_for()
    {
        using var site = new Site(Firewall.Iptables);
        site.Network.Server.RunChecked("ipset", "create", "fwknop_allow", "hash:ip,port", "timeout", "0");
        site.Network.Server.RunChecked("iptables", "-A", "INPUT", "-m", "set", "--match-set", "fwknop_allow", "src,dst", "-j", "ACCEPT");
        using SpaDaemon daemon = site.StartDaemon(
            "CMD_CYCLE_OPEN ipset add fwknop_allow $SRC,$PROTO:$PORT timeout $CLIENT_TIMEOUT\nCMD_CYCLE_CLOSE NONE\n");
        Assert.Equal(ProbeResult.NoAnswer, site.Probe());

        daemon.LogAfter(
            $"Running CMD_CYCLE_OPEN command: ipset add fwknop_allow {site.Network.ClientAddress},6:22 timeout 5$",
            () => site.Knock("tcp/22", Family.IPv4, "-f", "5"));

        Assert.Equal(ProbeResult.Open, ConnectProbe.WaitFor(ProbeResult.Open, site.Network.Client, site.Network.ServerAddress, Site.Ssh, TimeSpan.FromSeconds(5)));
        Assert.Equal(ProbeResult.NoAnswer, site.Probe(Site.Web));
        Assert.Equal(ProbeResult.NoAnswer, site.ProbeFromElsewhere());
        site.AssertClosesAt(DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 15);
        Assert.Equal(0, daemon.Stop());
    }

    [RootFact("nft", "iptables", "ipset")]
    public void A_cycle_closes_after_its_time_and_nobody_needs_the_firewall_for_it()
    {
        using Site site = SiteWithSet(Firewall.Iptables);
        using SpaDaemon daemon = site.StartDaemon(Cycle + "CMD_CYCLE_TIMER 2\n");
        daemon.LogAfter("Running CMD_CYCLE_CLOSE command in 2 seconds: ipset del allowed", () => site.Knock());
        WaitForEntries(site, 1);
        daemon.WaitForLog("Timer expired, running CMD_CYCLE_CLOSE command: ipset del allowed");
        WaitForEntries(site, 0);
        Assert.DoesNotContain("Added access rule", daemon.Log, StringComparison.Ordinal);
        Assert.Equal(0, daemon.Stop());
    }

    [RootFact("nft", "ipset")]
    public void What_was_open_is_closed_at_a_stop()
    {
        using Site site = SiteWithSet(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon(LongCycle);
        site.Knock();
        WaitForEntries(site, 1);
        Assert.Equal(0, daemon.Stop());
        WaitForEntries(site, 0);
    }

    [RootFact("nft", "ipset")]
    public void What_was_open_at_a_crash_is_closed_by_the_next_start()
    {
        using Site site = SiteWithSet(Firewall.NftablesGuard);
        using (SpaDaemon daemon = site.StartDaemon(Cycle + "CMD_CYCLE_TIMER 3\n"))
        {
            site.Knock();
            WaitForEntries(site, 1);
            daemon.Crash();
        }

        using SpaDaemon second = site.StartDaemon(LongCycle);
        second.WaitForLog("Running CMD_CYCLE_CLOSE command of an earlier run");
        WaitForEntries(site, 0);
        Assert.Equal(0, second.Stop());
    }

    /// <summary>Its second SIGTERM ends them, and the daemon cleanly; what could not be closed is closed by the next start.</summary>
    [RootFact("nft")]
    public void Killed_by_another_fwknopd_it_leaves_no_command_and_no_close_is_lost()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using var folder = new TemporaryFolder();
        string script = folder.Write("close", $"#!/bin/sh\nif test -e {folder.FilePath("ready")}; then echo >{folder.FilePath("closed")}; else sleep 600; fi\n");
        File.SetUnixFileMode(script, (UnixFileMode)0x1c0);
        string cycle = $"CMD_CYCLE_OPEN true\nCMD_CYCLE_CLOSE {script}\nCMD_CYCLE_TIMER 600\nENABLE_CMD_EXEC Y\n";
        using (SpaDaemon daemon = site.StartDaemon(cycle, "CMD_EXEC_TIMEOUT 300\n"))
        {
            daemon.LogAfter("Running CMD_CYCLE_CLOSE command in 600 seconds", () => site.Knock());

            ProcessRun kill = site.Network.Server.Run(Programs.Daemon, "-K", "-c", daemon.PathOf("fwknopd.conf"), "-r", daemon.RunFolder);

            Assert.Equal((0, $"Killed fwknopd (pid={daemon.Process.Id}) via SIGTERM"), (kill.ExitCode, kill.Output.Trim()));
            Assert.Equal(0, daemon.Process.WaitForExit());
            Assert.Contains("did not succeed in time; it runs again at the next start", daemon.Log, StringComparison.Ordinal);
            site.AssertNothingLeft();
        }

        folder.Write("ready", "");
        using SpaDaemon second = site.StartDaemon(cycle);
        second.WaitForLog("Running CMD_CYCLE_CLOSE command of an earlier run");
        Assert.Equal(0, second.Stop());
        Assert.True(File.Exists(folder.FilePath("closed")));
    }

    /// <summary>Nobody would keep the time of what goes on.</summary>
    [RootFact("nft")]
    public void No_command_of_a_packet_outlives_the_daemon()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("ENABLE_CMD_EXEC Y\n", "CMD_EXEC_TIMEOUT 300\n");
        daemon.LogAfter("Running command 'sleep 600'", () => site.Command(Programs.Client, "sleep 600"));
        Assert.Equal(0, daemon.Stop());
        Assert.Contains("The command was killed, for fwknopd ends", daemon.Log, StringComparison.Ordinal);
        site.AssertNothingLeft();
    }

    /// <summary>What the last packet asked for is done before fwknopd ends.</summary>
    [RootFact("nft")]
    public void The_packet_limit_waits_for_commands()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("ENABLE_CMD_EXEC Y\n", "", "-C", "1");
        site.Command(Programs.Client, "sleep 2");
        Assert.Equal(0, daemon.Process.WaitForExit());
        Assert.Matches("Packet count limit [^\0]*CMD_EXEC: command returned 0, pid_status: 0", daemon.Log);
        Assert.DoesNotContain("killed", daemon.Log, StringComparison.Ordinal);
    }

    [RootFact("nft")]
    public void Asked_to_stop_fwknopd_waits_no_longer_for_commands_at_the_packet_limit()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("ENABLE_CMD_EXEC Y\n", "CMD_EXEC_TIMEOUT 300\n", "-C", "1");
        daemon.LogAfter("Shutting Down fwknopd", () => site.Command(Programs.Client, "sleep 600"));
        Assert.Equal(0, daemon.Stop());
        Assert.Contains("The command was killed, for fwknopd ends", daemon.Log, StringComparison.Ordinal);
    }

    /// <summary>libnftables opens the socket by which root changes the firewall so that programs inherit it.</summary>
    [RootFact("nft")]
    public void No_child_has_the_netlink_socket_of_the_daemon()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("ENABLE_CMD_EXEC Y\nCMD_EXEC_USER nobody\n", "CMD_EXEC_TIMEOUT 300\n");
        Assert.NotEmpty(Processes.NetfilterSockets(daemon.Process.Id));
        site.Command(Programs.Client, "sleep 600");
        Deadline.WaitUntil(() => CommandOf(daemon) is not null, TimeSpan.FromSeconds(20), "the command");
        Assert.Equal(["/dev/null", "/dev/null", "/dev/null"], Processes.Descriptors(CommandOf(daemon)!.Value));

        daemon.LogAfter("Starting fwknopd main event loop", () => daemon.Process.Send(Signal.Hangup));
        Assert.Empty(Processes.NetfilterSockets(daemon.ListenerId!.Value));
        Assert.Equal(0, daemon.Stop());
    }

    /// <summary>What is not due yet, too: there will be no daemon to close it in time.</summary>
    [RootTheory("nft", "ipset")]
    [InlineData("", "nonsense\n", "access.conf")]
    [InlineData("PCAP_INTF nosuch0\nEXIT_AT_INTF_DOWN Y\n", "", "nosuch0")]
    [InlineData("FW_TIMEOUT_X 3\nMAX_SNIFF_BYTES many\n", "", "MAX_SNIFF_BYTES")]
    [InlineData("MAX_SNIFF_BYTES many\n", "nonsense\n", "MAX_SNIFF_BYTES")]
    [InlineData("DIGEST_FILE /nosuch/digest.cache\n", "", "/nosuch/digest.cache")]
    public void What_was_open_at_a_crash_is_closed_by_a_start_that_fails(string configuration, string stanza, string reason)
    {
        using Site site = SiteWithSet(Firewall.NftablesGuard);
        using (SpaDaemon daemon = site.StartDaemon(LongCycle))
        {
            site.Knock();
            WaitForEntries(site, 1);
            daemon.Crash();
        }

        DaemonSetup setup = site.Setup(LongCycle + stanza, configuration);
        using SpaDaemon second = SpaDaemon.Launch(Programs.Daemon, site.Network.Server, reason == "nosuch0" ? setup with { Device = "nosuch0" } : setup);

        Assert.Equal(1, second.Process.WaitForExit());
        Assert.Contains(reason, second.Log, StringComparison.Ordinal);
        WaitForEntries(site, 0);
        Assert.Contains(File.ReadLines(Path.Combine(second.RunFolder, "cycles")), line => line.StartsWith("done ", StringComparison.Ordinal));
    }

    /// <summary>Who could write fwknopd.conf shall not choose whose commands are run, nor which lock is taken; who writes the command line may.</summary>
    [RootTheory("nft", "ipset")]
    [InlineData(false)]
    [InlineData(true)]
    public void What_was_open_at_a_crash_is_told_where_fwknopd_conf_cannot_be_trusted(bool isNamed)
    {
        using var site = new Site(Firewall.NftablesGuard);
        site.Network.Server.RunChecked("ipset", "create", "allowed", "hash:ip");
        string runFolder;
        string configuration;
        using (SpaDaemon daemon = site.StartDaemon(LongCycle))
        {
            site.Knock();
            WaitForEntries(site, 1);
            daemon.Process.Send(Signal.Kill);
            daemon.Process.WaitForExit();
            runFolder = daemon.RunFolder;
            configuration = File.ReadAllText(daemon.PathOf("fwknopd.conf"));
        }

        using var folder = new TemporaryFolder();
        string untrusted = folder.Write("fwknopd.conf", configuration);
        File.SetUnixFileMode(untrusted, (UnixFileMode)0x1b6);
        string[] named = isNamed ? ["-r", runFolder, "-p", Path.Combine(runFolder, "fwknopd.pid")] : [];

        ProcessRun run = site.Network.Server.Run(Programs.Daemon, ["-f", "-c", untrusted, .. named]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("can be changed by other users (mode 0666)", run.Errors, StringComparison.Ordinal);
        Assert.Equal(
            !isNamed,
            run.Errors.Contains($"Close commands of an earlier run may be pending in {runFolder}/cycles; this start does not run them", StringComparison.Ordinal));
        WaitForEntries(site, isNamed ? 0 : 1);
    }

    /// <summary>They are the running daemon's.</summary>
    [RootFact("nft", "ipset")]
    public void A_second_start_that_fails_closes_nothing_of_a_daemon_that_runs()
    {
        using Site site = SiteWithSet(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon(LongCycle);
        site.Knock();
        WaitForEntries(site, 1);

        using SpaDaemon second = SpaDaemon.Launch(Programs.Daemon, site.Network.Server, site.Setup("nonsense\n"));

        Assert.Equal(1, second.Process.WaitForExit());
        Assert.Contains($"already running: (PID={daemon.Process.Id})", second.Log, StringComparison.Ordinal);
        WaitForEntries(site, 1);
        Assert.Equal(0, daemon.Stop());
        WaitForEntries(site, 0);
    }

    /// <summary>The record of pending closes stays where the next start looks for it.</summary>
    [RootFact("nft", "ipset")]
    public void What_is_open_is_known_after_the_record_of_packets_has_moved()
    {
        using Site site = SiteWithSet(Firewall.NftablesGuard);
        using (SpaDaemon daemon = site.StartDaemon(LongCycle))
        {
            site.Knock();
            WaitForEntries(site, 1);
            string configuration = File.ReadAllText(daemon.PathOf("fwknopd.conf"));
            daemon.Write("fwknopd.conf", $"{configuration}FWKNOP_RUN_DIR {daemon.PathOf("other")}\n");
            daemon.LogAfter("FWKNOP_RUN_DIR cannot be changed by SIGHUP", () => daemon.Process.Send(Signal.Hangup));
            daemon.Write("fwknopd.conf", $"{configuration}DIGEST_FILE {daemon.PathOf("moved.cache")}\n");
            daemon.LogAfter("Starting fwknopd main event loop.", () => daemon.Process.Send(Signal.Hangup));
            daemon.Crash();
        }

        using SpaDaemon second = site.StartDaemon(LongCycle, $"DIGEST_FILE {site.RunFolder.FilePath("moved.cache")}\n");
        second.WaitForLog("Running CMD_CYCLE_CLOSE command of an earlier run");
        Assert.Equal(0, second.Stop());
        WaitForEntries(site, 0);
    }

    public static TheoryData<string> Clients() => new() { Programs.Client, Reference.ClientProgram };

    [RootTheory("nft", "fwknop")]
    [MemberData(nameof(Clients))]
    public void A_command_in_a_packet_runs_as_the_user_of_the_stanza(string client)
    {
        using var site = new Site(Firewall.NftablesGuard);
        using var folder = new TemporaryFolder();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0x1ff);
        using SpaDaemon daemon = site.StartDaemon("ENABLE_CMD_EXEC Y\nCMD_EXEC_USER nobody\n");
        daemon.LogAfter("CMD_EXEC: command returned 0, pid_status: 0", () => site.Command(client, $"touch {folder.FilePath("made")}"));
        Assert.Equal("nobody", ProcessRun.Run("stat", "-c", "%U", folder.FilePath("made")).Output.Trim());
        Assert.Equal(0, daemon.Stop());
    }

    [RootFact("nft", "fwknop")]
    public void A_command_is_refused_where_the_stanza_does_not_allow_it()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using var folder = new TemporaryFolder();
        using SpaDaemon daemon = site.StartDaemon();
        daemon.LogAfter(
            "SPA Command messages are not allowed in the current configuration", () => site.Command(Reference.ClientProgram, $"touch {folder.FilePath("made")}"));
        Assert.False(File.Exists(folder.FilePath("made")));
        Assert.Equal(0, daemon.Stop());
    }

    [RootFact("nft")]
    public void A_command_that_hangs_is_killed_and_keeps_nobody_out()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("ENABLE_CMD_EXEC Y\nFW_ACCESS_TIMEOUT 30\n", "CMD_EXEC_TIMEOUT 3\n");
        daemon.LogAfter("Running command 'sleep 600'", () => site.Command(Programs.Client, "sleep 600"));
        daemon.GrantAfter("tcp/22", () => site.Knock());
        Assert.Equal(ProbeResult.Open, site.Probe());
        daemon.WaitForLog("did not end within 3 s and was killed");
        Assert.Equal(0, daemon.Stop());
        site.AssertNothingLeft();
    }

    private const string Cycle = "CMD_CYCLE_OPEN ipset add allowed $IP\nCMD_CYCLE_CLOSE ipset del allowed $IP\n";

    private const string LongCycle = Cycle + "CMD_CYCLE_TIMER 600\n";

    /// <summary>With the set that the cycles here add to.</summary>
    private static Site SiteWithSet(Firewall firewall)
    {
        Site site = new(firewall);
        site.Network.Server.RunChecked("ipset", "create", "allowed", "hash:ip");
        return site;
    }

    private static int? CommandOf(SpaDaemon daemon) =>
        daemon.Process.Children().Where(child => ProcessTable.CommandLine(child) == "/usr/bin/sleep 600").Select(child => (int?)child).FirstOrDefault();

    private static void WaitForEntries(Site site, int count) => Deadline.WaitUntil(
        () => site.Network.Server.RunChecked("ipset", "list", "allowed").Output.Contains($"Number of entries: {count}", StringComparison.Ordinal),
        TimeSpan.FromSeconds(20),
        $"{count} entries in the set");
}
