using System.Text.RegularExpressions;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>fwknopd --explain: what an administrator is told, what it leaves alone, and whatever it is given.</summary>
public sealed class ExplainTests
{
    private const string Limits = "OPEN_PORTS tcp/22\nFW_ACCESS_TIMEOUT 60\n";

    [InteropFact]
    public void Packet_of_the_reference_is_explained_and_stays_good_while_the_daemon_runs()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using var folder = new TemporaryFolder();
        string denied = Save(site, folder, "denied", "tcp/80");
        string good = Save(site, folder, "good", "tcp/22");
        using SpaDaemon daemon = site.StartDaemon(Limits);
        string rules = site.FirewallRules();
        string log = daemon.Log;
        string[] files = Files(daemon);

        ProcessRun refusal = Explain(daemon, site, denied);
        Assert.Matches(
            "^Packet 1: [0-9]+ bytes of text, of unknown source\n  Replay: no, it is not recorded\n  Stanza #1: refuses\n    User: tester\n"
            + $"    Time: .*\n    Message: {Regex.Escape($"{site.Network.ClientAddress}")},tcp/80 \\(type 1\\)\n"
            + "    Refused: a port is asked for that OPEN_PORTS tcp/22 does not have\n  Result: refused: no stanza grants it$",
            refusal.Output);
        Assert.Equal(1, refusal.ExitCode);

        ProcessRun grant = Explain(daemon, site, good, "--explain-source", $"{site.Network.ClientAddress}");
        Assert.Contains($"    Opens: tcp/22 for {site.Network.ClientAddress} for 60 seconds\n  Result: granted by stanza #1", grant.Output, StringComparison.Ordinal);
        Assert.StartsWith($"Packet 1: {File.ReadAllText(good).Length - 1} bytes of text, from {site.Network.ClientAddress}\n", grant.Output, StringComparison.Ordinal);
        Assert.Equal(0, grant.ExitCode);
        Assert.Equal(grant.Output, Explain(daemon, site, "-", ["--explain-source", $"{site.Network.ClientAddress}"], File.ReadAllText(good)).Output, WithoutClock);

        Assert.Equal(rules, site.FirewallRules());
        Assert.Equal(log, daemon.Log);
        Assert.Equal(files, Files(daemon));

        daemon.GrantAfter("tcp/22", () => site.Send(File.ReadAllText(good).TrimEnd()));
        Assert.Equal(ProbeResult.Open, site.Probe());
        ProcessRun replay = Explain(daemon, site, good);
        Assert.Matches($"  Replay: yes, first seen .* UTC from {Regex.Escape($"{site.Network.ClientAddress}")}\n  Stanza #1: grants\n", replay.Output);
        Assert.EndsWith("  Result: refused: it is a replay; apart from that, stanza #1 grants it", replay.Output, StringComparison.Ordinal);
        Assert.Equal(1, replay.ExitCode);
        Assert.Equal(0, daemon.Stop());
    }

    [InteropFact]
    public void Captured_packets_are_explained_one_by_one()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using PacketCapture capture = PacketCapture.Start(site.Network.Server);
        Knock(site, "tcp/22");
        Knock(site, "tcp/80");
        site.Send(new string('!', 200));
        site.Send("another port", port: 9);
        site.Knock("tcp/22", Family.IPv6);
        capture.Stop();
        using SpaDaemon daemon = site.StartDaemon(Limits);

        ProcessRun run = Explain(daemon, site, capture.File);
        Assert.Equal(0, run.ExitCode);
        string[] blocks = [.. Regex.Split(run.Output, "^(?=Packet )", RegexOptions.Multiline).Where(block => block.Length > 0)];
        Assert.Equal(4, blocks.Length);
        string way = $"bytes by UDP from {site.Network.ClientAddress} port [0-9]+ to {site.Network.ServerAddress} port 62201\n";
        Assert.Matches($"^Packet 1: [0-9]+ {way}(?s:.*)Result: granted by stanza #1\n$", blocks[0]);
        Assert.Matches($"^Packet 2: [0-9]+ {way}(?s:.*)Result: refused: no stanza grants it\n$", blocks[1]);
        Assert.Matches($"^Packet 3: 200 {way}  Result: refused: not a packet: it has other characters than those of base64\n$", blocks[2]);
        Assert.Matches($"^Packet 4: [0-9]+ bytes by UDP from {site.Network.ClientAddress6} (?s:.*)Opens: tcp/22 for {site.Network.ClientAddress6} for", blocks[3]);

        ProcessRun piped = Shell(daemon, site, $"cat {capture.File} | {CommandFor(daemon, "-")}");
        Assert.Equal(run.Output, piped.Output, WithoutClock);
        Assert.Equal(0, daemon.Stop());
    }

    /// <summary>Redirections and what may come from them; each ends by itself, with status 1, and says why.</summary>
    [RootTheory("nft")]
    [InlineData("@ - < /dev/zero", "this is neither the text of one packet, which is shorter, nor a pcap file")]
    [InlineData("yes | @ -", "this is neither the text of one packet, which is shorter, nor a pcap file")]
    [InlineData("head -c 100000 /dev/urandom | @ -", "this is neither the text of one packet|pcap_open_offline")]
    [InlineData("@ - < /dev/null", "there is nothing to explain: no packet, no pcap file")]
    [InlineData("@ - <&-", "there is no standard input|there is nothing to explain")]
    [InlineData("truncate -s 1T huge; @ huge", "this is neither the text of one packet, which is shorter, nor a pcap file")]
    [InlineData("(printf '\\324\\303\\262\\241'; head -c 1000 /dev/zero) > bad; @ bad", "pcap_open_offline\\(\\) error: ")]
    [InlineData("(printf '\\324\\303\\262\\241\\002\\000\\004\\000\\000\\000\\000\\000\\000\\000\\000\\000\\377\\377\\000\\000\\001\\000\\000\\000'; head -c 100 /dev/urandom) > bad; @ bad", "the file ends badly|no packet in the file passes")]
    [InlineData("(printf '\\324\\303\\262\\241\\002\\000\\004\\000\\000\\000\\000\\000\\000\\000\\000\\000\\377\\377\\000\\000\\001\\000\\000\\000'; yes) | @ -", "the file ends badly")]
    [InlineData("printf '\\324\\303\\262\\241\\002\\000\\004\\000\\000\\000\\000\\000\\000\\000\\000\\000\\377\\377\\000\\000\\001\\000\\000\\000' > empty; @ empty", "no packet in the file passes the filter 'udp port 62201' \\(PCAP_FILTER\\)")]
    [InlineData("mkfifo fifo; @ fifo", "'fifo' cannot be read: it must be a regular file and no symbolic link")]
    [InlineData("ln -s /etc/hostname link; @ link", "'link' cannot be read: it must be a regular file and no symbolic link")]
    [InlineData("@ .", "'.' cannot be read: it must be a regular file and no symbolic link")]
    [InlineData("@ nothing", "'nothing': there is no such file; - is standard input")]
    public void Whatever_it_is_given_it_ends_and_says_why(string command, string expected)
    {
        using var site = new Site(Firewall.NftablesGuard, hasServices: false);
        using SpaDaemon daemon = site.StartDaemon(Limits);
        ProcessRun run = Shell(daemon, site, command.Replace("@", CommandFor(daemon), StringComparison.Ordinal));
        Assert.Matches(expected, run.Errors);
        Assert.DoesNotMatch("Unhandled|   at ", run.Errors);
        Assert.Equal("", run.Output);
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(0, daemon.Stop());
    }

    [RootFact("nft")]
    public void The_packet_is_read_by_a_confined_process_that_ends_with_its_starter()
    {
        using var site = new Site(Firewall.NftablesGuard, hasServices: false);
        using SpaDaemon daemon = site.StartDaemon(Limits);
        using var folder = new TemporaryFolder();
        string fifo = folder.FilePath("fifo");
        using RunningProcess explain = site.Network.Server.Start("sh", "-c", $"mkfifo {fifo} && exec 3<>{fifo} && exec {CommandFor(daemon, "-")} <&3");
        int listener = 0;
        Deadline.WaitUntil(
            () => (listener = explain.Children().FirstOrDefault(id => ProcessTable.CommandLine(id).StartsWith(Programs.Listener, StringComparison.Ordinal))) != 0
                && ProcessTable.Status(listener, "NoNewPrivs") == "1",
            TimeSpan.FromSeconds(20),
            "the listener");
        Assert.Equal("0000000000000000", ProcessTable.Status(listener, "CapPrm"));
        Assert.Equal("0000000000000000", ProcessTable.Status(listener, "CapBnd"));
        Assert.DoesNotMatch(@"(^|\s)0(\s|$)", ProcessTable.Status(listener, "Uid"));

        explain.Send(Signal.Kill);
        Deadline.WaitUntil(() => !Directory.Exists($"/proc/{listener}"), TimeSpan.FromSeconds(20), "the end of the listener");
        Assert.Equal(0, daemon.Stop());
    }

    [RootFact("nft")]
    public void Somebody_who_does_not_read_on_keeps_nothing_waiting()
    {
        using var site = new Site(Firewall.NftablesGuard, hasServices: false);
        using SpaDaemon daemon = site.StartDaemon(Limits);
        string packet = site.Seal(PortSpec.Tcp(22));
        ProcessRun run = Shell(daemon, site, $"echo {packet} | {CommandFor(daemon, "-")} | head -1");
        Assert.Matches("^Packet 1: [0-9]+ bytes of text, of unknown source$", run.Output);
        Assert.DoesNotMatch("Unhandled|   at ", run.Errors);
        Assert.Equal(0, daemon.Stop());
    }

    /// <summary>What a daemon has on disk; its socket cannot be read.</summary>
    private static string[] Files(SpaDaemon daemon) =>
    [
        .. Directory.EnumerateFiles(daemon.RunFolder, "*", SearchOption.AllDirectories)
            .Where(path => !path.EndsWith(".sock", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(File.ReadAllText),
    ];

    private static bool WithoutClock(string? one, string? other) => Masked(one) == Masked(other);

    private static string Masked(string? report) => Regex.Replace(report ?? "", "UTC, .*", "UTC");

    private static string Save(Site site, TemporaryFolder folder, string name, string request)
    {
        string path = folder.FilePath(name);
        Knock(site, request, "-T", "-B", path);
        return path;
    }

    private static void Knock(Site site, string request, params IReadOnlyList<string> arguments) => Reference.Client(site.Network.Client).Knock(
        ["-D", $"{site.Network.ServerAddress}", "-a", $"{site.Network.ClientAddress}", "-A", request, .. site.Keys.ClientArguments, .. arguments]);

    private static ProcessRun Explain(SpaDaemon daemon, Site site, string path, params IReadOnlyList<string> arguments) => Explain(daemon, site, path, arguments, null);

    private static ProcessRun Explain(SpaDaemon daemon, Site site, string path, IReadOnlyList<string> arguments, string? input) => ProcessRun.Run(
        new ProcessCommand(
            Programs.Daemon, ["-c", daemon.PathOf("fwknopd.conf"), "-a", daemon.PathOf("access.conf"), "--explain", path, .. arguments])
        {
            Namespace = site.Network.Server,
            Input = input,
        });

    private static string CommandFor(SpaDaemon daemon, string path = "") =>
        $"{Programs.Daemon} -c {daemon.PathOf("fwknopd.conf")} -a {daemon.PathOf("access.conf")} --explain {path}".TrimEnd();

    private static ProcessRun Shell(SpaDaemon daemon, Site site, string command)
    {
        using var folder = new TemporaryFolder();
        return ProcessRun.Run(new ProcessCommand("sh", "-c", $"cd {folder.Path} && {command}") { Namespace = site.Network.Server });
    }
}
