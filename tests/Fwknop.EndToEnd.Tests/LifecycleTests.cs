using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

public sealed class LifecycleTests
{
    [RootTheory("nft")]
    [InlineData(Signal.Interrupt)]
    [InlineData(Signal.Quit)]
    [InlineData(Signal.Terminate)]
    [InlineData(Signal.Hangup)]
    public void A_signal_counts_also_where_whoever_starts_the_daemon_ignores_it(Signal signal)
    {
        using var site = new Site(Firewall.NftablesGuard);
        using var folder = new TemporaryFolder();
        string deaf = folder.WriteProgram("deaf", $"#!/bin/sh\ntrap '' HUP INT QUIT TERM\nexec '{Programs.Daemon}' \"$@\"\n");
        using SpaDaemon daemon = SpaDaemon.Start(deaf, site.Network.Server, site.Setup());

        daemon.LogAfter("^Got (SIG|signal )", () => daemon.Process.Send(signal));

        Assert.Equal(0, signal == Signal.Hangup ? daemon.Stop() : daemon.Process.WaitForExit());
        site.AssertNothingLeft();
    }

    [RootTheory("nft", "iptables")]
    [InlineData(Firewall.NftablesGuard, Signal.Terminate)]
    [InlineData(Firewall.NftablesGuard, Signal.Interrupt)]
    [InlineData(Firewall.NftablesInsert, Signal.Terminate)]
    [InlineData(Firewall.Iptables, Signal.Terminate)]
    [InlineData(Firewall.Iptables, Signal.Interrupt)]
    public void A_signal_ends_it_with_everything_removed(Firewall firewall, Signal signal)
    {
        using var site = new Site(firewall);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n");
        daemon.GrantAfter("tcp/22", () => site.Knock());

        daemon.Process.Send(signal);

        Assert.Equal(0, daemon.Process.WaitForExit());
        Assert.Contains(signal == Signal.Terminate ? "Got SIGTERM. Exiting..." : "Got SIGINT. Exiting...", daemon.Log, StringComparison.Ordinal);
        Assert.Contains("Shutting Down fwknopd.", daemon.Log, StringComparison.Ordinal);
        site.AssertNothingLeft();
    }

    /// <summary>Whoever polls once a second or more often never sleeps through two of them.</summary>
    [RootTheory("nft", "iptables", "iptables-legacy", "ipset")]
    [InlineData(Firewall.NftablesGuard)]
    [InlineData(Firewall.NftablesInsert)]
    [InlineData(Firewall.Iptables)]
    [InlineData(Firewall.IptablesLegacy)]
    [InlineData(Firewall.Ipset)]
    public void It_sleeps_while_nothing_happens(Firewall firewall)
    {
        using var site = new Site(firewall);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 600\n");
        daemon.GrantAfter("tcp/22", () => site.Knock());

        Deadline.WaitUntil(HasSlept, TimeSpan.FromSeconds(60), "a daemon that sleeps");

        bool HasSlept()
        {
            (int, long)[] before = Sleeps();
            Thread.Sleep(TimeSpan.FromSeconds(2));
            return Sleeps().SequenceEqual(before);
        }

        (int Thread, long Times)[] Sleeps() =>
            [.. new[] { daemon.Process.Id, daemon.ListenerId!.Value }.SelectMany(ProcessTable.Sleeps).Select(pair => (pair.Key, pair.Value)).Order()];
    }

    [RootFact("nft")]
    public void A_second_daemon_is_refused_and_the_first_goes_on()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon first = site.StartDaemon();
        string rules = site.FirewallRules();

        using SpaDaemon second = SpaDaemon.Launch(Programs.Daemon, site.Network.Server, site.Setup());

        Assert.NotEqual(0, second.Process.WaitForExit());
        Assert.Contains($"An instance of fwknopd is already running: (PID={first.Process.Id})", second.Log, StringComparison.Ordinal);
        Assert.Equal(rules, site.FirewallRules());
        first.GrantAfter("tcp/22", () => site.Knock());
        Assert.Equal(ProbeResult.Open, site.Probe());
    }

    [RootTheory("nft")]
    [InlineData("pcap", "0000000000002000")]
    [InlineData("UDP server", "0000000000000000")]
    public void The_process_that_reads_packets_may_do_nothing_else(string capture, string capabilities)
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("", "", capture == "pcap" ? [] : ["-U"]);
        int listener = daemon.ListenerId ?? throw new InvalidOperationException(daemon.Process.Describe());

        Assert.Equal("0", ProcessTable.Status(daemon.Process.Id, "Uid")!.Split('\t')[0]);
        IReadOnlyList<int> threads = ProcessTable.Threads(listener);
        Assert.NotEmpty(threads);
        foreach (int thread in threads)
        {
            Assert.DoesNotContain("0", ProcessTable.Status(thread, "Uid")!.Split('\t'));
            Assert.DoesNotContain("0", ProcessTable.Status(thread, "Gid")!.Split('\t'));
            Assert.Equal("", ProcessTable.Status(thread, "Groups"));
            Assert.Equal("1", ProcessTable.Status(thread, "NoNewPrivs"));
            Assert.Equal(capabilities, ProcessTable.Status(thread, "CapEff"));
            Assert.Equal(capabilities, ProcessTable.Status(thread, "CapPrm"));
            Assert.Equal(capabilities, ProcessTable.Status(thread, "CapBnd"));
        }
    }

    [RootFact("nft", "mount")]
    public void A_full_disk_opens_nothing()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using var folder = new TemporaryFolder();
        // One page for the pid file and one for the record, in a mount namespace that ends with the daemon.
        string program = folder.WriteProgram("fwknopd-on-a-small-disk", $"""
            #!/bin/sh
            mkdir -p "$RUN" && mount -t tmpfs -o size=8k,mode=700 tmpfs "$RUN" && exec "{Programs.Daemon}" "$@"

            """);
        DaemonSetup setup = site.Setup("FW_ACCESS_TIMEOUT 60\n");
        using SpaDaemon daemon = SpaDaemon.Start(program, site.Network.Server, setup with
        {
            Environment = new Dictionary<string, string?> { ["RUN"] = setup.RunFolder },
        });

        // A record has about 100 bytes: 60 do not fit. One at a time: of many at once, which are recorded together or not at all, none
        // may fit, and the next one alone may.
        const string refused = "Could not add digest to replay cache";
        string answer = "";
        for (int host = 1; host <= 60 && !Regex.IsMatch(answer, refused); host++)
        {
            string packet = site.Seal(Protocol.PortSpec.Tcp(Site.Ssh), new System.Net.IPAddress([10, 99, 0, (byte)host]));
            answer = daemon.LogAfter($"Added .* tcp/22, expires at|{refused}", () => site.Send(packet));
        }

        Assert.Matches(refused, answer);
        string record = $"/proc/{daemon.Process.Id}/root{setup.RunFolder}/digest.cache";
        string last = site.Seal(Protocol.PortSpec.Tcp(Site.Web));
        daemon.LogAfter(refused, () => site.Send(last));
        int recorded = File.ReadLines(record).Count(line => line.Length > 0 && line[0] != '#');
        Assert.InRange(daemon.Process.CountLines("Added .* tcp/22, expires at"), 1, recorded);
        Assert.Equal(0, daemon.Process.CountLines("Added .* tcp/80, expires at"));
        Assert.Equal(ProbeResult.NoAnswer, site.Probe(Site.Web));
        Assert.False(daemon.Process.HasExited);
    }
}
