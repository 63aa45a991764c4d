using System.Net;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Ipset;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Daemon.Enforcement.Nftables;
using Fwknop.Grants;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>Published ports of containers, behind the rules that a real Docker has made.</summary>
public sealed class DockerGatewayTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);

    [RootTheory("nft", "iptables-restore", "ip6tables-restore")]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void The_guard_covers_what_is_published(bool ipv6, bool withDestination)
    {
        NftablesSettings settings = new() { GuardPorts = [Grants.Range($"tcp/{DockerRules.Published}")], Nat = NatSettings.All };
        using GatewayBench bench = new(DockerRules.Load, log => new NftablesFirewall(settings, log));
        AssertShut(bench, ipv6);
        bench.Firewall.Grant(Grant(bench, ipv6, $"tcp/{DockerRules.Published}", destination: withDestination ? bench.GatewayAddress(ipv6) : null));
        AssertLeadsToContainer(bench, ipv6);
        bench.Firewall.RunUntilAllExpired();
        AssertShut(bench, ipv6);

        // Neither another published port nor what containers do outside is its business.
        Assert.NotNull(GatewayNetwork.SourceSeen(
            bench.Network.Client, bench.GatewayAddress(ipv6), DockerRules.OtherPublished, bench.Inner, DockerRules.OtherService));
        Assert.NotNull(GatewayNetwork.SourceSeen(
            bench.Inner, bench.ClientAddress(ipv6), DockerRules.Published, bench.Network.Client, DockerRules.Published));
    }

    [RootTheory("nft", "iptables-restore", "ip6tables-restore")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_chain_that_leads_to_containers_may_be_inserted_at(bool ipv6)
    {
        Assert.True(NftHook.TryParseList("ip filter DOCKER-USER, ip6 filter FORWARD", out IReadOnlyList<NftHook> hooks, out _));
        using GatewayBench bench = new(LoadAndShut, log => new NftablesFirewall(new NftablesSettings { InsertAt = hooks, Nat = NatSettings.All }, log));
        Assert.Equal(
            ["ip filter", "ip6 filter"],
            bench.Firewall.Log.Lines.Where(line => line.StartsWith("W NFT_INSERT names a chain in table ", StringComparison.Ordinal))
                .Select(line => line.Split(", which is that of iptables-nft")[0]["W NFT_INSERT names a chain in table ".Length..]));
        AssertShut(bench, ipv6);
        bench.Firewall.Grant(Grant(bench, ipv6, "tcp/8080-8090"));
        Assert.Contains(bench.Firewall.Log.Lines, line => line.StartsWith("I Added access rule to FWKNOP_FORWARD", StringComparison.Ordinal));
        AssertLeadsToContainer(bench, ipv6);
        Assert.True(GatewayNetwork.IsShut(bench.Network.Client, bench.GatewayAddress(ipv6), DockerRules.OtherPublished));
        bench.Firewall.RunUntilAllExpired();
        AssertShut(bench, ipv6);
    }

    [RootTheory("iptables", "iptables-restore", "ip6tables-restore", "ipset")]
    [InlineData("FORWARD", false, false)]
    [InlineData("FORWARD", true, false)]
    [InlineData("FORWARD", true, true)]
    [InlineData("DOCKER-USER", false, false)]
    public void With_iptables_a_grant_leads_to_a_container(string from, bool ipv6, bool withSets)
    {
        using GatewayBench bench = StartIptables(from, withSets);
        AssertShut(bench, ipv6);
        Translation translation = new(NatKind.Forward, GatewayNetwork.InnerAddress(ipv6), DockerRules.Service);
        bench.Firewall.Grant(Grant(bench, ipv6, $"tcp/{DockerRules.Published}", translation));
        AssertLeadsToContainer(bench, ipv6);
        bench.Firewall.RunUntilAllExpired();
        AssertShut(bench, ipv6);
    }

    /// <summary>Docker makes DOCKER-USER for IPv4 alone.</summary>
    [RootFact("iptables", "iptables-restore", "ip6tables-restore")]
    public void Where_a_chain_is_missing_for_IPv6_nothing_is_forwarded_there_and_a_warning_says_so()
    {
        using GatewayBench bench = StartIptables("DOCKER-USER");
        Assert.Contains(bench.Firewall.Log.Lines, line => line.Contains("IPv6 is not forwarded", StringComparison.Ordinal));
        Translation translation = new(NatKind.Forward, GatewayNetwork.InnerAddress(true), DockerRules.Service);
        Assert.Equal([GrantOutcome.Failed], bench.Firewall.Grant(Grant(bench, true, $"tcp/{DockerRules.Published}", translation)));
        AssertShut(bench, ipv6: true);
    }

    private static GatewayBench StartIptables(string from, bool withSets = false)
    {
        ChainSettings chains = new() { Forwards = true };
        IptablesSettings settings = new()
        {
            Programs = IptablesPrograms.Find(Requirement.FindProgram("iptables")!),
            Chains = chains with { Forward = chains.Forward with { FromChain = from } },
        };
        return new(LoadAndShut, log => withSets
            ? new IpsetFirewall(new IpsetSettings { Executable = Requirement.FindProgram("ipset")!, Iptables = settings }, log)
            : new IptablesFirewall(settings, log));
    }

    private static void LoadAndShut(NetworkNamespace gateway)
    {
        DockerRules.Load(gateway);
        DockerRules.ShutFromOutside(gateway);
    }

    private static FirewallGrant Grant(
        GatewayBench bench, bool ipv6, string ports, Translation? translation = null, IPAddress? destination = null) =>
        new(Grants.Host(bench.ClientAddress(ipv6)), destination, [Grants.Range(ports)], Duration, translation);

    /// <summary>For the client alone.</summary>
    private static void AssertLeadsToContainer(GatewayBench bench, bool ipv6)
    {
        Assert.Equal(
            bench.ClientAddress(ipv6),
            GatewayNetwork.SourceSeen(bench.Network.Client, bench.GatewayAddress(ipv6), DockerRules.Published, bench.Inner, DockerRules.Service));
        Assert.True(GatewayNetwork.IsShut(bench.Network.OtherClient, bench.GatewayAddress(ipv6), DockerRules.Published));
    }

    /// <summary>Something listens in the container: nobody gets there.</summary>
    private static void AssertShut(GatewayBench bench, bool ipv6)
    {
        using TcpService container = TcpService.Start(bench.Inner, DockerRules.Service);
        Assert.Equal(
            ProbeResult.NoAnswer,
            ConnectProbe.WaitFor(
                ProbeResult.NoAnswer, bench.Network.Client, bench.GatewayAddress(ipv6), DockerRules.Published, TimeSpan.FromSeconds(10)));
        Assert.True(GatewayNetwork.IsShut(bench.Network.OtherClient, bench.GatewayAddress(ipv6), DockerRules.Published));
    }
}
