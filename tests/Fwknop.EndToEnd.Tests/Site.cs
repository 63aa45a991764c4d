using System.Net;
using System.Text;

using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>
/// A server with two TCP services behind a firewall that nobody passes without a grant, a client with the keys and another client.
/// </summary>
internal sealed class Site : IDisposable
{
    public const int Ssh = 22;
    public const int Web = 80;

    private readonly Firewall _firewall;
    private readonly TcpService[] _services;

    /// <param name="firewall">What keeps the ports shut.</param>
    /// <param name="hasServices">False: nothing listens.</param>
    public Site(Firewall firewall, bool hasServices = true)
    {
        _firewall = firewall;
        _services = hasServices ? [TcpService.Start(Network.Server, Ssh), TcpService.Start(Network.Server, Web)] : [];
        MakeAdministratorsFirewall();
        FirewallBefore = FirewallRules();
    }

    public TestNetwork Network { get; } = TestNetwork.Create();

    public SharedKeys Keys { get; } = SharedKeys.Random();

    /// <summary>Run directory of all daemons here, one after the other.</summary>
    public TemporaryFolder RunFolder { get; } = new();

    /// <summary>What the administrator set up.</summary>
    public string FirewallBefore { get; }

    public DaemonSetup Setup(string stanza = "FW_ACCESS_TIMEOUT 3\n", string configuration = "", params IReadOnlyList<string> arguments) => new(
        $"SOURCE ANY\nREQUIRE_SOURCE_ADDRESS Y\n{stanza}{Keys.AccessLines}",
        FirewallConfiguration + configuration,
        arguments)
    { RunFolder = RunFolder.FilePath("run") };

    public SpaDaemon StartDaemon(string stanza = "FW_ACCESS_TIMEOUT 3\n", string configuration = "", params IReadOnlyList<string> arguments) =>
        SpaDaemon.Start(Programs.Daemon, Network.Server, Setup(stanza, configuration, arguments));

    public string FirewallConfiguration => _firewall switch
    {
        Firewall.NftablesGuard => $"FIREWALL_TYPE nftables;\nGUARD_PORTS tcp/{Ssh}, tcp/{Web};\n",
        Firewall.NftablesInsert => "FIREWALL_TYPE nftables;\nNFT_INSERT inet filter input;\n",
        Firewall.Ipset => "FIREWALL_TYPE ipset;\n",
        _ => $"FIREWALL_TYPE iptables;\nFIREWALL_EXE {Requirement.FindProgram(IptablesPrograms[0])};\n",
    };

    /// <summary>The programs of the administrator for IPv4 and IPv6.</summary>
    public IReadOnlyList<string> IptablesPrograms =>
        _firewall == Firewall.IptablesLegacy ? ["iptables-legacy", "ip6tables-legacy"] : ["iptables-nft", "ip6tables-nft"];

    /// <summary>All rules, in an order and form that can be compared, without counters.</summary>
    public string FirewallRules() => _firewall == Firewall.IptablesLegacy
        ? string.Concat(IptablesPrograms.Select(program => Network.Server.RunChecked(program, "-S").Output))
        : Network.Server.RunChecked("nft", "-s", "list", "ruleset").Output
            + (_firewall == Firewall.Ipset ? Network.Server.RunChecked("ipset", "save").Output : "");

    public IPAddress Server(Family family) => family == Family.IPv4 ? Network.ServerAddress : Network.ServerAddress6;

    public IPAddress Client(Family family) => family == Family.IPv4 ? Network.ClientAddress : Network.ClientAddress6;

    /// <summary>Our client sends a packet that asks for the client's own address.</summary>
    public void Knock(string request = "tcp/22", Family family = Family.IPv4, params IReadOnlyList<string> arguments) =>
        new SpaClient(Programs.Client, Network.Client).Knock(
            ["-D", $"{Server(family)}", "-a", $"{Client(family)}", "-A", request, .. Keys.ClientArguments, .. arguments]);

    /// <summary>A client asks for a command.</summary>
    public void Command(string client, string command) => new SpaClient(client, Network.Client).Knock(
        ["-D", $"{Network.ServerAddress}", "-a", $"{Network.ClientAddress}", "--server-cmd", command, .. Keys.ClientArguments]);

    /// <summary>A packet for many purposes, made without the client.</summary>
    public string Seal(PortSpec port, IPAddress? allow = null, int seconds = 0, SharedKeys? keys = null)
    {
        SharedKeys shared = keys ?? Keys;
        using PacketKeys packetKeys = new(
            EncryptionKey.FromBase64(Encoding.ASCII.GetBytes(shared.Key)), HmacKey.FromBase64(Encoding.ASCII.GetBytes(shared.HmacKey!)));
        SpaMessage message = SpaMessage.Access("tester", DateTimeOffset.UtcNow, allow ?? Network.ClientAddress, port) with
        {
            ClientTimeout = seconds,
            Type = seconds == 0 ? MessageType.Access : MessageType.ClientTimeoutAccess,
        };
        return SpaPacket.Seal(message, packetKeys, DigestType.Sha256).ToString();
    }

    public void Send(string packet, int port = UdpSender.SpaPort) => UdpSender.Send(Network.Client, Network.ServerAddress, packet, port);

    public ProbeResult Probe(int port = Ssh, Family family = Family.IPv4) => ConnectProbe.Try(Network.Client, Server(family), port);

    public ProbeResult ProbeFromElsewhere(int port = Ssh, Family family = Family.IPv4) =>
        ConnectProbe.Try(Network.OtherClient, Server(family), port);

    /// <summary>Waits until an attempt gets no answer, and fails when none does soon after the given second.</summary>
    public void AssertClosesAt(long second, int port = Ssh, Family family = Family.IPv4) =>
        Assert.Equal(
            ProbeResult.NoAnswer,
            ConnectProbe.WaitFor(ProbeResult.NoAnswer, Network.Client, Server(family), port, UntilSurely(second)));

    /// <summary>
    /// The time from now until a grant has ended for certain that ends in the given second. How exact the end is gets measured
    /// in <c>bench/</c>; here a busy machine has time to run the firewall's program.
    /// </summary>
    public static TimeSpan UntilSurely(long second)
    {
        TimeSpan left = DateTimeOffset.FromUnixTimeSeconds(second) + TimeSpan.FromSeconds(10) - DateTimeOffset.UtcNow;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Waits for rules to be as given, and shows the difference when they never are.</summary>
    public void AssertRulesBecome(string rules, TimeSpan timeout)
    {
        Deadline deadline = Deadline.In(timeout);
        while (FirewallRules() != rules && !deadline.IsOver)
        {
            Thread.Sleep(50);
        }

        Assert.Equal(rules, FirewallRules());
    }

    /// <summary>Fails unless nothing of a daemon is left: no process in the server's namespace, no rule.</summary>
    public void AssertNothingLeft()
    {
        Assert.Equal("", ProcessRun.Run("ip", "netns", "pids", Network.Server.Name).Output);
        Assert.Equal(FirewallBefore, FirewallRules());
    }

    public void Dispose()
    {
        foreach (TcpService service in _services)
        {
            service.Dispose();
        }

        Network.Dispose();
        RunFolder.Dispose();
    }

    private void MakeAdministratorsFirewall()
    {
        switch (_firewall)
        {
            case Firewall.NftablesInsert:
                Network.Server.RunChecked("nft", """
                    table inet filter {
                        chain input {
                            type filter hook input priority 0; policy drop;
                            ct state established,related accept
                            iif lo accept
                            meta l4proto ipv6-icmp accept
                        }
                    }
                    """);
                break;
            case Firewall.Iptables or Firewall.IptablesLegacy or Firewall.Ipset:
                foreach (string program in IptablesPrograms)
                {
                    Network.Server.RunChecked(program, "-P", "INPUT", "DROP");
                    Network.Server.RunChecked(program, "-A", "INPUT", "-i", "lo", "-j", "ACCEPT");
                    Network.Server.RunChecked(program, "-A", "INPUT", "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT");
                }

                // Without neighbour discovery there is no IPv6 at all.
                Network.Server.RunChecked(IptablesPrograms[1], "-A", "INPUT", "-p", "ipv6-icmp", "-j", "ACCEPT");
                break;
            default:
                // A pcap daemon leaves port 62201 to the kernel, which would answer in its place (ICMP port unreachable).
                Network.Server.RunChecked("nft", """
                    table inet quiet {
                        chain input {
                            type filter hook input priority 0;
                            udp dport 62201 drop
                        }
                    }
                    """);
                break;
        }
    }
}
