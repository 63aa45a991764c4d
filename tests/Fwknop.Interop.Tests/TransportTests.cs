using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>Packets by every transport, each implementation with the other's daemon (client.md 13).</summary>
public abstract class TransportTests(TransportPair pair)
{
    private const string Forged = "10.77.0.99";

    [InteropTheory]
    [InlineData(2001, "-P udp -S 4001")]
    [InlineData(2002, "-P tcp")]
    [InlineData(2003, "-P http")]
    [InlineData(2004, "-P http -u Fwknop/other")]
    [InlineData(2005, "-P udpraw")]
    [InlineData(2006, "-P udpraw -S 4002")]
    [InlineData(2007, "-P tcpraw")]
    [InlineData(2008, "-P tcpraw -p 443")]
    [InlineData(2009, "-P icmp")]
    [InlineData(2010, "-P icmp --icmp-type 3 --icmp-code 1")]
    [InlineData(2011, "-P icmp --icmp-type 8")]
    public void Opens(int port, string arguments)
    {
        string line = pair.Daemon.GrantAfter($"tcp/{port}", () => pair.Knock($"tcp/{port}", arguments.Split(' ')));
        Assert.Contains($"for {pair.Network.ClientAddress} -> ", line, StringComparison.Ordinal);
    }

    [InteropTheory]
    [InlineData(2021, "udpraw")]
    [InlineData(2022, "tcpraw")]
    [InlineData(2023, "icmp")]
    public void Opens_for_a_packet_from_a_forged_source(int port, string transport)
    {
        string line = pair.Daemon.LogAfter(
            $"SPA Packet from IP: {Regex.Escape(Forged)} received",
            () => pair.Daemon.GrantAfter($"tcp/{port}", () => pair.Knock($"tcp/{port}", "-P", transport, "-Q", Forged)));
        Assert.Contains("access source match", line, StringComparison.Ordinal);
    }
}
