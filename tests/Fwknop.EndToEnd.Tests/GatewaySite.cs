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

    /// <summary>A port of the client outside that users inside may want to reach.</summary>
    public const int Faraway = 4000;

    /// <summary>The last line about a grant that changes destinations.</summary>
    public const string Led = "Added DNAT rule to .*, expires at [0-9]+$";

    /// <summary>The last line about a grant that changes sources.</summary>
    public const string LedAsAnother = "Added SNAT (ALL )?rule to .*, expires at [0-9]+$";

    /// <summary>For a stanza: long enough to look whether a way is open.</summary>
    public const string Short = "FW_ACCESS_TIMEOUT 3\n";

    /// <summary>For a stanza: until something else ends it.</summary>
    public const string Minute = "FW_ACCESS_TIMEOUT 60\n";

    public static readonly bool[] Families = [false, true];

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    private readonly GatewayFirewall _firewall;
    private readonly bool _shutsAnswers;

    /// <param name="firewall">What keeps ports shut.</param>
    /// <param name="shutsAnswers">With iptables: answers are not let out either.</param>
    public GatewaySite(GatewayFirewall firewall, bool shutsAnswers = false)
    {
        _firewall = firewall;
        _shutsAnswers = shutsAnswers;
        MakeAdministratorsFirewall();
        RulesBefore = Rules();
    }

    public GatewayNetwork Network { get; } = GatewayNetwork.Create();

    public NetworkNamespace Client => Network.Outside.Client;

    public NetworkNamespace OtherClient => Network.Outside.OtherClient;

    public SharedKeys Keys { get; } = SharedKeys.Random();

    /// <summary>What the administrator has set up.</summary>
    public string RulesBefore { get; }

    /// <summary>fwknopd's own rules are nftables, not those of iptables.</summary>
    public bool IsNftables => _firewall is not (GatewayFirewall.Iptables or GatewayFirewall.IptablesLegacy or GatewayFirewall.Ipset or GatewayFirewall.DockerIptables);

    /// <summary>Run directory of all daemons here, one after the other.</summary>
    public TemporaryFolder RunFolder { get; } = new();

    public DaemonSetup Setup(string stanza, string configuration) => SetupOf(Stanza("ANY", stanza), configuration);

    /// <summary>A stanza for each address family.</summary>
    /// <param name="stanza">Makes the lines of the one for IPv6 (true) or IPv4.</param>
    /// <param name="configuration">Lines of fwknopd.conf.</param>
    public DaemonSetup Setup(Func<bool, string> stanza, string configuration) =>
        SetupOf(Stanza("0.0.0.0/0", stanza(false)) + Stanza("::/0", stanza(true)), configuration);

    public SpaDaemon StartDaemon(DaemonSetup setup) => SpaDaemon.Start(Programs.Daemon, Network.Gateway, setup);

    /// <summary>Starts the daemon; it sees packets on the outer interface.</summary>
    public SpaDaemon StartDaemon(string stanza, string configuration = "ENABLE_IPT_FORWARDING Y\nENABLE_IPT_LOCAL_NAT Y\n") =>
        StartDaemon(Setup(stanza, configuration));

    /// <summary>Our client outside sends a packet that asks for its own address.</summary>
    public void Knock(string request, bool ipv6, params IReadOnlyList<string> arguments) => Knock(Programs.Client, request, ipv6, arguments);

    /// <summary>The same with the client that is given.</summary>
    public void Knock(string program, string request, bool ipv6, params IReadOnlyList<string> arguments) => new SpaClient(program, Client).Knock(
        ["-D", $"{Network.GatewayAddress(ipv6)}", "-a", $"{Network.ClientAddress(ipv6)}", "-A", request, .. Keys.ClientArguments, .. arguments]);

    /// <summary>A user inside asks for its own address.</summary>
    public void KnockFromInside(string request, bool ipv6) => new SpaClient(Programs.Client, Network.Inner).Knock(
        ["-D", $"{GatewayNetwork.InsideAddress(ipv6)}", "-a", $"{GatewayNetwork.InnerAddress(ipv6)}", "-A", request, .. Keys.ClientArguments]);

    /// <summary>What <c>-N</c> takes: the service on a host inside.</summary>
    public static string Target(IPAddress inner) => $"{new IPEndPoint(inner, Service)}";

    /// <summary>From the client through a port of the gateway to the service on a host.</summary>
    public Way WayOfClient(bool ipv6, int port, NetworkNamespace at) =>
        new(FromClient(ipv6, port), at, Service, Network.ClientAddress(ipv6));

    /// <summary>The client tries a port of the gateway.</summary>
    public Attempt FromClient(bool ipv6, int port) => new(Client, Network.GatewayAddress(ipv6), port);

    /// <summary>Gives the gateway another IPv4 and another IPv6 address.</summary>
    public (IPAddress IPv4, IPAddress IPv6) AddGatewayAddresses(bool inside) =>
        (Network.AddGatewayAddress(inside, ipv6: false), Network.AddGatewayAddress(inside, ipv6: true));

    /// <summary>
    /// Knocks, one after the other: each of the ways is shut before, open afterwards for the one who knocked, and shut when the grants have ended. All the time
    /// others get nowhere.
    /// </summary>
    /// <param name="daemon">Who opens.</param>
    /// <param name="openers">The knocks.</param>
    /// <param name="meanwhile">More to be looked at while all are open; it must hold afterwards, too.</param>
    public void AssertOpenForAWhile(SpaDaemon daemon, IReadOnlyList<WayOpener> openers, Action? meanwhile = null)
    {
        Way[] ways = [.. openers.SelectMany(opener => opener.Ways)];
        AssertOthersAreShut(ways);
        Assert.All(ways, way => Assert.True(way.IsShut, $"{way.Attempt} before the knock"));
        List<string> granted = [];
        foreach (WayOpener opener in openers)
        {
            granted.Add(daemon.LogAfter(opener.Line, opener.Knock));
            Assert.All(opener.Ways, way => way.AssertIsOpen());
        }

        meanwhile?.Invoke();
        AssertOthersAreShut(ways);
        Assert.All(granted, line => daemon.WaitForLog($"Removed rule .*expire time of {SpaDaemon.ExpiryIn(line)}"));

        // The kernel's clock is not exactly the daemon's, and iptables takes rules away table by table.
        Assert.All(ways, way => Deadline.WaitUntil(() => way.IsShut, Wait, $"the end of {way.Attempt}"));
        AssertOthersAreShut(ways);
    }

    /// <summary>
    /// Who has not knocked gets no answer: the other client at the gateway and at hosts inside, the other host inside at the gateway and outside. A guard leaves
    /// alone what is passed on.
    /// </summary>
    /// <param name="ways">What others must not have either; but for those that everybody has in another form.</param>
    public void AssertOthersAreShut(params IReadOnlyList<Way> ways)
    {
        List<Attempt> attempts = [.. ways.Where(way => way.IsOtherwise is null)
            .Select(way => way.Attempt with { From = way.Attempt.From == Network.Inner ? Network.OtherInner : OtherClient })];
        foreach (bool ipv6 in Families)
        {
            attempts.AddRange(new[] { Outer, Service }.SelectMany(port => (Attempt[])
            [
                new(OtherClient, Network.GatewayAddress(ipv6), port),
                new(Network.OtherInner, GatewayNetwork.InsideAddress(ipv6), port),
            ]));
            if (_firewall != GatewayFirewall.NftablesGuard)
            {
                attempts.Add(new(OtherClient, GatewayNetwork.InnerAddress(ipv6), Service));
                attempts.Add(new(OtherClient, GatewayNetwork.OtherInnerAddress(ipv6), Service));
                attempts.Add(new(Network.OtherInner, Network.ClientAddress(ipv6), Faraway));
            }
        }

        AssertShut([.. attempts]);
    }

    /// <summary>Fails when an attempt gets an answer.</summary>
    public static void AssertShut(params IReadOnlyList<Attempt> attempts) => Assert.Empty(ConnectProbe.ThatAreAnswered(attempts));

    /// <summary>fwknopd is asked about the running daemon.</summary>
    public ProcessRun Ask(SpaDaemon daemon, params IReadOnlyList<string> arguments) =>
        Network.Gateway.Run(Programs.Daemon, ["-c", daemon.PathOf("fwknopd.conf"), .. arguments]);

    /// <summary>All rules with all that they hold, for <see cref="Restore"/>: what an administrator saves.</summary>
    public IReadOnlyList<SavedRules> Save()
    {
        if (IsNftables)
        {
            return [new SavedRules($"flush ruleset\n{Network.Gateway.RunChecked("nft", "list", "ruleset").Output}\n", "nft", "-f")];
        }

        // Rules that name sets are refused where these are not.
        SavedRules[] sets = _firewall == GatewayFirewall.Ipset
            ? [new SavedRules(Network.Gateway.RunChecked("ipset", "save").Output, "ipset", "-exist", "restore", "-file")] : [];
        return [.. sets, .. new[] { Iptables, Ip6tables }.SelectMany(program => new[] { "filter", "nat" }.Select(table => SavedTable(program, table)))];
    }

    /// <summary>Puts them in the place of what is there, as at a start of the machine.</summary>
    public void Restore(IReadOnlyList<SavedRules> saved)
    {
        using TemporaryFolder folder = new();
        foreach (SavedRules rules in saved)
        {
            Network.Gateway.RunChecked(rules.Loader[0], [.. rules.Loader.Skip(1), folder.Write("rules", rules.Text)]);
        }
    }

    /// <summary>Waits until an attempt gets no answer.</summary>
    public static void AssertShuts(NetworkNamespace from, IPAddress address, int port) =>
        Assert.Equal(ProbeResult.NoAnswer, ConnectProbe.WaitFor(ProbeResult.NoAnswer, from, address, port, Wait));

    /// <summary>Stops the daemon; nothing of it may be left.</summary>
    public void AssertStopsClean(SpaDaemon daemon)
    {
        Assert.Equal(0, daemon.Stop());
        Assert.Equal(RulesBefore, Rules());
    }

    public void Dispose()
    {
        Network.Dispose();
        RunFolder.Dispose();
    }

    private string Stanza(string source, string lines) => $"SOURCE {source}\nREQUIRE_SOURCE_ADDRESS Y\n{lines}{Keys.AccessLines}";

    private DaemonSetup SetupOf(string access, string configuration) =>
        new(access, FirewallConfiguration + configuration) { RunFolder = RunFolder.FilePath("run") };

    private string FirewallConfiguration => _firewall switch
    {
        GatewayFirewall.NftablesGuard => $"FIREWALL_TYPE nftables;\nGUARD_PORTS tcp/{Outer}, tcp/{Service};\n",
        GatewayFirewall.NftablesInsert => "FIREWALL_TYPE nftables;\nNFT_INSERT inet filter input, inet filter forward;\n",
        GatewayFirewall.Ipset => "FIREWALL_TYPE ipset;\n",
        GatewayFirewall.DockerGuard => $"FIREWALL_TYPE nftables;\nGUARD_PORTS tcp/{DockerRules.Published};\n",
        GatewayFirewall.DockerInsert => "FIREWALL_TYPE nftables;\nNFT_INSERT ip filter DOCKER-USER, ip6 filter FORWARD;\n",
        _ => $"FIREWALL_TYPE iptables;\nFIREWALL_EXE {Requirement.FindProgram(Iptables)};\n",
    };

    private string Iptables => _firewall == GatewayFirewall.IptablesLegacy ? "iptables-legacy" : "iptables-nft";

    private string Ip6tables => Iptables.Replace("iptables", "ip6tables", StringComparison.Ordinal);

    /// <summary>All rules, in an order and form that can be compared, without counters. Empty tables of the kernel stay.</summary>
    public string Rules() => IsNftables
        ? Network.Gateway.RunChecked("nft", "-s", "list", "ruleset").Output
        : Saved(Iptables) + Saved(Ip6tables) + (_firewall == GatewayFirewall.Ipset ? Network.Gateway.RunChecked("ipset", "list", "-name").Output : "");

    private string Saved(string program) =>
        Network.Gateway.RunChecked(program, "-S").Output + Network.Gateway.RunChecked(program, "-t", "nat", "-S").Output;

    private SavedRules SavedTable(string program, string table) =>
        new($"{Network.Gateway.RunChecked($"{program}-save", "-t", table).Output}\n", $"{program}-restore");

    /// <summary>Besides what shuts, rules like those of fwknopd, which are none of its business.</summary>
    private void MakeAdministratorsFirewall()
    {
        switch (_firewall)
        {
            case GatewayFirewall.NftablesGuard:
                MakeQuiet();
                break;
            case GatewayFirewall.DockerGuard or GatewayFirewall.DockerInsert or GatewayFirewall.DockerIptables:
                DockerRules.Load(Network.Gateway);
                MakeQuiet();
                if (_firewall != GatewayFirewall.DockerGuard)
                {
                    DockerRules.ShutFromOutside(Network.Gateway);
                }

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
                        chain nat {
                            type nat hook prerouting priority -110;
                            ip daddr 192.0.2.1 tcp dport {{Outer}} dnat ip to 192.0.2.2:{{Service}}
                        }
                    }
                    """);
                break;
            default:
                if (_firewall == GatewayFirewall.Ipset)
                {
                    Network.Gateway.RunChecked("ipset", "create", "administrators", "hash:ip");
                }

                foreach (string program in new[] { Iptables, Ip6tables })
                {
                    ShutWith(program);
                }

                break;
        }
    }

    /// <summary>A pcap daemon leaves port 62201 to the kernel, which would answer in its place (ICMP port unreachable).</summary>
    private void MakeQuiet() =>
        Network.Gateway.RunChecked("nft", "table inet quiet { chain input { type filter hook input priority 0; udp dport 62201 drop; }; }");

    private void ShutWith(string program)
    {
        foreach (string chain in new[] { "INPUT", "FORWARD" })
        {
            Network.Gateway.RunChecked(program, "-P", chain, "DROP");
            Network.Gateway.RunChecked(program, "-A", chain, "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT");
        }

        Network.Gateway.RunChecked(program, "-A", "INPUT", "-p", "tcp", "--dport", $"{Web}", "-j", "ACCEPT");
        Network.Gateway.RunChecked(program, "-A", "FORWARD", "-p", "udp", "--dport", "9", "-m", "comment", "--comment", "_exp_1", "-j", "ACCEPT");
        Network.Gateway.RunChecked(
            program, "-t", "nat", "-A", "PREROUTING", "-p", "udp", "--dport", "9", "-m", "comment", "--comment", "_exp_1", "-j", "REDIRECT", "--to-ports", "10");
        if (program == Ip6tables)
        {
            // Without neighbour discovery there is no IPv6 at all.
            Network.Gateway.RunChecked(program, "-A", "INPUT", "-p", "ipv6-icmp", "-j", "ACCEPT");
            Network.Gateway.RunChecked(program, "-A", "OUTPUT", "-p", "ipv6-icmp", "-j", "ACCEPT");
        }

        if (_shutsAnswers)
        {
            Network.Gateway.RunChecked(program, "-P", "OUTPUT", "DROP");
        }
    }
}
