using System.Net;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>
/// A gateway with fwknopd and a real firewalld between clients outside and hosts inside: what comes from outside is dropped, but for
/// <see cref="FirewalldHost.OpenPort"/>; what comes from inside may do anything.
/// </summary>
internal sealed class FirewalldSite : IDisposable
{
    /// <summary>A port of the gateway that leads somewhere for whoever is granted it.</summary>
    public const int Outer = 8022;

    /// <summary>What is behind it, inside or on the gateway.</summary>
    public const int Service = 2222;

    /// <summary>Each rule is a run of firewall-cmd, a Python program: on a busy machine a start with dozens of them takes its time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly FirewalldWay _way;

    public FirewalldSite(FirewalldWay way)
    {
        _way = way;
        Firewalld = new FirewalldHost(Network.Gateway, usesIptables: way == FirewalldWay.DirectIptables);
        Firewalld.Command($"--zone={FirewalldHost.InsideZone}", $"--add-interface={GatewayNetwork.InsideInterface}", "--permanent");
        Firewalld.Command($"--zone={FirewalldHost.Zone}", $"--add-interface={TestNetwork.Interface}", "--permanent");
        Firewalld.Reload();
        RulesBefore = Rules();
    }

    public GatewayNetwork Network { get; } = GatewayNetwork.Create();

    public FirewalldHost Firewalld { get; }

    public NetworkNamespace Client => Network.Outside.Client;

    public NetworkNamespace OtherClient => Network.Outside.OtherClient;

    public SharedKeys Keys { get; } = SharedKeys.Random();

    /// <summary>What the administrator has set up.</summary>
    public string RulesBefore { get; private set; }

    /// <summary>Starts the daemon; it sees packets on the outer interface, or on another one.</summary>
    public SpaDaemon StartDaemon(string stanza, string configuration = "", string device = TestNetwork.Interface) => SpaDaemon.Start(
        Programs.Daemon,
        Network.Gateway,
        new DaemonSetup(
            $"SOURCE ANY\nREQUIRE_SOURCE_ADDRESS Y\n{stanza}{Keys.AccessLines}",
            $"FIREWALL_TYPE firewalld\nFIREWALL_EXE {Firewalld.Executable}\n{(_way == FirewalldWay.Zone ? "FIREWD_ZONE default\n" : "")}{configuration}")
        {
            Device = device,
        },
        Patience);

    /// <summary>Our client outside sends a packet that asks for its own address.</summary>
    public void Knock(string request, bool ipv6, params IReadOnlyList<string> arguments) => new SpaClient(Programs.Client, Client).Knock(
        ["-D", $"{Network.GatewayAddress(ipv6)}", "-a", $"{Network.ClientAddress(ipv6)}", "-A", request, .. Keys.ClientArguments, .. arguments]);

    /// <summary>A user inside asks for its own address.</summary>
    public void KnockFromInside(string request) => new SpaClient(Programs.Client, Network.Inner).Knock(
        ["-D", $"{GatewayNetwork.InsideAddress(false)}", "-a", $"{GatewayNetwork.InnerAddress(false)}", "-A", request, .. Keys.ClientArguments]);

    /// <summary>fwknopd is asked about the running daemon.</summary>
    public ProcessRun Ask(SpaDaemon daemon, params IReadOnlyList<string> arguments) =>
        Network.Gateway.Run(Programs.Daemon, ["-c", daemon.PathOf("fwknopd.conf"), .. arguments]);

    /// <summary>Hosts inside get nowhere.</summary>
    public void ShutInside()
    {
        Firewalld.Command($"--zone={FirewalldHost.InsideZone}", "--set-target=DROP", "--permanent");
        Firewalld.Reload();
        RulesBefore = Rules();
    }

    /// <summary>By which address the service on a host sees the client.</summary>
    public IPAddress? SourceSeen(int port, NetworkNamespace at, bool ipv6) =>
        GatewayNetwork.SourceSeen(Client, Network.GatewayAddress(ipv6), port, at, Service);

    /// <summary>True when neither client gets an answer.</summary>
    public bool IsShut(int port, bool ipv6) => GatewayNetwork.IsShut(Client, Network.GatewayAddress(ipv6), port) && IsShutForOthers(port, ipv6);

    /// <summary>True when the client without keys gets none.</summary>
    public bool IsShutForOthers(int port, bool ipv6) => GatewayNetwork.IsShut(OtherClient, Network.GatewayAddress(ipv6), port);

    /// <summary>Waits for the end of what was granted in a line of the log.</summary>
    public void AssertEnds(SpaDaemon daemon, string granted, int port, bool ipv6)
    {
        daemon.WaitForLog($"Removed rule .*expire time of {SpaDaemon.ExpiryIn(granted)}");
        Deadline.WaitUntil(() => IsShut(port, ipv6), TimeSpan.FromSeconds(10), $"the end of port {port}");
    }

    /// <summary>Stops the daemon; nothing of it may be left.</summary>
    public void AssertStopsClean(SpaDaemon daemon)
    {
        Assert.Equal(0, daemon.Stop(Patience));
        Assert.Equal(RulesBefore, Rules());
        Assert.DoesNotContain("fwknop", Network.Gateway.RunChecked("nft", "list", "ruleset").Output, StringComparison.OrdinalIgnoreCase);
    }

    public void Dispose()
    {
        Firewalld.Dispose();
        Network.Dispose();
    }

    private string Rules() => _way == FirewalldWay.Zone
        ? Firewalld.Command("--list-all")
        : Saved("iptables") + Saved("ip6tables");

    private string Saved(string program) =>
        Network.Gateway.RunChecked(program, "-S").Output + Network.Gateway.RunChecked(program, "-t", "nat", "-S").Output;
}
