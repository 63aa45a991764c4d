using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>The host behind the gateway is given by its name (ENABLE_NAT_DNS).</summary>
public sealed class NamedHostTests
{
    private const string Forwards = "ENABLE_IPT_FORWARDING Y\n";

    [RootFact("nft", "mount", "getent")]
    public void The_host_inside_may_be_named()
    {
        using GatewaySite site = new(GatewayFirewall.NftablesInsert);
        using TemporaryFolder folder = new();
        using SpaDaemon daemon = Start(site, folder, $"{GatewayNetwork.InnerAddress(false)}", "");
        site.AssertOpenForAWhile(
            daemon, [new WayOpener(GatewaySite.Led, () => KnockByName(site), site.WayOfClient(ipv6: false, GatewaySite.Outer, site.Network.Inner))]);
        site.AssertStopsClean(daemon);
    }

    [RootFact("nft")]
    public void The_host_inside_may_not_be_named_where_names_are_off()
    {
        using GatewaySite site = new(GatewayFirewall.NftablesInsert);
        using SpaDaemon daemon = site.StartDaemon(GatewaySite.Short, $"{Forwards}ENABLE_NAT_DNS N\n");
        daemon.LogAfter("Received Hostname in NAT SPA message, but hostname is disabled[.]$", () => KnockByName(site));
        AssertNothingIsOpen(site, daemon);
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
        using SpaDaemon daemon = Start(site, folder, host, lines);
        daemon.LogAfter(expected, () => KnockByName(site));
        AssertNothingIsOpen(site, daemon);
    }

    private static void KnockByName(GatewaySite site) => site.Knock($"tcp/{GatewaySite.Outer}", false, "-N", $"inner.example:{GatewaySite.Service}");

    private static void AssertNothingIsOpen(GatewaySite site, SpaDaemon daemon)
    {
        Assert.Equal(0, daemon.Process.CountLines("Added "));
        GatewaySite.AssertShut(site.FromClient(ipv6: false, GatewaySite.Outer));
        site.AssertOthersAreShut();
        site.AssertStopsClean(daemon);
    }

    /// <summary>The daemon with an /etc/hosts of its own; <c>ip netns exec</c> gives every program its own mounts.</summary>
    private static SpaDaemon Start(GatewaySite site, TemporaryFolder folder, string address, string lines)
    {
        string file = folder.Write("hosts", $"{address} inner.example\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        string program = folder.WriteProgram("fwknopd-with-hosts", $"""
            #!/bin/sh
            mount --bind {file} /etc/hosts || exit 1
            exec "{Programs.Daemon}" "$@"

            """);
        return SpaDaemon.Start(program, site.Network.Gateway, site.Setup(GatewaySite.Short + lines, Forwards));
    }
}
