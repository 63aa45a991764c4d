using System.Net;
using System.Net.Sockets;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>Capture by NFQUEUE (server.md 5.5) in a kernel that has it.</summary>
public sealed class QueueTests
{
    private const string Capture = "ENABLE_NFQ_CAPTURE Y;\n";
    private const string Jump = "-A INPUT -j FWKNOP_NFQ";
    private const string Rule = "-A FWKNOP_NFQ -p udp -m udp --dport 62201 -j NFQUEUE --queue-num 1 --queue-bypass";

    [RootTheory("nft", "iptables", "ip6tables")]
    [InlineData(Family.IPv4)]
    [InlineData(Family.IPv6)]
    public void A_knock_that_a_rule_puts_into_the_queue_is_granted_and_the_rules_go_with_the_daemon(Family family)
    {
        using var site = new Site(Firewall.NftablesGuard);
        site.Network.Server.RunChecked("iptables", "-t", "mangle", "-A", "INPUT", "-p", "tcp", "--dport", "9", "-j", "ACCEPT");
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n", Capture);
        Assert.Contains("Reading packets of NFQUEUE: 1\n", daemon.Log, StringComparison.Ordinal);
        Assert.Equal("0000000000000000", ProcessTable.Status(daemon.ListenerId!.Value, "CapPrm"));
        string rules = MangleRules(site, family);
        Assert.Contains(Jump, rules, StringComparison.Ordinal);
        Assert.Contains(Rule, rules, StringComparison.Ordinal);

        daemon.GrantAfter("tcp/22", () => site.Knock("tcp/22", family));

        Assert.Equal(ProbeResult.Open, site.Probe(Site.Ssh, family));
        Assert.Equal(0, daemon.Stop());
        Assert.DoesNotContain("FWKNOP_NFQ", MangleRules(site, family), StringComparison.Ordinal);
        Assert.Contains("--dport 9", MangleRules(site, Family.IPv4), StringComparison.Ordinal);
    }

    [RootFact("nft", "iptables")]
    public void Packets_of_others_pass_and_those_for_us_end_in_the_queue()
    {
        using var site = new Site(Firewall.NftablesGuard);
        site.Network.Server.RunChecked("nft", "flush", "table", "inet", "quiet");
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n", Capture);
        using Socket service = site.Network.Server.Inside(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
            socket.Bind(new IPEndPoint(IPAddress.Any, 62201));
            return socket;
        });

        string packet = site.Seal(PortSpec.Tcp(Site.Ssh));
        site.Send("first, for somebody else");
        daemon.GrantAfter("tcp/22", () => site.Send(packet));
        daemon.LogAfter("Replay detected", () => site.Send(packet));
        site.Send("last, for somebody else");

        Assert.Equal(["first, for somebody else", "last, for somebody else"], [Receive(service), Receive(service)]);
    }

    [RootFact("nft", "iptables")]
    public void What_an_earlier_run_left_is_replaced_and_without_a_reader_packets_pass()
    {
        using var site = new Site(Firewall.NftablesGuard);
        site.Network.Server.RunChecked("nft", "flush", "table", "inet", "quiet");
        using (SpaDaemon killed = site.StartDaemon("", Capture))
        {
            int listener = killed.ListenerId!.Value;
            killed.Crash();
            Deadline.WaitUntil(() => !ProcessTable.Exists(listener), TimeSpan.FromSeconds(10), "the listener's end");
        }

        Assert.Contains(Jump, MangleRules(site, Family.IPv4), StringComparison.Ordinal);
        using Socket service = site.Network.Server.Inside(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
            socket.Bind(new IPEndPoint(IPAddress.Any, 62201));
            return socket;
        });
        site.Send("nobody reads the queue");
        Assert.Equal("nobody reads the queue", Receive(service));

        using SpaDaemon daemon = site.StartDaemon("", Capture);
        Assert.Equal(1, MangleRules(site, Family.IPv4).Split('\n').Count(line => line == Jump));
        Assert.Equal(0, daemon.Stop());
        Assert.DoesNotContain("FWKNOP_NFQ", MangleRules(site, Family.IPv4), StringComparison.Ordinal);
    }

    [RootFact("nft", "iptables")]
    public void A_queue_that_another_program_reads_ends_the_start()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon first = site.StartDaemon("", Capture + "NFQ_QUEUE_NUMBER 7;\nNFQ_PORT 62202;\nNFQ_CHAIN OTHER;\n");
        Assert.Contains("--dport 62202 -j NFQUEUE --queue-num 7", MangleRules(site, Family.IPv4), StringComparison.Ordinal);

        using var folder = new TemporaryFolder();
        using SpaDaemon second = SpaDaemon.Launch(
            Programs.Daemon, site.Network.Server, site.Setup("", Capture + "NFQ_QUEUE_NUMBER 7;\n") with { RunFolder = folder.FilePath("run") });

        Assert.Equal(1, second.Process.WaitForExit());
        Assert.Contains("Error during nfq_create_queue(): queue 7: ", second.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("FWKNOP_NFQ", MangleRules(site, Family.IPv4), StringComparison.Ordinal);
    }

    private static string MangleRules(Site site, Family family) => site.Network.Server.RunChecked(
        family == Family.IPv4 ? "iptables" : "ip6tables", "-t", "mangle", "-S").Output;

    private static string Receive(Socket socket)
    {
        byte[] buffer = new byte[1000];
        return System.Text.Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer));
    }
}
