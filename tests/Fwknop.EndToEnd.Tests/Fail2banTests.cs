using System.Net;
using System.Text.RegularExpressions;

using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>
/// packaging/fail2ban with the real fail2ban-regex and the lines of a daemon: failures count for their source, success never, and nobody can have another
/// address counted by what he writes into a packet.
/// </summary>
public sealed partial class Fail2banTests
{
    private const string Forged = "[198.51.100.4] SPA packet is not authentic for any stanza";

    private static readonly string Packaging = Path.Combine(RepositoryRoot.Path, "packaging/fail2ban");

    [RootTheory("nft", "fail2ban-regex")]
    [InlineData("text")]
    [InlineData("json")]
    public void Failures_count_for_their_source_and_success_for_nobody(string format)
    {
        using var site = new Site(Firewall.NftablesGuard, hasServices: false);
        using var folder = new TemporaryFolder();
        using SyslogServer syslog = SyslogServer.Start(folder.FilePath("log"));
        (IPAddress client, IPAddress client6) = (site.Network.ClientAddress, site.Network.ClientAddress6);
        DaemonSetup setup = site.Setup("", $"LOG_FORMAT {format}\nSYSLOG_SOCKET {folder.FilePath("log")}\n", "-v", "--syslog-enable") with
        {
            Access = $"SOURCE {client}, {client6}\nREQUIRE_USERNAME tester\nOPEN_PORTS tcp/22\nENABLE_CMD_EXEC Y\n{site.Keys.AccessLines}",
        };
        using (SpaDaemon daemon = SpaDaemon.Start(Programs.Daemon, site.Network.Server, setup))
        {
            Misbehave(site, daemon);
            Assert.Equal(0, daemon.Stop());
        }

        syslog.WaitFor(format == "json" ? "\"Shutting Down fwknopd.\"}" : "Shutting Down fwknopd.");
        string[] lines = [.. syslog.Lines];
        Assert.Contains(lines, line => line.Contains("expires at", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains(Forged, StringComparison.Ordinal) && !line.Contains($"[{client}]", StringComparison.Ordinal));
        string[] normal = [$"{client}", $"{client}", $"{site.Network.OtherClientAddress}", $"{client6}"];
        string[] aggressive = [$"{client}", $"{client}", $"{site.Network.OtherClientAddress}", $"{client6}", $"{client}", $"{client}"];
        foreach (string file in (string[])
            [
                folder.Write("syslog", string.Join('\n', lines.Select(line => SyslogPrefix().Replace(line, "${time} gate fwknopd[${pid}]: ")))),
                folder.Write("rsyslog", string.Join('\n', lines.Select(line => SyslogPrefix().Replace(line, "2026-01-31T08:15:30.125000+01:00 gate fwknopd[${pid}]: ")))),
                folder.Write("journal", string.Join('\n', lines.Select(line => SyslogPrefix().Replace(line, "gate fwknopd[${pid}]: ")))),
                folder.Write("foreground", string.Join('\n', lines.Select(line => SyslogPrefix().Replace(line, "")))),
            ])
        {
            Assert.Equal([file, .. normal], [file, .. Matches(file, "normal")]);
            Assert.Equal([file, .. aggressive], [file, .. Matches(file, "aggressive")]);
        }
    }

    /// <summary>As bold as can be: the text of a failure of another address at every place of a line that a packet can reach, and after what looks like a prefix.</summary>
    [ProgramFact("fail2ban-regex")]
    public void What_stands_further_behind_in_a_line_counts_for_nobody()
    {
        using var folder = new TemporaryFolder();
        string[] openings =
        [
            "", "       Username: ", " Message String: 1.2.3.4,", "SPA Packet: '", "[10.0.0.1] (stanza #1) Processing SPA Command message: command='",
            "Error parsing X-Forwarded-For header: value '", "[10.0.0.1] (stanza #1) Username in SPA data (",
            """{"time":"2026-01-31T08:15:30.125Z","level":"info","event":"command.received","source":"10.0.0.1","stanza":1,"user":"alice","command":""" + "\"",
            """{"time":"2026-01-31T08:15:30.125Z","level":"info","event":"message","message":""" + "\"",
        ];
        string[] forgeries =
        [
            Forged, $"fwknopd[7]: {Forged}", $"gate fwknopd[7]: {Forged}", $"Jan 31 08:15:30 gate fwknopd[7]: {Forged}", "No access data found for source IP: 198.51.100.4",
            """{"time":"2026-01-31T08:15:30.125Z","level":"warning","event":"packet.unauthenticated","source":"198.51.100.4","message":"x"}""",
            @"\"",\""event\"":\""packet.unauthenticated\"",\""source\"":\""198.51.100.4\""",
        ];
        string[] lines =
        [
            .. openings.Skip(1).SelectMany(opening => forgeries.Select(forgery => opening + forgery)),
            .. openings.SelectMany(opening => forgeries.Select(forgery => $"Jan 31 08:15:30 gate fwknopd[7]: {(opening.Length == 0 ? "Configs parsed " : opening)}{forgery}")),
        ];
        Assert.Empty(Matches(folder.Write("log", string.Join('\n', lines)), "aggressive"));
    }

    /// <summary>Whoever may write to the journal names himself as he likes; fields that begin with an underscore are the journal's own.</summary>
    [Fact]
    public void Only_what_root_wrote_is_taken_from_the_journal()
    {
        string filter = File.ReadAllText(Path.Combine(Packaging, "filter.d/fwknopd.conf"));
        string match = Assert.Single(filter.Split('\n'), line => line.StartsWith("journalmatch = ", StringComparison.Ordinal));
        Assert.All(match.Split(" + "), alternative => Assert.Contains("_UID=0", alternative.Split(' ')));
    }

    [Fact]
    public void The_example_of_a_jail_uses_the_filter_and_one_port()
    {
        string jail = File.ReadAllText(Path.Combine(Packaging, "jail.d/fwknopd.conf"));
        Assert.Contains("\nfilter   = fwknopd[mode=normal]\n", jail, StringComparison.Ordinal);
        Assert.Contains($"\nport     = {UdpSender.SpaPort}\nprotocol = udp\n", jail, StringComparison.Ordinal);
    }

    private static void Misbehave(Site site, SpaDaemon daemon)
    {
        (NetworkNamespace client, IPAddress server) = (site.Network.Client, site.Network.ServerAddress);
        string packet = site.Seal(PortSpec.Tcp(Site.Ssh));
        daemon.LogAfter("Added access rule", () => site.Send(packet));
        daemon.LogAfter("Replay detected", () => site.Send(packet));
        string stranger = site.Seal(PortSpec.Tcp(Site.Ssh), keys: SharedKeys.Random());
        daemon.LogAfter("not authentic for any", () => UdpSender.Send(client, server, stranger));
        daemon.LogAfter("No access data", () => UdpSender.Send(site.Network.OtherClient, server, stranger));
        daemon.LogAfter("not authentic for any", () => UdpSender.Send(client, site.Network.ServerAddress6, stranger));
        daemon.LogAfter("ports was denied", () => site.Knock("tcp/80"));
        daemon.LogAfter("does not match required username", () => site.Knock("tcp/22", Family.IPv4, "--spoof-user", "eve (198.51.100.4)"));
        daemon.LogAfter("The command was not run", () => new SpaClient(Programs.Client, client)
            .Knock(["-D", $"{server}", "-a", $"{site.Network.ClientAddress}", "--server-cmd", Forged, .. site.Keys.ClientArguments]));
        daemon.LogAfter("Extended access rule", () => site.Knock());
    }

    /// <summary>The addresses that the filter finds, in the order of the lines.</summary>
    private static string[] Matches(string file, string mode)
    {
        ProcessRun run = ProcessRun.Run("fail2ban-regex", "--out", "<ip>", file, Path.Combine(Packaging, $"filter.d/fwknopd.conf[mode={mode}]"));
        Assert.True(run.Errors.Length == 0, run.Errors);
        return run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>What a syslogd gets in front of the text.</summary>
    [GeneratedRegex(@"\A<\d+>(?<time>[A-Z][a-z]{2} [ \d]\d [\d:]{8}) fwknopd\[(?<pid>\d+)\]: ")]
    private static partial Regex SyslogPrefix();
}
