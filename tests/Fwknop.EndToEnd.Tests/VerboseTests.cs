using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>What more -v show (server.md 1.2), and that no key is among it.</summary>
public sealed class VerboseTests
{
    [RootTheory("nft", "iptables")]
    [InlineData("-v", false, false)]
    [InlineData("-vv", true, false)]
    [InlineData("-vvv", true, true)]
    public void Each_level_says_more(string option, bool tellsPrograms, bool tellsPayloads)
    {
        foreach (Firewall firewall in (Firewall[])[Firewall.NftablesGuard, Firewall.Iptables])
        {
            using var site = new Site(firewall);
            using SpaDaemon daemon = site.StartDaemon("OPEN_PORTS tcp/22\nFW_ACCESS_TIMEOUT 60\n", "", option);
            daemon.GrantAfter("tcp/22", () => site.Send(site.Seal(PortSpec.Tcp(22))));
            Assert.Equal(0, daemon.Stop());

            Assert.Equal(tellsPrograms, daemon.Log.Contains("Current fwknopd config settings:", StringComparison.Ordinal));
            Assert.Equal(tellsPrograms, daemon.Log.Contains("<see the access.conf file>", StringComparison.Ordinal));
            string program = firewall == Firewall.Iptables ? "iptables-nft-restore -w 10 --noflush (status 0)" : "Ran in libnftables (done)";
            Assert.Equal(tellsPrograms, daemon.Log.Contains(program, StringComparison.Ordinal));
            Assert.Equal(tellsPayloads, daemon.Log.Contains("[+] candidate SPA packet payload:", StringComparison.Ordinal));
            Assert.DoesNotContain(site.Keys.Key, daemon.Log, StringComparison.Ordinal);
            Assert.DoesNotContain(site.Keys.HmacKey!, daemon.Log, StringComparison.Ordinal);
        }
    }
}
