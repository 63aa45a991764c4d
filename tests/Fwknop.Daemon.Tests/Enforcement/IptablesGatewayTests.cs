using System.Net;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Grants;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>Real connections through a gateway whose firewall is iptables: closed before, open for one host, closed afterwards.</summary>
public sealed class IptablesGatewayTests
{
    private const string Nft = "iptables-nft";
    private const string Legacy = "iptables-legacy";

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(600);

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft, false)]
    [InlineData(Nft, true)]
    [InlineData(Legacy, false)]
    [InlineData(Legacy, true)]
    public void A_port_leads_to_a_host_inside(string program, bool ipv6)
    {
        using GatewayBench bench = Start(program);
        IPAddress gateway = bench.GatewayAddress(ipv6);
        Assert.True(GatewayNetwork.IsShut(bench.Network.Client, gateway, 8080));
        Assert.True(GatewayNetwork.IsShut(bench.Network.Client, GatewayNetwork.InnerAddress(ipv6), 22));

        Grant(bench, bench.ClientAddress(ipv6), "tcp/8080", new Translation(NatKind.Forward, GatewayNetwork.InnerAddress(ipv6), 22));
        Assert.Equal(bench.ClientAddress(ipv6), GatewayNetwork.SourceSeen(bench.Network.Client, gateway, 8080, bench.Inner, 22));
        Assert.True(GatewayNetwork.IsShut(bench.Network.OtherClient, gateway, 8080));
        Assert.True(GatewayNetwork.IsShut(bench.Network.OtherClient, GatewayNetwork.InnerAddress(ipv6), 22));
        Assert.True(GatewayNetwork.IsShut(bench.Network.Client, gateway, 8081));
        Assert.True(GatewayNetwork.IsShut(bench.Network.Client, GatewayNetwork.InnerAddress(ipv6), 23));

        End(bench);
        Assert.True(GatewayNetwork.IsShut(bench.Network.Client, gateway, 8080));
        Assert.True(GatewayNetwork.IsShut(bench.Network.Client, GatewayNetwork.InnerAddress(ipv6), 22));
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft, false, false)]
    [InlineData(Nft, true, true)]
    [InlineData(Nft, true, false)]
    [InlineData(Legacy, false, false)]
    [InlineData(Legacy, true, true)]
    public void A_port_stands_for_another_of_this_host(string program, bool byAddress, bool ipv6)
    {
        using GatewayBench bench = Start(program);
        IPAddress gateway = bench.GatewayAddress(ipv6);
        Assert.True(GatewayNetwork.IsShut(bench.Network.Client, gateway, 80));

        Grant(bench, bench.ClientAddress(ipv6), "tcp/80", new Translation(NatKind.Local, byAddress ? gateway : null, 22));
        Assert.Equal(bench.ClientAddress(ipv6), GatewayNetwork.SourceSeen(bench.Network.Client, gateway, 80, bench.Gateway, 22));
        Assert.True(GatewayNetwork.IsShut(bench.Network.OtherClient, gateway, 80));
        Assert.True(GatewayNetwork.IsShut(bench.Network.OtherClient, gateway, 22));
        Assert.True(GatewayNetwork.IsShut(bench.Network.Client, gateway, 23));

        End(bench);
        Assert.True(GatewayNetwork.IsShut(bench.Network.Client, gateway, 80));
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft, false)]
    [InlineData(Nft, true)]
    [InlineData(Legacy, false)]
    public void A_local_port_of_one_address_is_not_that_of_another(string program, bool ipv6)
    {
        using GatewayBench bench = Start(program);
        IPAddress inside = GatewayNetwork.InsideAddress(ipv6);
        FirewallGrant grant = new(
            Grants.Host(bench.ClientAddress(ipv6)), inside, [Grants.Range("tcp/80")], Long, new Translation(NatKind.Local, null, 22));
        Assert.Equal([GrantOutcome.Added], bench.Firewall.Grant(grant));
        Assert.Equal(bench.ClientAddress(ipv6), GatewayNetwork.SourceSeen(bench.Network.Client, inside, 80, bench.Gateway, 22));
        Assert.True(GatewayNetwork.IsShut(bench.Network.Client, bench.GatewayAddress(ipv6), 80));
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft, false, false)]
    [InlineData(Nft, true, true)]
    [InlineData(Nft, true, false)]
    [InlineData(Legacy, false, true)]
    [InlineData(Legacy, true, false)]
    public void A_host_inside_goes_out_with_the_address_of_the_gateway(string program, bool masquerades, bool ipv6)
    {
        using GatewayBench bench = Start(program);
        IPAddress outside = bench.ClientAddress(ipv6);
        Assert.True(GatewayNetwork.IsShut(bench.Inner, outside, 4000));

        SourceTranslation source = new(masquerades ? null : bench.GatewayAddress(ipv6));
        Grant(bench, GatewayNetwork.InnerAddress(ipv6), "tcp/1", new Translation(NatKind.Forward, null, 0, IsForAll: true, Source: source));
        Assert.Equal(bench.GatewayAddress(ipv6), GatewayNetwork.SourceSeen(bench.Inner, outside, 4000, bench.Network.Client, 4000));
        Assert.Equal(bench.GatewayAddress(ipv6), GatewayNetwork.SourceSeen(bench.Inner, outside, 4001, bench.Network.Client, 4001));
        Assert.True(GatewayNetwork.IsShut(bench.OtherInner, outside, 4000));
        Assert.True(GatewayNetwork.IsShut(bench.Network.Client, GatewayNetwork.InnerAddress(ipv6), 22));

        End(bench);
        Assert.True(GatewayNetwork.IsShut(bench.Inner, outside, 4000));
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft, false, false)]
    [InlineData(Nft, true, true)]
    [InlineData(Legacy, true, false)]
    public void A_host_inside_sees_the_gateway_come_as_often_as_the_client_likes(string program, bool masquerades, bool ipv6)
    {
        using GatewayBench bench = Start(program);
        SourceTranslation source = new(masquerades ? null : GatewayNetwork.InsideAddress(ipv6));
        Grant(bench, bench.ClientAddress(ipv6), "tcp/8080", new Translation(NatKind.Forward, GatewayNetwork.InnerAddress(ipv6), 22, Source: source));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(GatewayNetwork.InsideAddress(ipv6), GatewayNetwork.SourceSeen(bench.Network.Client, bench.GatewayAddress(ipv6), 8080, bench.Inner, 22));
        }

        Assert.True(GatewayNetwork.IsShut(bench.Network.OtherClient, bench.GatewayAddress(ipv6), 8080));
    }

    [RootTheory(Nft, Legacy)]
    [InlineData(Nft, false)]
    [InlineData(Legacy, true)]
    public void Answers_are_let_out_by_rules_of_their_own(string program, bool ipv6)
    {
        using GatewayBench bench = new(space => Shut(space, program, ["INPUT", "OUTPUT", "FORWARD"], established: false), log => Make(program, log));
        Assert.True(GatewayNetwork.IsShut(bench.Network.Client, bench.GatewayAddress(ipv6), 22));
        Assert.Equal([GrantOutcome.Added], bench.Firewall.Grant(
            new FirewallGrant(Grants.Host(bench.ClientAddress(ipv6)), null, [Grants.Range("tcp/22")], Long)));
        Assert.Equal(bench.ClientAddress(ipv6), GatewayNetwork.SourceSeen(bench.Network.Client, bench.GatewayAddress(ipv6), 22, bench.Gateway, 22));
        Assert.True(GatewayNetwork.IsShut(bench.Network.OtherClient, bench.GatewayAddress(ipv6), 22));
        End(bench);
        Assert.True(GatewayNetwork.IsShut(bench.Network.Client, bench.GatewayAddress(ipv6), 22));
    }

    private static void Grant(GatewayBench bench, IPAddress source, string port, Translation translation) => Assert.Equal(
        [GrantOutcome.Added], bench.Firewall.Grant(new FirewallGrant(Grants.Host(source), null, [Grants.Range(port)], Long, translation)));

    private static void End(GatewayBench bench)
    {
        bench.Firewall.Ahead = Long + TimeSpan.FromSeconds(1);
        bench.Firewall.Expire();
    }

    private static GatewayBench Start(string program) => new(
        space => Shut(space, program, ["INPUT", "FORWARD"], established: true), log => Make(program, log));

    private static IptablesFirewall Make(string program, IFirewallLog log) => new(
        new IptablesSettings
        {
            Programs = IptablesPrograms.Find(Requirement.FindProgram(program)!),
            Chains = new ChainSettings { HasOutput = true, Forwards = true, ForwardsLocally = true, TranslatesSource = true },
        },
        log);

    private static void Shut(NetworkNamespace space, string program, string[] chains, bool established)
    {
        string six = program.Replace("iptables", "ip6tables", StringComparison.Ordinal);
        foreach (string chain in chains)
        {
            space.RunChecked(six, "-A", chain, "-p", "ipv6-icmp", "-j", "ACCEPT");
            foreach (string family in new[] { program, six })
            {
                space.RunChecked(family, "-P", chain, "DROP");
                if (established)
                {
                    space.RunChecked(family, "-A", chain, "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT");
                }
            }
        }
    }
}
