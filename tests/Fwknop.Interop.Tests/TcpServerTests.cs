using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>The reference's client and our TCP server, beside capture that sees the same data.</summary>
public sealed class TcpServerTests(TcpServerTests.Programs pair) : IClassFixture<TcpServerTests.Programs>
{
    [InteropTheory]
    [InlineData(3001, "-P tcp")]
    [InlineData(3002, "-P http")]
    [InlineData(3003, "-P udp")]
    [InlineData(3004, "-P udpraw")]
    [InlineData(3005, "-P tcpraw")]
    [InlineData(3006, "-P icmp")]
    public void Opens_once(int port, string arguments)
    {
        pair.Daemon.GrantAfter($"tcp/{port}", () => pair.Client.Knock(
            [.. pair.Request($"tcp/{port}"), .. Programs.Keys.ClientArguments, .. arguments.Split(' ')]));

        Assert.Equal(0, pair.Daemon.Process.CountLines("Replay"));
    }

    public sealed class Programs() : Pair(Implementation.Reference, Implementation.Ours, $"SOURCE ANY\nFW_ACCESS_TIMEOUT 60\n{Keys.AccessLines}")
    {
        public static SharedKeys Keys { get; } = SharedKeys.Random();

        protected override string Configuration
        {
            get
            {
                Network.Server.RunChecked("iptables", "-A", "INPUT", "-p", "tcp", "--dport", "62201", "-j", "ACCEPT");
                return "PCAP_FILTER port 62201 or icmp;\nENABLE_SPA_OVER_HTTP Y;\nENABLE_TCP_SERVER Y;\n";
            }
        }
    }
}
