using System.Net;
using System.Net.Sockets;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Nftables;
using Fwknop.Grants;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>Real connections through a gateway with nftables: who gets where, and when.</summary>
public sealed class NftGatewayTests
{
    private const int Outer = 8022;
    private const int Service = 2222;
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    /// <summary>What an administrator has who lets nothing through: insert opens it.</summary>
    private const string Dropping =
        """
        table inet filter {
            chain input { type filter hook input priority 0; policy drop; ct state established,related accept; meta l4proto ipv6-icmp accept; }
            chain forward { type filter hook forward priority 0; policy drop; ct state established,related accept; }
        }

        """;

    /// <summary>A table as firewalld makes it, cut down to what matters: it lets through what is translated.</summary>
    private const string Firewalld =
        """
        table inet firewalld {
            chain nat_PREROUTING { type nat hook prerouting priority dstnat + 10; policy accept; }
            chain nat_POSTROUTING { type nat hook postrouting priority srcnat + 10; policy accept; }
            chain filter_INPUT { type filter hook input priority filter + 10; policy accept; ct state established,related accept; ct status dnat accept; iifname "lo" accept; }
            chain filter_FORWARD { type filter hook forward priority filter + 10; policy accept; ct state established,related accept; ct status dnat accept; iifname "inside" accept; meta l4proto ipv6-icmp accept; reject; }
        }

        """;

    [RootTheory("nft", "iptables-restore", "ip6tables-restore")]
    [InlineData("guard", false, false)]
    [InlineData("guard", true, true)]
    [InlineData("guard beside others", false, true)]
    [InlineData("guard beside others", true, false)]
    [InlineData("insert", false, false)]
    [InlineData("insert", false, true)]
    [InlineData("insert", true, false)]
    [InlineData("insert", true, true)]
    public void A_port_leads_to_an_inner_host_for_the_time_of_its_grant(string kind, bool ipv6, bool withDestination)
    {
        using GatewayBench bench = Start(kind);
        NetworkNamespace client = bench.Network.Client;
        (IPAddress gateway, IPAddress inner) = (bench.GatewayAddress(ipv6), GatewayNetwork.InnerAddress(ipv6));
        Assert.True(GatewayNetwork.IsShut(client, gateway, Outer));

        FirewallGrant grant = Grant(bench.ClientAddress(ipv6), Outer, new Translation(NatKind.Forward, inner, Service), 4, withDestination ? gateway : null);
        Assert.Equal([GrantOutcome.Added], bench.Firewall.Grant(grant));
        Assert.Equal(bench.ClientAddress(ipv6), GatewayNetwork.SourceSeen(client, gateway, Outer, bench.Inner, Service));
        Assert.True(GatewayNetwork.IsShut(bench.Network.OtherClient, gateway, Outer));
        if (kind == "insert")
        {
            // Through the gateway nothing but what the grant has led there.
            Assert.True(GatewayNetwork.IsShut(client, inner, Service));
            Assert.True(GatewayNetwork.IsShut(client, GatewayNetwork.OtherInnerAddress(ipv6), Service));
        }

        AssertShutAfterwards(bench, client, gateway, Outer);
    }

    [RootTheory("nft")]
    [InlineData("guard", false, "address")]
    [InlineData("guard", true, "address")]
    [InlineData("guard", false, "redirect")]
    [InlineData("guard", true, "redirect")]
    [InlineData("insert", false, "address")]
    [InlineData("insert", true, "address")]
    [InlineData("insert", false, "redirect")]
    [InlineData("insert", true, "redirect")]
    public void A_ghost_service_stands_behind_another_port_of_this_host(string kind, bool ipv6, string how)
    {
        using GatewayBench bench = Start(kind);
        using TcpService web = TcpService.Start(bench.Gateway, 80);
        NetworkNamespace client = bench.Network.Client;
        IPAddress gateway = bench.GatewayAddress(ipv6);
        ProbeResult webBefore = ConnectProbe.Try(client, gateway, 80);
        Assert.True(GatewayNetwork.IsShut(client, gateway, Service));

        FirewallGrant grant = Grant(bench.ClientAddress(ipv6), 80, new Translation(NatKind.Local, how == "address" ? gateway : null, Service), 4);
        Assert.Equal([GrantOutcome.Added], bench.Firewall.Grant(grant));
        Assert.Equal(bench.ClientAddress(ipv6), GatewayNetwork.SourceSeen(client, gateway, 80, bench.Gateway, Service));
        Assert.Equal(webBefore, ConnectProbe.Try(bench.Network.OtherClient, gateway, 80));
        Assert.True(GatewayNetwork.IsShut(bench.Network.OtherClient, gateway, Service));
        Assert.True(GatewayNetwork.IsShut(client, gateway, Service));

        bench.Firewall.RunUntilAllExpired();
        Assert.Equal(webBefore, ConnectProbe.WaitFor(webBefore, client, gateway, 80, Wait));
        Assert.True(GatewayNetwork.IsShut(client, gateway, Service));
    }

    [RootTheory("nft")]
    [InlineData(false, "masquerade")]
    [InlineData(true, "masquerade")]
    [InlineData(false, "snat")]
    [InlineData(true, "snat")]
    [InlineData(false, "")]
    public void An_inner_user_gets_out_for_the_time_of_his_grant(bool ipv6, string source)
    {
        using GatewayBench bench = Start("insert");
        (IPAddress inner, IPAddress outside) = (GatewayNetwork.InnerAddress(ipv6), bench.ClientAddress(ipv6));
        Assert.True(GatewayNetwork.IsShut(bench.Inner, outside, 443));

        SourceTranslation? translation = source.Length == 0 ? null : new SourceTranslation(source == "snat" ? bench.GatewayAddress(ipv6) : null);
        FirewallGrant grant = Grant(inner, 443, new Translation(NatKind.Forward, null, 0, IsForAll: true, Source: translation), 4);
        Assert.Equal([GrantOutcome.Added], bench.Firewall.Grant(grant));
        Assert.Equal(
            source.Length == 0 ? inner : bench.GatewayAddress(ipv6), GatewayNetwork.SourceSeen(bench.Inner, outside, 443, bench.Network.Client, 443));
        Assert.Equal(
            source.Length == 0 ? inner : bench.GatewayAddress(ipv6), GatewayNetwork.SourceSeen(bench.Inner, outside, 80, bench.Network.Client, 80));
        Assert.True(GatewayNetwork.IsShut(bench.OtherInner, outside, 443));
        Assert.True(GatewayNetwork.IsShut(bench.Network.Client, inner, 443));
        AssertShutAfterwards(bench, bench.Inner, outside, 443);
    }

    [RootTheory("nft")]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void What_is_led_to_an_inner_host_may_come_from_the_gateway(bool ipv6, bool masquerades)
    {
        using GatewayBench bench = Start("insert");
        IPAddress inside = GatewayNetwork.InsideAddress(ipv6);
        Translation translation = new(
            NatKind.Forward, GatewayNetwork.InnerAddress(ipv6), Service, Source: new SourceTranslation(masquerades ? null : inside));
        bench.Firewall.Grant(Grant(bench.ClientAddress(ipv6), Outer, translation, 60));
        Assert.Equal(inside, GatewayNetwork.SourceSeen(bench.Network.Client, bench.GatewayAddress(ipv6), Outer, bench.Inner, Service));

        // Nothing else of the same user is translated: the answers of this host to it, for one.
        bench.Firewall.Grant(Grant(bench.ClientAddress(ipv6), 80, new Translation(NatKind.Forward, GatewayNetwork.OtherInnerAddress(ipv6), Service), 60));
        Assert.Equal(
            bench.ClientAddress(ipv6), GatewayNetwork.SourceSeen(bench.Network.Client, bench.GatewayAddress(ipv6), 80, bench.OtherInner, Service));
    }

    [RootTheory("nft")]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_has_a_route_of_his_own_gets_through_without_translation(bool ipv6)
    {
        using GatewayBench bench = Start("insert");
        IPAddress inner = GatewayNetwork.InnerAddress(ipv6);
        Assert.True(GatewayNetwork.IsShut(bench.Network.Client, inner, Service));
        Translation translation = new(NatKind.Forward, inner, Service, KeepsDestination: true);
        bench.Firewall.Grant(Grant(bench.ClientAddress(ipv6), Outer, translation, 4, bench.GatewayAddress(ipv6)));
        Assert.Equal(bench.ClientAddress(ipv6), GatewayNetwork.SourceSeen(bench.Network.Client, inner, Service, bench.Inner, Service));
        Assert.True(GatewayNetwork.IsShut(bench.Network.Client, GatewayNetwork.OtherInnerAddress(ipv6), Service));
        Assert.True(GatewayNetwork.IsShut(bench.Network.Client, inner, Service + 1));
        Assert.True(GatewayNetwork.IsShut(bench.Network.OtherClient, inner, Service));
        AssertShutAfterwards(bench, bench.Network.Client, inner, Service);
    }

    [RootTheory("nft")]
    [InlineData("guard", false)]
    [InlineData("insert", true)]
    public void Everything_of_a_user_may_lead_to_one_host(string kind, bool ipv6)
    {
        using GatewayBench bench = Start(kind);
        IPAddress gateway = bench.GatewayAddress(ipv6);
        Translation translation = new(NatKind.Forward, GatewayNetwork.InnerAddress(ipv6), Service, IsForAll: true);
        bench.Firewall.Grant(Grant(bench.ClientAddress(ipv6), Outer, translation, 4, gateway));
        Assert.Equal(bench.ClientAddress(ipv6), GatewayNetwork.SourceSeen(bench.Network.Client, gateway, Outer, bench.Inner, Outer));
        Assert.Equal(bench.ClientAddress(ipv6), GatewayNetwork.SourceSeen(bench.Network.Client, gateway, 8443, bench.Inner, 8443));
        Assert.True(GatewayNetwork.IsShut(bench.Network.OtherClient, gateway, Outer));
        AssertShutAfterwards(bench, bench.Network.Client, gateway, Outer);
    }

    [RootTheory("nft")]
    [InlineData("guard", false, false)]
    [InlineData("insert", true, false)]
    [InlineData("insert", false, true)]
    public void A_network_is_led_where_a_host_of_it_may_be_led_elsewhere(string kind, bool ipv6, bool withDestination)
    {
        using GatewayBench bench = Start(kind);
        IPAddress gateway = bench.GatewayAddress(ipv6);
        IPAddress? destination = withDestination ? gateway : null;
        IPNetwork clients = new(bench.ClientAddress(ipv6), ipv6 ? 127 : 31);
        Assert.True(clients.Contains(bench.OtherClientAddress(ipv6)));
        bench.Firewall.Grant(Grant(clients, Outer, new Translation(NatKind.Forward, GatewayNetwork.InnerAddress(ipv6), Service), 60, destination));
        Assert.NotNull(GatewayNetwork.SourceSeen(bench.Network.Client, gateway, Outer, bench.Inner, Service));
        Assert.NotNull(GatewayNetwork.SourceSeen(bench.Network.OtherClient, gateway, Outer, bench.Inner, Service));

        bench.Firewall.Grant(Grant(bench.ClientAddress(ipv6), Outer, new Translation(NatKind.Forward, GatewayNetwork.OtherInnerAddress(ipv6), Service), 60, destination));
        Assert.NotNull(GatewayNetwork.SourceSeen(bench.Network.Client, gateway, Outer, bench.OtherInner, Service));
        Assert.NotNull(GatewayNetwork.SourceSeen(bench.Network.OtherClient, gateway, Outer, bench.Inner, Service));
    }

    [RootTheory("nft")]
    [InlineData("guard")]
    [InlineData("insert")]
    public void A_later_grant_leads_the_same_port_elsewhere(string kind)
    {
        using GatewayBench bench = Start(kind);
        IPAddress client = bench.ClientAddress(ipv6: false);
        bench.Firewall.Grant(Grant(client, Outer, new Translation(NatKind.Forward, GatewayNetwork.InnerAddress(false), Service), 60));
        bench.Firewall.Grant(
            Grant(client, Outer, new Translation(NatKind.Local, null, Service), 60),
            Grant(client, Outer, new Translation(NatKind.Forward, GatewayNetwork.OtherInnerAddress(false), Service), 60));
        Assert.Equal(client, GatewayNetwork.SourceSeen(bench.Network.Client, bench.GatewayAddress(false), Outer, bench.OtherInner, Service));
        Assert.Single(bench.Firewall.Live);
        Assert.Contains(
            $"I Removed rule for {client} -> 0.0.0.0/0 tcp/{Outer} from FWKNOP_PREROUTING which a later grant leads elsewhere", bench.Firewall.Log.Lines);
    }

    [RootTheory("nft")]
    [InlineData("guard", false)]
    [InlineData("insert", true)]
    public void A_connection_made_in_time_lives_on_after_the_grant(string kind, bool ipv6)
    {
        using GatewayBench bench = Start(kind);
        IPAddress gateway = bench.GatewayAddress(ipv6);
        bench.Firewall.Grant(Grant(bench.ClientAddress(ipv6), Outer, new Translation(NatKind.Forward, GatewayNetwork.InnerAddress(ipv6), Service), 1));
        using Socket listener = bench.Inner.Inside(() =>
        {
            Socket socket = new(gateway.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(GatewayNetwork.InnerAddress(ipv6), Service));
            socket.Listen();
            return socket;
        });
        using Socket client = bench.Network.Client.Inside(() => new Socket(gateway.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 10_000 });
        client.Connect(new IPEndPoint(gateway, Outer));
        using Socket server = listener.Accept();
        AssertShutAfterwards(bench, bench.Network.Client, gateway, Outer);

        server.ReceiveTimeout = 10_000;
        client.Send([1]);
        Assert.Equal(1, server.Receive(new byte[1]));
        server.Send([2]);
        Assert.Equal(1, client.Receive(new byte[1]));
    }

    [RootTheory("nft")]
    [InlineData(false, "one port")]
    [InlineData(true, "one port")]
    [InlineData(false, "all ports")]
    [InlineData(true, "all ports")]
    [InlineData(false, "redirect")]
    [InlineData(true, "redirect")]
    public void What_passes_through_to_others_is_led_nowhere_else(bool ipv6, string what)
    {
        using GatewayBench bench = Start("guard");
        NetworkNamespace client = bench.Network.Client;
        Translation translation = what == "redirect"
            ? new Translation(NatKind.Local, null, Service)
            : new Translation(NatKind.Forward, GatewayNetwork.InnerAddress(ipv6), Service, IsForAll: what == "all ports");
        Assert.Equal([GrantOutcome.Added], bench.Firewall.Grant(Grant(bench.ClientAddress(ipv6), Outer, translation, 60)));

        Assert.Equal(
            bench.ClientAddress(ipv6),
            GatewayNetwork.SourceSeen(client, GatewayNetwork.OtherInnerAddress(ipv6), Outer, bench.OtherInner, Outer));
        Assert.NotNull(GatewayNetwork.SourceSeen(
            client,
            bench.GatewayAddress(ipv6),
            Outer,
            what == "redirect" ? bench.Gateway : bench.Inner,
            what == "all ports" ? Outer : Service));
    }

    private static void AssertShutAfterwards(GatewayBench bench, NetworkNamespace from, IPAddress address, int port)
    {
        bench.Firewall.RunUntilAllExpired();
        Assert.Equal(ProbeResult.NoAnswer, ConnectProbe.WaitFor(ProbeResult.NoAnswer, from, address, port, Wait));
    }

    private static FirewallGrant Grant(IPAddress source, int port, Translation translation, double seconds, IPAddress? destination = null) =>
        Grant(Grants.Host(source), port, translation, seconds, destination);

    private static FirewallGrant Grant(IPNetwork source, int port, Translation translation, double seconds, IPAddress? destination = null) =>
        new(source, destination, [Grants.Range($"tcp/{port}")], TimeSpan.FromSeconds(seconds), translation);

    private static IReadOnlyList<NftHook> Hooks(string text) =>
        NftHook.TryParseList(text, out IReadOnlyList<NftHook> hooks, out _) ? hooks : throw new FormatException(text);

    private static GatewayBench Start(string kind)
    {
        NftablesSettings settings = kind == "insert"
            ? new NftablesSettings { InsertAt = Hooks("inet filter input, inet filter forward"), Nat = NatSettings.All }
            : new NftablesSettings { GuardPorts = [Grants.Range("tcp/8022"), Grants.Range("tcp/2000-2999")], Nat = NatSettings.All };
        return new GatewayBench(
            gateway =>
            {
                if (kind == "insert")
                {
                    gateway.RunChecked("nft", Dropping);
                }
                else if (kind == "guard beside others")
                {
                    DockerRules.Load(gateway);
                    gateway.RunChecked("nft", Firewalld);
                }
            },
            log => new NftablesFirewall(settings, log));
    }
}
