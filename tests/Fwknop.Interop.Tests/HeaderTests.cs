using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>Both clients with the same arguments, their packets captured on the wire (client.md 13.5, 21).</summary>
public sealed class HeaderTests : IDisposable
{
    private static readonly SharedKeys Keys = SharedKeys.Random();

    private readonly TestNetwork _network = TestNetwork.Create();

    [InteropTheory]
    [InlineData("-P udp")]
    [InlineData("-P udp -p 40000")]
    [InlineData("-P tcp")]
    [InlineData("-P http")]
    [InlineData("-P http -u Fwknop/custom")]
    [InlineData("-P udpraw")]
    [InlineData("-P udpraw -Q 10.9.8.7 -S 1234 -p 40000")]
    [InlineData("-P tcpraw")]
    [InlineData("-P tcpraw -Q 10.9.8.6 -S 4321 -p 443")]
    [InlineData("-P icmp")]
    [InlineData("-P icmp --icmp-type 3 --icmp-code 1")]
    [InlineData("-P icmp --icmp-type 8")]
    [InlineData("-P icmp --icmp-type 8 --icmp-code 2")]
    [InlineData("-P icmp --icmp-type 13 --icmp-code 2 -Q 10.9.8.5")]
    public void Same_headers(string arguments)
    {
        using TcpService service = TcpService.Start(_network.Server, TransportPair.Port);
        using PacketCapture capture = PacketCapture.Start(_network.Client);
        Send(Reference.ClientProgram, arguments);
        Send(Programs.Client, arguments);
        capture.Stop();

        IReadOnlyList<CapturedPacket> packets = CapturedPacket.Read(capture, _network.ServerAddress);
        Assert.Equal(2, packets.Count);
        (CapturedPacket theirs, CapturedPacket ours) = (packets[0], packets[1]);
        Assert.Equal(theirs.Constants, ours.Constants);
        Assert.Equal(Masked(theirs.Payload), Masked(ours.Payload));
        if (Regex.IsMatch(arguments, "raw|icmp"))
        {
            AssertFreelyChosen(arguments, theirs, ours);
        }
    }

    [InteropFact]
    public void Over_udp_and_tcp_the_source_port_is_as_asked_for()
    {
        using TcpService service = TcpService.Start(_network.Server, TransportPair.Port);
        using PacketCapture capture = PacketCapture.Start(_network.Client);
        Send(Programs.Client, "-P udp -S 1111");
        Send(Programs.Client, "-P tcp -S 2222");
        Send(Programs.Client, "-P http -S 3333");
        capture.Stop();

        Assert.Equal([1111, 2222, 3333], CapturedPacket.Read(capture, _network.ServerAddress).Select(packet => (int)packet.SourcePort));
    }

    public void Dispose() => _network.Dispose();

    private static void AssertFreelyChosen(string arguments, CapturedPacket theirs, CapturedPacket ours)
    {
        Assert.NotEqual(0, ours.Id);
        if (arguments.Contains("-S", StringComparison.Ordinal))
        {
            Assert.Equal(theirs.SourcePort, ours.SourcePort);
        }
        else if (arguments.Contains("raw", StringComparison.Ordinal))
        {
            Assert.InRange(ours.SourcePort, 10000, 65535);
        }

        if (arguments.Contains("udpraw", StringComparison.Ordinal))
        {
            Assert.Equal((0, 0), (theirs.Checksum, ours.Checksum));
            return;
        }

        Assert.True(ours.IsChecksumRight);
        Assert.Equal(arguments.Contains("icmp", StringComparison.Ordinal), theirs.IsChecksumRight);
        bool isEcho = arguments.EndsWith("--icmp-type 8", StringComparison.Ordinal);
        Assert.Equal(arguments.Contains("icmp", StringComparison.Ordinal) && !isEcho ? theirs.EchoId : ours.EchoId, ours.EchoId);
        Assert.False(isEcho && ours.EchoId == 0);
    }

    private void Send(string program, string arguments) => new SpaClient(program, _network.Client).Knock(
        ["-D", $"{_network.ServerAddress}", "-a", $"{_network.ClientAddress}", "-A", "tcp/22", .. Keys.ClientArguments, .. arguments.Split(' ')]);

    // The packet itself, its version of HTTP and of the program.
    private static string Masked(string payload) =>
        Regex.Replace(Regex.Replace(payload, "[A-Za-z0-9+/_-]{200,}", packet => $"<{packet.Length}>"), @"(?<=HTTP/1\.|Fwknop/)[0-9.]+", "n");
}
