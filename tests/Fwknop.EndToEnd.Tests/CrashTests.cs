using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>
/// kill -9 on a gateway with grants, forwarded and not: the next fwknopd goes on with them or takes them away, and touches nothing else.
/// </summary>
public abstract class CrashTests(GatewayFirewall firewall)
{
    private const string Forwards = "ENABLE_IPT_FORWARDING Y\n";

    [RootFact("nft", "iptables-nft", "ip6tables-nft", "iptables-legacy", "ipset")]
    public void The_next_fwknopd_keeps_what_is_its_own_or_takes_it_away()
    {
        using GatewaySite site = new(firewall);
        string target = GatewaySite.Target(GatewayNetwork.InnerAddress(false));
        Way forwarded = site.WayOfClient(ipv6: false, GatewaySite.Outer, site.Network.Inner);
        Way forwarded6 = site.WayOfClient(ipv6: true, GatewaySite.Outer, site.Network.Inner);
        Way plain = site.WayOfClient(ipv6: false, GatewaySite.Service, site.Network.Gateway);
        using (SpaDaemon first = site.StartDaemon(GatewaySite.Minute, Forwards))
        {
            first.LogAfter(GatewaySite.Led, () => site.Knock($"tcp/{GatewaySite.Outer}", false, "-N", target));
            first.GrantAfter($"tcp/{GatewaySite.Service}", () => site.Knock($"tcp/{GatewaySite.Service}", false));
            first.LogAfter(GatewaySite.Led, () => site.Knock(
                $"tcp/{GatewaySite.Outer}", true, "-N", GatewaySite.Target(GatewayNetwork.InnerAddress(true)), "-f", "6"));
            forwarded6.AssertIsOpen();
            first.Crash();
        }

        AssertAreOpen();
        using (SpaDaemon second = site.StartDaemon(GatewaySite.Minute, $"{Forwards}FLUSH_IPT_AT_INIT N\nFLUSH_NFT_AT_INIT N\n"))
        {
            AssertAreOpen();
            Assert.Matches($"(?m)^{site.Network.ClientAddress(false)} +tcp/{GatewaySite.Outer} to {target} ", site.Ask(second, "--list-grants").Output);
            Deadline.WaitUntil(() => forwarded6.IsShut, TimeSpan.FromSeconds(20), "the end that the first fwknopd has set");
            AssertAreOpen();
            second.Crash();
        }

        using SpaDaemon third = site.StartDaemon(GatewaySite.Minute, Forwards);
        GatewaySite.AssertShut(forwarded.Attempt, plain.Attempt);
        site.AssertOthersAreShut();
        Assert.Equal("Nothing is granted.", site.Ask(third, "--list-grants").Output);
        site.AssertStopsClean(third);

        void AssertAreOpen()
        {
            forwarded.AssertIsOpen();
            plain.AssertIsOpen();
            site.AssertOthersAreShut();
        }
    }

    // Classes of tests run beside each other, the tests of one do not.
    public sealed class BehindTheGuard() : CrashTests(GatewayFirewall.NftablesGuard);

    public sealed class InAChainOfTheAdministrator() : CrashTests(GatewayFirewall.NftablesInsert);

    public sealed class BehindIptables() : CrashTests(GatewayFirewall.Iptables);

    public sealed class BehindLegacyIptables() : CrashTests(GatewayFirewall.IptablesLegacy);

    public sealed class WithSets() : CrashTests(GatewayFirewall.Ipset);
}
