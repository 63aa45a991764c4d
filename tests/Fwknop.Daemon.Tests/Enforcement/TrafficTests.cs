using Fwknop.Configuration;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement.Ipset;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Daemon.Enforcement.Nftables;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>Clients and a server with a real firewall, for real connections: who gets in, and when.</summary>
public abstract class TrafficTests : IDisposable
{
    protected const int Service = 2222;
    protected const int OtherService = 2223;
    protected static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    protected TestNetwork Network { get; } = TestNetwork.Create();

    public void Dispose()
    {
        Network.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static PortRange Range(int first, int last) => new(TransportProtocol.Tcp, first, last);

    /// <summary>For "insert", "iptables" and "ipset" the administrator's policy is to drop.</summary>
    private protected FirewallBench Start(string kind)
    {
        NetworkNamespace server = Network.Server;
        FirewallBench bench;
        switch (kind)
        {
            case "guard":
                PortRange[] ports = [Range(Service, OtherService), Range(Service + 100, Service + 100), PortRange.Of(PortSpec.Udp(5353))];
                bench = new FirewallBench(log => new NftablesFirewall(new NftablesSettings { GuardPorts = ports }, log), server);
                break;
            case "insert":
                server.RunChecked(
                    "nft",
                    """
                    table inet filter {
                        chain input {
                            type filter hook input priority 0; policy drop;
                            ct state established,related accept
                            meta l4proto ipv6-icmp accept
                        }
                    }
                    """ + "\n");
                Assert.True(NftHook.TryParseList("inet filter input", out IReadOnlyList<NftHook> hooks, out _));
                bench = new FirewallBench(log => new NftablesFirewall(new NftablesSettings { InsertAt = hooks }, log), server);
                break;
            default:
                foreach (string program in new[] { "iptables", "ip6tables" })
                {
                    server.RunChecked(program, "-P", "INPUT", "DROP");
                    server.RunChecked(program, "-A", "INPUT", "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT");
                }

                server.RunChecked("ip6tables", "-A", "INPUT", "-p", "ipv6-icmp", "-j", "ACCEPT");
                IptablesSettings iptables = new() { Programs = IptablesPrograms.Find(Requirement.FindProgram("iptables")!) };
                bench = new FirewallBench(
                    log => kind == "ipset"
                        ? new IpsetFirewall(new IpsetSettings { Executable = Requirement.FindProgram("ipset")!, Iptables = iptables }, log)
                        : new IptablesFirewall(iptables, log),
                    server);
                break;
        }

        bench.Prepare();
        return bench;
    }
}
