using System.Net;
using System.Net.Sockets;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>ssh to a real sshd behind the gateway; fwknop knocks and carries the connection.</summary>
public sealed class InnerSshTests
{
    private const int Ssh = 22;

    [RootTheory("nft", "iptables-nft", "ip6tables-nft", "iptables-legacy", "ip6tables-legacy", "ssh", "sshd", "ssh-keygen")]
    [InlineData(GatewayFirewall.NftablesGuard, false)]
    [InlineData(GatewayFirewall.NftablesInsert, false)]
    [InlineData(GatewayFirewall.NftablesInsert, true)]
    [InlineData(GatewayFirewall.Iptables, false)]
    [InlineData(GatewayFirewall.Iptables, true)]
    [InlineData(GatewayFirewall.IptablesLegacy, false)]
    [InlineData(GatewayFirewall.IptablesLegacy, true)]
    public void A_session_with_a_host_inside_outlives_the_grant(GatewayFirewall firewall, bool ipv6)
    {
        using GatewaySite site = new(firewall);
        using TemporaryFolder folder = new();
        IPAddress inner = GatewayNetwork.InnerAddress(ipv6);
        using SshServer server = new(site.Network.Inner, inner);
        using SpaDaemon daemon = site.StartDaemon(GatewaySite.Short);
        AssertOthersAreShut();
        GatewaySite.AssertShut(site.FromClient(ipv6, GatewaySite.Outer));

        string go = folder.FilePath("go");
        using RunningProcess session = site.Client.Start(
            "bash",
            "-c",
            $"(echo early; until test -e {go}; do sleep 0.1; done; echo late) | ssh -F \"$1\" inner.example.org 'while read word; do echo \"heard $word\"; done'",
            "bash",
            folder.Write("ssh_config", Configuration(site, server, inner, folder)));
        session.WaitForLine("^heard early$");
        AssertOthersAreShut();

        string line = daemon.WaitForLog(GatewaySite.Led);
        daemon.WaitForLog($"Removed rule .*expire time of {SpaDaemon.ExpiryIn(line)}");
        Deadline.WaitUntil(
            () => ConnectProbe.ThatAreAnswered(site.FromClient(ipv6, GatewaySite.Outer)).Count == 0, TimeSpan.FromSeconds(10), "the end of the grant");
        folder.Write("go", "");
        session.WaitForLine("^heard late$");
        Assert.Equal(0, session.WaitForExit());
        AssertOthersAreShut();
        site.AssertStopsClean(daemon);

        void AssertOthersAreShut()
        {
            site.AssertOthersAreShut();
            if (firewall != GatewayFirewall.NftablesGuard)
            {
                GatewaySite.AssertShut(new Attempt(site.OtherClient, inner, Ssh));
            }
        }
    }

    private static string Configuration(GatewaySite site, SshServer server, IPAddress inner, TemporaryFolder folder)
    {
        bool ipv6 = inner.AddressFamily == AddressFamily.InterNetworkV6;
        IPEndPoint outer = site.FromClient(ipv6, GatewaySite.Outer).To;
        string rc = folder.Write("fwknoprc", $"""
            [default]
            KEY_BASE64 {site.Keys.Key}
            HMAC_KEY_BASE64 {site.Keys.HmacKey}
            [inner.example.org]
            SPA_SERVER {outer.Address}
            ALLOW_IP {site.Network.ClientAddress(ipv6)}
            ACCESS tcp/{GatewaySite.Outer}

            """);
        return $"""
            Host inner.example.org
                HostName {outer.Address}
                Port {outer.Port}
                HostKeyAlias {inner}
                ProxyCommand {Programs.Client} --no-save-args --rc-file {rc} -n %n -N {new IPEndPoint(inner, Ssh)} --wait=20 --connect {outer}
            {server.ClientConfiguration}
            """;
    }
}
