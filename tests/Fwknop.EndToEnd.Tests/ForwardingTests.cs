using System.Net;
using System.Text.Json;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>What is granted leads elsewhere: hosts behind a gateway, other ports, the way out. Real programs, real connections.</summary>
public sealed class ForwardingTests
{
    private const string Short = "FW_ACCESS_TIMEOUT 3\n";
    private const string Minute = "FW_ACCESS_TIMEOUT 60\n";

    /// <summary>The last line about a grant that changes destinations.</summary>
    private const string Led = "Added DNAT rule to .*, expires at [0-9]+$";

    [RootTheory("nft", "iptables", "ip6tables", "iptables-legacy", "ipset")]
    [InlineData(GatewayFirewall.NftablesGuard, false)]
    [InlineData(GatewayFirewall.NftablesInsert, false)]
    [InlineData(GatewayFirewall.NftablesInsert, true)]
    [InlineData(GatewayFirewall.Iptables, false)]
    [InlineData(GatewayFirewall.Iptables, true)]
    [InlineData(GatewayFirewall.IptablesLegacy, false)]
    [InlineData(GatewayFirewall.Ipset, true)]
    public void A_packet_opens_a_way_to_a_host_inside(GatewayFirewall firewall, bool ipv6)
    {
        using GatewaySite site = new(firewall);
        using SpaDaemon daemon = site.StartDaemon(Short);
        IPAddress inner = GatewayNetwork.InnerAddress(ipv6);
        AssertLeadsInside(site, daemon, ipv6, () => site.Knock($"tcp/{GatewaySite.Outer}", ipv6, "-N", $"{new IPEndPoint(inner, GatewaySite.Service)}"));
        site.AssertStopsClean(daemon);
    }

    [RootFact("nft", "mount", "getent")]
    public void The_host_inside_may_be_named()
    {
        using GatewaySite site = new(GatewayFirewall.NftablesInsert);
        using TemporaryFolder folder = new();
        using SpaDaemon daemon = SpaDaemon.Start(
            WithHosts(folder, $"{GatewayNetwork.InnerAddress(false)} inner.example"),
            site.Network.Gateway,
            site.Setup(Short, "ENABLE_IPT_FORWARDING Y\n"));
        AssertLeadsInside(site, daemon, ipv6: false, () => KnockByName(site));
        site.AssertStopsClean(daemon);
    }

    [RootFact("nft")]
    public void The_host_inside_may_not_be_named_where_names_are_off()
    {
        using GatewaySite site = new(GatewayFirewall.NftablesInsert);
        using SpaDaemon daemon = site.StartDaemon(Short, "ENABLE_IPT_FORWARDING Y\nENABLE_NAT_DNS N\n");
        daemon.LogAfter("Received Hostname in NAT SPA message, but hostname is disabled[.]$", () => KnockByName(site));
        Assert.True(GatewayNetwork.IsShut(site.Client, site.Network.GatewayAddress(false), GatewaySite.Outer));
        Assert.Equal(0, daemon.Process.CountLines("Added "));
        site.AssertStopsClean(daemon);
    }

    /// <summary>What a name stands for comes to light only in the daemon.</summary>
    [RootTheory("nft", "mount", "getent")]
    [InlineData("127.0.0.1", "", "Invalid NAT IP in SPA message$")]
    [InlineData("gateway", "", "requested NAT access to .*, a port of this host, but ENABLE_IPT_LOCAL_NAT is not set$")]
    [InlineData("inner", "NAT_TARGETS 192.0.2.0/24\n", "Requested NAT destination was denied per access.conf[.]$")]
    public void A_name_leads_no_further_than_an_address(string address, string lines, string expected)
    {
        using GatewaySite site = new(GatewayFirewall.NftablesInsert);
        using TemporaryFolder folder = new();
        string host = address switch
        {
            "gateway" => $"{site.Network.GatewayAddress(false)}",
            "inner" => $"{GatewayNetwork.InnerAddress(false)}",
            _ => address,
        };
        using SpaDaemon daemon = SpaDaemon.Start(
            WithHosts(folder, $"{host} inner.example"), site.Network.Gateway, site.Setup(Short + lines, "ENABLE_IPT_FORWARDING Y\n"));
        daemon.LogAfter(expected, () => KnockByName(site));
        Assert.Equal(0, daemon.Process.CountLines("Added "));
        site.AssertStopsClean(daemon);
    }

    [InteropFact]
    public void The_reference_client_opens_a_way_to_a_host_inside()
    {
        using GatewaySite site = new(GatewayFirewall.Iptables);
        using SpaDaemon daemon = site.StartDaemon(Short);
        AssertLeadsInside(site, daemon, ipv6: false, () => site.Knock(
            Reference.ClientProgram, $"tcp/{GatewaySite.Outer}", false, "-N", $"{GatewayNetwork.InnerAddress(false)}:{GatewaySite.Service}"));
        site.AssertStopsClean(daemon);
    }

    [RootTheory("nft", "iptables", "ip6tables")]
    [InlineData(GatewayFirewall.NftablesGuard, true)]
    [InlineData(GatewayFirewall.NftablesGuard, false)]
    [InlineData(GatewayFirewall.NftablesInsert, true)]
    [InlineData(GatewayFirewall.NftablesInsert, false)]
    [InlineData(GatewayFirewall.Iptables, true)]
    [InlineData(GatewayFirewall.Iptables, false)]
    public void A_ghost_service_is_behind_a_port_that_everybody_sees(GatewayFirewall firewall, bool isInside)
    {
        using GatewaySite site = new(firewall);
        using TcpService web = TcpService.Start(site.Network.Gateway, GatewaySite.Web);
        IPAddress gateway = site.Network.GatewayAddress(false);
        IPAddress target = isInside ? GatewayNetwork.InnerAddress(false) : gateway;
        NetworkNamespace host = isInside ? site.Network.Inner : site.Network.Gateway;
        using SpaDaemon daemon = site.StartDaemon($"{Short}FORCE_NAT {target} {GatewaySite.Service}\n");
        Assert.True(SeesWeb(site.Client));
        Assert.True(GatewayNetwork.IsShut(site.Client, gateway, GatewaySite.Service));

        string line = daemon.LogAfter(Led, () => site.Knock($"tcp/{GatewaySite.Web}", false));
        Assert.Equal(
            site.Network.ClientAddress(false), GatewayNetwork.SourceSeen(site.Client, gateway, GatewaySite.Web, host, GatewaySite.Service));
        Assert.True(SeesWeb(site.OtherClient));
        Assert.True(GatewayNetwork.IsShut(site.OtherClient, gateway, GatewaySite.Service));
        if (firewall is GatewayFirewall.NftablesGuard or GatewayFirewall.NftablesInsert || isInside)
        {
            // iptables lets the client in at the port itself, too.
            Assert.True(GatewayNetwork.IsShut(site.Client, gateway, GatewaySite.Service));
        }

        WaitForEnd(daemon, line);
        WaitUntilSoon(() => SeesWeb(site.Client), "the web server in place of the ghost service");
        Assert.True(GatewayNetwork.IsShut(site.Client, gateway, GatewaySite.Service));
        site.AssertStopsClean(daemon);

        bool SeesWeb(NetworkNamespace from)
        {
            int before = web.Accepted;
            return ConnectProbe.Try(from, gateway, GatewaySite.Web) == ProbeResult.Open
                && SpinWait.SpinUntil(() => web.Accepted == before + 1, TimeSpan.FromSeconds(10));
        }
    }

    [RootTheory("nft", "iptables", "ip6tables", "iptables-legacy", "ipset")]
    [InlineData(GatewayFirewall.NftablesGuard)]
    [InlineData(GatewayFirewall.NftablesInsert)]
    [InlineData(GatewayFirewall.Iptables)]
    [InlineData(GatewayFirewall.IptablesLegacy)]
    [InlineData(GatewayFirewall.Ipset)]
    public void A_port_stands_for_another_of_the_gateway(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall);
        using SpaDaemon daemon = site.StartDaemon(Short);
        IPAddress gateway = site.Network.GatewayAddress(false);
        Assert.True(GatewayNetwork.IsShut(site.Client, gateway, GatewaySite.Outer));

        string line = daemon.LogAfter(
            Led, () => site.Knock($"tcp/{GatewaySite.Service}", false, "--nat-local", "--nat-port", $"{GatewaySite.Outer}"));
        Assert.Equal(
            site.Network.ClientAddress(false),
            GatewayNetwork.SourceSeen(site.Client, gateway, GatewaySite.Outer, site.Network.Gateway, GatewaySite.Service));
        Assert.True(GatewayNetwork.IsShut(site.OtherClient, gateway, GatewaySite.Outer));
        Assert.True(GatewayNetwork.IsShut(site.OtherClient, gateway, GatewaySite.Service));

        WaitForEnd(daemon, line);
        GatewaySite.AssertShuts(site.Client, gateway, GatewaySite.Outer);
        site.AssertStopsClean(daemon);
    }

    [RootTheory("nft", "iptables", "ip6tables")]
    [InlineData(GatewayFirewall.NftablesGuard)]
    [InlineData(GatewayFirewall.NftablesInsert)]
    [InlineData(GatewayFirewall.Iptables)]
    public void A_user_inside_goes_out_for_a_while_with_the_address_of_the_gateway(GatewayFirewall firewall)
    {
        const int Port = 4000;
        using GatewaySite site = new(firewall);
        DaemonSetup setup = site.Setup($"{Short}FORWARD_ALL Y\nFORCE_MASQUERADE Y\n", "ENABLE_IPT_FORWARDING Y\nENABLE_IPT_SNAT Y\n");
        using SpaDaemon daemon = SpaDaemon.Start(
            Programs.Daemon, site.Network.Gateway, setup with { Device = GatewayNetwork.InsideInterface });
        IPAddress outside = site.Network.ClientAddress(false);
        Assert.True(GoesOutAsItself(site.Network.Inner, GatewayNetwork.InnerAddress(false)));

        string line = daemon.LogAfter("Added SNAT ALL rule to .*, expires at [0-9]+$", () => site.KnockFromInside("tcp/1"));
        Assert.Equal(site.Network.GatewayAddress(false), SourceSeen(site.Network.Inner, Port));
        Assert.Equal(site.Network.GatewayAddress(false), SourceSeen(site.Network.Inner, Port + 1));
        Assert.True(GoesOutAsItself(site.Network.OtherInner, GatewayNetwork.OtherInnerAddress(false)));

        WaitForEnd(daemon, line);
        WaitUntilSoon(() => GoesOutAsItself(site.Network.Inner, GatewayNetwork.InnerAddress(false)), "the end of the way out");
        site.AssertStopsClean(daemon);

        IPAddress? SourceSeen(NetworkNamespace from, int port) => GatewayNetwork.SourceSeen(from, outside, port, site.Client, port);

        // A guard leaves alone what is passed on.
        bool GoesOutAsItself(NetworkNamespace from, IPAddress address) => firewall == GatewayFirewall.NftablesGuard
            ? address.Equals(SourceSeen(from, Port))
            : GatewayNetwork.IsShut(from, outside, Port);
    }

    [RootTheory("nft", "iptables", "ip6tables")]
    [InlineData(GatewayFirewall.NftablesGuard)]
    [InlineData(GatewayFirewall.NftablesInsert)]
    [InlineData(GatewayFirewall.Iptables)]
    public void Nothing_is_forwarded_where_that_is_off(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall);
        using SpaDaemon daemon = site.StartDaemon(Short, "ENABLE_IPT_FORWARDING N\n");
        string running = Ruleset(site);
        foreach (string[] request in new string[][] { ["-N", $"{GatewayNetwork.InnerAddress(false)}:{GatewaySite.Service}"], ["--nat-local", "--nat-port", "22"] })
        {
            daemon.LogAfter("requested NAT access, but is not enabled/supported$", () => site.Knock($"tcp/{GatewaySite.Outer}", false, request));
        }

        Assert.Equal(running, Ruleset(site));
        Assert.True(GatewayNetwork.IsShut(site.Client, site.Network.GatewayAddress(false), GatewaySite.Outer));
        site.AssertStopsClean(daemon);
    }

    [RootTheory("nft", "iptables", "ip6tables")]
    [InlineData(GatewayFirewall.NftablesGuard)]
    [InlineData(GatewayFirewall.NftablesInsert)]
    [InlineData(GatewayFirewall.Iptables)]
    public void What_is_forwarded_is_listed_kept_and_revoked(GatewayFirewall firewall)
    {
        using GatewaySite site = new(firewall);
        using SpaDaemon daemon = site.StartDaemon(Minute);
        (IPAddress gateway, IPAddress client) = (site.Network.GatewayAddress(false), site.Network.ClientAddress(false));
        string target = $"{GatewayNetwork.InnerAddress(false)}:{GatewaySite.Service}";
        string granted = $"tcp/{GatewaySite.Outer} to {target}";
        daemon.LogAfter(Led, () => site.Knock($"tcp/{GatewaySite.Outer}", false, "-N", target));
        AssertIsListed();

        daemon.LogAfter("Starting fwknopd main event loop", () => daemon.Process.Send(Signal.Hangup));
        Assert.Equal(client, GatewayNetwork.SourceSeen(site.Client, gateway, GatewaySite.Outer, site.Network.Inner, GatewaySite.Service));
        Assert.True(GatewayNetwork.IsShut(site.OtherClient, gateway, GatewaySite.Outer));
        AssertIsListed();

        ProcessRun revoked = site.Ask(daemon, "--revoke", $"{client},{GatewaySite.Outer}");
        Assert.Equal(0, revoked.ExitCode);
        Assert.StartsWith($"Revoked {granted} for {client}, user 'tester'\n", revoked.Output, StringComparison.Ordinal);
        daemon.WaitForLog($"Revoked tcp/{GatewaySite.Outer} for {client}, forwarded to {target} [(]stanza #1[)], user 'tester'");
        Assert.True(GatewayNetwork.IsShut(site.Client, gateway, GatewaySite.Outer));
        site.AssertStopsClean(daemon);

        void AssertIsListed()
        {
            Assert.Matches($"(?m)^{client} +{granted} +#1 +tester ", site.Ask(daemon, "--list-grants").Output);
            using JsonDocument json = JsonDocument.Parse(site.Ask(daemon, "--list-grants", "--json").Output);
            JsonElement grant = Assert.Single(json.RootElement.GetProperty("grants").EnumerateArray().ToArray());
            Assert.Equal((target, $"tcp/{GatewaySite.Outer}"), (grant.GetProperty("forward").GetString(), grant.GetProperty("port").GetString()));
        }
    }

    /// <summary>Shut before, open for the client alone, shut afterwards.</summary>
    private static void AssertLeadsInside(GatewaySite site, SpaDaemon daemon, bool ipv6, Action knock)
    {
        IPAddress gateway = site.Network.GatewayAddress(ipv6);
        Assert.True(GatewayNetwork.IsShut(site.Client, gateway, GatewaySite.Outer));
        Assert.True(GatewayNetwork.IsShut(site.OtherClient, gateway, GatewaySite.Outer));

        string line = daemon.LogAfter(Led, knock);
        Assert.Equal(
            site.Network.ClientAddress(ipv6),
            GatewayNetwork.SourceSeen(site.Client, gateway, GatewaySite.Outer, site.Network.Inner, GatewaySite.Service));
        Assert.True(GatewayNetwork.IsShut(site.OtherClient, gateway, GatewaySite.Outer));
        Assert.True(GatewayNetwork.IsShut(site.Client, gateway, GatewaySite.Service));

        WaitForEnd(daemon, line);
        GatewaySite.AssertShuts(site.Client, gateway, GatewaySite.Outer);
        Assert.True(GatewayNetwork.IsShut(site.OtherClient, gateway, GatewaySite.Outer));
    }

    private static void WaitForEnd(SpaDaemon daemon, string line) => daemon.WaitForLog($"Removed rule .*expire time of {SpaDaemon.ExpiryIn(line)}");

    /// <summary>The kernel's clock is not exactly the daemon's, and iptables takes rules away table by table.</summary>
    private static void WaitUntilSoon(Func<bool> condition, string what) => Deadline.WaitUntil(condition, TimeSpan.FromSeconds(10), what);

    private static void KnockByName(GatewaySite site) => site.Knock($"tcp/{GatewaySite.Outer}", false, "-N", $"inner.example:{GatewaySite.Service}");

    private static string Ruleset(GatewaySite site) => site.Network.Gateway.RunChecked("nft", "-s", "list", "ruleset").Output;

    /// <summary>The daemon with an /etc/hosts of its own; <c>ip netns exec</c> gives every program its own mounts.</summary>
    private static string WithHosts(TemporaryFolder folder, string hosts)
    {
        string file = folder.Write("hosts", hosts + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return folder.WriteProgram("fwknopd-with-hosts", $"""
            #!/bin/sh
            mount --bind {file} /etc/hosts || exit 1
            exec "{Programs.Daemon}" "$@"

            """);
    }
}
