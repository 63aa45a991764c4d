using System.Net;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>
/// A gateway with fwknopd between clients outside and hosts inside. <see cref="Outer"/> of the gateway is shut, as is <see cref="Service"/>; port
/// <see cref="Web"/> of the gateway is for everybody.
/// </summary>
internal sealed class GatewaySite : IDisposable
{
    /// <summary>A port of the gateway that leads somewhere for whoever is granted it.</summary>
    public const int Outer = 8022;

    /// <summary>What is behind it, inside or on the gateway.</summary>
    public const int Service = 2222;

    public const int Web = 80;

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    private readonly GatewayFirewall _firewall;

    public GatewaySite(GatewayFirewall firewall)
    {
        _firewall = firewall;
        MakeAdministratorsFirewall();
        RulesBefore = Rules();
    }

    public GatewayNetwork Network { get; } = GatewayNetwork.Create();

    public NetworkNamespace Client => Network.Outside.Client;

    public NetworkNamespace OtherClient => Network.Outside.OtherClient;

    public SharedKeys Keys { get; } = SharedKeys.Random();

    /// <summary>What the administrator has set up.</summary>
    public string RulesBefore { get; }

    public DaemonSetup Setup(string stanza, string configuration) =>
        new($"SOURCE ANY\nREQUIRE_SOURCE_ADDRESS Y\n{stanza}{Keys.AccessLines}", FirewallConfiguration + configuration);

    /// <summary>Starts the daemon; it sees packets on the outer interface.</summary>
    public SpaDaemon StartDaemon(string stanza, string configuration = "ENABLE_IPT_FORWARDING Y\nENABLE_IPT_LOCAL_NAT Y\n") =>
        SpaDaemon.Start(Programs.Daemon, Network.Gateway, Setup(stanza, configuration));

    /// <summary>Our client outside sends a packet that asks for its own address.</summary>
    public void Knock(string request, bool ipv6, params IReadOnlyList<string> arguments) => Knock(Programs.Client, request, ipv6, arguments);

    /// <summary>The same with the client that is given.</summary>
    public void Knock(string program, string request, bool ipv6, params IReadOnlyList<string> arguments) => new SpaClient(program, Client).Knock(
        ["-D", $"{Network.GatewayAddress(ipv6)}", "-a", $"{Network.ClientAddress(ipv6)}", "-A", request, .. Keys.ClientArguments, .. arguments]);

    /// <summary>A user inside asks for its own address.</summary>
    public void KnockFromInside(string request) => new SpaClient(Programs.Client, Network.Inner).Knock(
        ["-D", $"{GatewayNetwork.InsideAddress(false)}", "-a", $"{GatewayNetwork.InnerAddress(false)}", "-A", request, .. Keys.ClientArguments]);

    /// <summary>fwknopd is asked about the running daemon.</summary>
    public ProcessRun Ask(SpaDaemon daemon, params IReadOnlyList<string> arguments) =>
        Network.Gateway.Run(Programs.Daemon, ["-c", daemon.PathOf("fwknopd.conf"), .. arguments]);

    /// <summary>Waits until an attempt gets no answer.</summary>
    public static void AssertShuts(NetworkNamespace from, IPAddress address, int port) =>
        Assert.Equal(ProbeResult.NoAnswer, ConnectProbe.WaitFor(ProbeResult.NoAnswer, from, address, port, Wait));

    /// <summary>Stops the daemon; nothing of it may be left.</summary>
    public void AssertStopsClean(SpaDaemon daemon)
    {
        Assert.Equal(0, daemon.Stop());
        Assert.Equal(RulesBefore, Rules());
    }

    public void Dispose() => Network.Dispose();

    private string FirewallConfiguration => _firewall switch
    {
        GatewayFirewall.NftablesGuard => $"FIREWALL_TYPE nftables;\nGUARD_PORTS tcp/{Outer}, tcp/{Service};\n",
        GatewayFirewall.NftablesInsert => "FIREWALL_TYPE nftables;\nNFT_INSERT inet filter input, inet filter forward;\n",
        GatewayFirewall.Ipset => "FIREWALL_TYPE ipset;\n",
        _ => $"FIREWALL_TYPE iptables;\nFIREWALL_EXE {Requirement.FindProgram(Iptables)};\n",
    };

    private string Iptables => _firewall == GatewayFirewall.IptablesLegacy ? "iptables-legacy" : "iptables";

    private string Ip6tables => Iptables.Replace("iptables", "ip6tables", StringComparison.Ordinal);

    // Empty tables of the kernel stay.
    private string Rules() => _firewall is GatewayFirewall.Iptables or GatewayFirewall.IptablesLegacy or GatewayFirewall.Ipset
        ? Saved(Iptables) + Saved(Ip6tables)
        : Network.Gateway.RunChecked("nft", "-s", "list", "ruleset").Output;

    private string Saved(string program) =>
        Network.Gateway.RunChecked(program, "-S").Output + Network.Gateway.RunChecked(program, "-t", "nat", "-S").Output;

    private void MakeAdministratorsFirewall()
    {
        switch (_firewall)
        {
            case GatewayFirewall.NftablesGuard:
                // A pcap daemon leaves port 62201 to the kernel, which would answer in its place (ICMP port unreachable).
                Network.Gateway.RunChecked("nft", "table inet quiet { chain input { type filter hook input priority 0; udp dport 62201 drop; }; }");
                break;
            case GatewayFirewall.NftablesInsert:
                Network.Gateway.RunChecked("nft", $$"""
                    table inet filter {
                        chain input {
                            type filter hook input priority 0; policy drop;
                            ct state established,related accept
                            iif lo accept
                            meta l4proto ipv6-icmp accept
                            tcp dport {{Web}} accept
                        }
                        chain forward {
                            type filter hook forward priority 0; policy drop;
                            ct state established,related accept
                        }
                    }
                    """);
                break;
            default:
                foreach (string program in new[] { Iptables, Ip6tables })
                {
                    ShutWith(program);
                }

                break;
        }
    }

    private void ShutWith(string program)
    {
        foreach (string chain in new[] { "INPUT", "FORWARD" })
        {
            Network.Gateway.RunChecked(program, "-P", chain, "DROP");
            Network.Gateway.RunChecked(program, "-A", chain, "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT");
        }

        Network.Gateway.RunChecked(program, "-A", "INPUT", "-p", "tcp", "--dport", $"{Web}", "-j", "ACCEPT");
        if (program == Ip6tables)
        {
            // Without neighbour discovery there is no IPv6 at all.
            Network.Gateway.RunChecked(program, "-A", "INPUT", "-p", "ipv6-icmp", "-j", "ACCEPT");
        }
    }
}
