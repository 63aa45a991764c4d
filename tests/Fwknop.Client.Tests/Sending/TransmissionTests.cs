using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace Fwknop.Client.Tests;

/// <summary>client.md 13 and 14.2: what is said, where packets go, and every way in which they do not.</summary>
public sealed class TransmissionTests
{
    private const int SpaLength = 204;

    private static readonly string[] Ordinary =
        ["--no-rc-file", "-a", "192.0.2.7", "-A", "tcp/22", "-U", "root", "--key-rijndael", "k", "--key-hmac", "h"];

    [Theory]
    [InlineData("udp", TransportKind.Datagram)]
    [InlineData("TCP", TransportKind.Stream)]
    public void Text_over_a_socket(string transport, object kind)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, "-D", "198.51.100.1", "-P", transport, "-S", "40000", "-p", "99", "-v"]);
        SentPacket sent = Assert.Single(client.Sender.Sent);
        Assert.Equal((kind, new IPEndPoint(IPAddress.Parse("198.51.100.1"), 99), 40000), (sent.Kind, sent.Target, sent.SourcePort));
        Assert.Equal(run.Field("Final SPA Data"), Encoding.ASCII.GetString(sent.Packet));
        AssertEnd(transport.ToLowerInvariant(), "40000", "99", "198.51.100.1", $"send_spa_packet: bytes sent: {SpaLength}\n", run);
        Assert.Empty(client.Sender.Asked);
    }

    [Theory]
    [InlineData("-P http", "198.51.100.1", 62201, "/", "Fwknop/")]
    [InlineData("-P http -p 80 -u Fwknop/mine", "198.51.100.1", 80, "/", "Fwknop/mine\r\n")]
    [InlineData("-H http://198.51.100.9:3128/", "198.51.100.9", 3128, "http://198.51.100.1/", "Fwknop/")]
    [InlineData("-H 198.51.100.9 -p 8080", "198.51.100.9", 8080, "http://198.51.100.1/", "Fwknop/")]
    [InlineData("-P udp -H 198.51.100.9", "198.51.100.9", 62201, "http://198.51.100.1/", "Fwknop/")]
    public void Http(string options, string host, int port, string target, string agent)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, "-D", "198.51.100.1", .. options.Split(' '), "-v"]);
        SentPacket sent = Assert.Single(client.Sender.Sent);
        Assert.Equal((TransportKind.Stream, new IPEndPoint(IPAddress.Parse(host), port)), (sent.Kind, sent.Target));
        string path = run.Field("Final SPA Data").Replace('+', '-').Replace('/', '_');
        string request = Encoding.ASCII.GetString(sent.Packet);
        Assert.StartsWith($"GET {target}{path} HTTP/1.1\r\nUser-Agent: {agent}", request, StringComparison.Ordinal);
        Assert.EndsWith("\r\nAccept: */*\r\nHost: 198.51.100.1\r\nConnection: close\r\n\r\n", request, StringComparison.Ordinal);
        Assert.EndsWith($"\nsend_spa_packet: bytes sent: {request.Length}\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Test_run_of_http_shows_the_request()
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, "-D", "srv", "-P", "http", "-T", "-v"]);
        Assert.Contains(
            "\r\nHost: srv\r\nConnection: close\r\n\r\n\nTest mode enabled, SPA packet not actually sent.\nsend_spa_packet: bytes sent: 0\n",
            run.Output,
            StringComparison.Ordinal);
        run = client.Run([.. Ordinary, "-D", "srv", "-P", "http", "-T"]);
        Assert.EndsWith("\n\nTest mode enabled, SPA packet not actually sent.\n", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("GET ", run.Output, StringComparison.Ordinal);
        Assert.Empty(client.Sender.Sent);
        Assert.Empty(client.Sender.Asked);
    }

    [Theory]
    [InlineData("udpraw", 28, 17)]
    [InlineData("tcpraw", 40, 6)]
    [InlineData("icmp", 28, 1)]
    public void Raw(string transport, int headers, byte protocol)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run(
            [.. Ordinary, "-D", "198.51.100.1", "-P", transport, "-Q", "203.0.113.5", "-S", "1234", "-p", "443", "-v"]);
        SentPacket sent = Assert.Single(client.Sender.Sent);
        Assert.Equal((TransportKind.Raw, IPAddress.Parse("198.51.100.1")), (sent.Kind, sent.Target.Address));
        Assert.Equal((byte)255, sent.Packet[8]);
        Assert.Equal(protocol, sent.Packet[9]);
        Assert.Equal([203, 0, 113, 5, 198, 51, 100, 1], sent.Packet[12..20]);
        Assert.NotEqual([0, 0], sent.Packet[4..6]);
        Assert.Equal(run.Field("Final SPA Data"), Encoding.ASCII.GetString(sent.Packet.AsSpan(headers)));
        if (transport != "icmp")
        {
            Assert.Equal(1234, BinaryPrimitives.ReadUInt16BigEndian(sent.Packet.AsSpan(20)));
            Assert.Equal(443, BinaryPrimitives.ReadUInt16BigEndian(sent.Packet.AsSpan(22)));
        }

        AssertEnd(transport, "1234", "443", "198.51.100.1", $"send_spa_packet: bytes sent: {SpaLength + headers}\n", run);
    }

    [Theory]
    [InlineData("udpraw", 0)]
    [InlineData("tcpraw", 198)] // known beforehand: the checksum covers it
    [InlineData("icmp", 0)]
    public void Source_that_is_not_forged_is_left_to_the_kernel_where_it_can_be(string transport, byte first)
    {
        using ClientHarness client = new();
        Assert.Equal(0, client.Run([.. Ordinary, "-D", "198.51.100.1", "-P", transport]).Status);
        Assert.Equal(first, client.Sender.Packet[12]);
    }

    [Theory]
    [InlineData("", 0, 0)]
    [InlineData("--icmp-type 8", 8, 0)]
    [InlineData("--icmp-type 40 --icmp-code 15", 40, 15)]
    [InlineData("--icmp-code 3 --icmp-type 3", 3, 3)]
    public void Icmp_type_and_code(string options, byte type, byte code)
    {
        using ClientHarness client = new();
        Assert.Equal(
            0, client.Run([.. Ordinary, "-D", "198.51.100.1", "-P", "icmp", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]).Status);
        Assert.Equal([type, code], client.Sender.Packet[20..22]);
        Assert.Equal(type == 8, client.Sender.Packet[27] == 1);
    }

    [Theory]
    [InlineData("-r -p 22", "destination port", false)]
    [InlineData("-r -T", "destination port", false)]
    [InlineData("-r -P http", "destination port", false)]
    [InlineData("-P udpraw", "source port", true)]
    [InlineData("-P tcpraw -T", "source port", true)]
    [InlineData("-P icmp", "source port", true)]
    public void Random_ports_are_new_each_time_and_independent_of_the_packet(string options, string label, bool isSource)
    {
        HashSet<int> ports = [];
        for (int round = 0; round < 8; round++)
        {
            using ClientHarness client = new();
            ClientRunResult run = client.Run([.. Ordinary, "-D", "198.51.100.1", "-v", .. options.Split(' ')]);
            Assert.Equal(0, run.Status);
            int port = int.Parse(run.Field(label), CultureInfo.InvariantCulture);
            Assert.InRange(port, 10000, 65535);
            int digits = int.Parse(run.Field("Random Value").AsSpan(0, 5), CultureInfo.InvariantCulture);
            ports.Add(port - (digits % 55535));
            foreach (SentPacket sent in client.Sender.Sent.Where(sent => sent.Kind != TransportKind.Raw || sent.Packet[9] != 1))
            {
                int used = sent.Kind != TransportKind.Raw ? sent.Target.Port
                    : BinaryPrimitives.ReadUInt16BigEndian(sent.Packet.AsSpan(isSource ? 20 : 22));
                Assert.Equal(port, used);
            }
        }

        Assert.True(ports.Count > 1, "every port is that of the reference");
    }

    [Theory]
    [InlineData("-P tcp", "192.0.2.1 192.0.2.2 2001:db8::1")]
    [InlineData("-P http", "192.0.2.1 192.0.2.2 2001:db8::1")]
    [InlineData("-P tcp -a 2001:db8::7", "2001:db8::1 192.0.2.1 192.0.2.2")]
    [InlineData("-P tcp -6", "2001:db8::1")]
    [InlineData("-P tcp -4 -a 2001:db8::7", "192.0.2.1 192.0.2.2")]
    [InlineData("-P udp", "192.0.2.1")]
    [InlineData("-P udp -a 2001:db8::7", "2001:db8::1")]
    [InlineData("-P udp --ipv6-only", "2001:db8::1")]
    [InlineData("-P udp --server-resolve-ipv4 -a 2001:db8::7", "192.0.2.1")]
    [InlineData("-P udpraw -a 2001:db8::7", "192.0.2.1")]
    public void Addresses_are_tried_in_order_and_named(string options, string expected)
    {
        using ClientHarness client = WithNames();
        client.Sender.Failure = new SendFailure(SendStep.Send, "No route to host");
        ClientRunResult run = client.Run([.. Ordinary, "-D", "both", "-v", .. options.Split(' ')]);
        Assert.Equal(1, run.Status);
        IEnumerable<string> tried = run.Output.Split('\n')
            .Where(line => line.StartsWith("send_spa_packet: address of both: ", StringComparison.Ordinal)).Select(line => line[34..]);
        Assert.Equal(expected, string.Join(' ', tried));
    }

    [Fact]
    public void The_first_address_that_connects_is_the_last()
    {
        using ClientHarness client = WithNames();
        client.Sender.Failures[IPAddress.Parse("192.0.2.1")] = new SendFailure(SendStep.Send, "Connection refused");
        ClientRunResult run = client.Run([.. Ordinary, "-D", "both", "-P", "tcp", "-v"]);
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Equal(IPAddress.Parse("192.0.2.2"), Assert.Single(client.Sender.Sent).Target.Address);
        AssertEnd(
            "tcp",
            "<OS assigned>",
            "62201",
            "both",
            $"""
            send_spa_packet: address of both: 192.0.2.1
            send_spa_packet: 192.0.2.1, port 62201: Connection refused
            send_spa_packet: address of both: 192.0.2.2
            send_spa_packet: bytes sent: {SpaLength}

            """,
            run);
    }

    [Theory]
    [InlineData("SERVER_RESOLVE_IPV4 Y", "-a 2001:db8::7", "192.0.2.1")]
    [InlineData("SERVER_RESOLVE_IPV4 N", "-a 2001:db8::7", "2001:db8::1")]
    [InlineData("SERVER_RESOLVE_IPV4 Y", "-6 -a 192.0.2.7", "2001:db8::1")]
    public void Family_from_the_rc_file(string line, string options, string expected)
    {
        using ClientHarness client = WithNames().WithRc($"[default]\n{line}\nSPA_SERVER both\nKEY k\nHMAC_KEY h\n");
        Assert.Equal(0, client.Run(["-A", "tcp/22", .. options.Split(' ')]).Status);
        Assert.Equal(IPAddress.Parse(expected), Assert.Single(client.Sender.Sent).Target.Address);
    }

    [Fact]
    public void How_to_send_from_the_rc_file()
    {
        using ClientHarness client = new ClientHarness().WithRc(
            "[default]\nSPA_SERVER 198.51.100.1\nALLOW_IP source\nKEY k\nHMAC_KEY h\nSPA_SERVER_PROTO UDPRAW\nSPOOF_SOURCE_IP 203.0.113.5\nRAND_PORT Y\n");
        Assert.Equal(0, client.Run("-A", "tcp/22").Status);
        Assert.Equal([203, 0, 113, 5], client.Sender.Packet[12..16]);
        Assert.InRange(BinaryPrimitives.ReadUInt16BigEndian(client.Sender.Packet.AsSpan(22)), 10000, 65535);
    }

    [Theory]
    [InlineData("-P udp", "error in getaddrinfo: Name or service not known\n[*] The host is 'srv'.\n")]
    [InlineData("-P tcp", "error in getaddrinfo: Name or service not known\n[*] The host is 'srv'.\n")]
    [InlineData("-H proxy", "error in getaddrinfo: Name or service not known\n[*] The host is 'proxy'.\n")]
    [InlineData("-P udpraw", "resolve_dst_addr() : Name or service not known\n[*] Unable to resolve srv as an ip address\n")]
    [InlineData("-P tcpraw -T", "resolve_dst_addr() : Name or service not known\n[*] Unable to resolve srv as an ip address\n")]
    public void Name_is_unknown(string options, string expected)
    {
        using ClientHarness client = new();
        client.Sender.LookupProblem = "Name or service not known";
        ClientRunResult run = client.Run([.. Ordinary, "-D", "srv", .. options.Split(' ')]);
        Assert.Equal((1, expected + "send_spa_packet: packet not sent.\n"), (run.Status, run.Error));
        Assert.Equal(options.Contains("proxy", StringComparison.Ordinal) ? "proxy" : "srv", Assert.Single(client.Sender.Asked));
    }

    [Theory]
    [InlineData("-D six -4", "error in getaddrinfo: Address family for hostname not supported",
        "[*] six has no IPv4 address, and -4 (--ipv4-only, --server-resolve-ipv4) allows no other.")]
    [InlineData("-D four -P tcp -6", "error in getaddrinfo: Address family for hostname not supported",
        "[*] four has no IPv6 address, and -6 (--ipv6-only) allows no other.")]
    [InlineData("-D six -P icmp", "resolve_dst_addr() : Address family for hostname not supported",
        "[*] Unable to resolve six as an ip address\n[*] six has no IPv4 address, and -P icmp sends over IPv4 only.")]
    [InlineData("-D ::1 -P udpraw", "resolve_dst_addr() : Address family for hostname not supported",
        "[*] Unable to resolve ::1 as an ip address\n[*] ::1 has no IPv4 address, and -P udpraw sends over IPv4 only.")]
    [InlineData("-D four -H [::1] -4", "error in getaddrinfo: Address family for hostname not supported",
        "[*] ::1 has no IPv4 address, and -4 (--ipv4-only, --server-resolve-ipv4) allows no other.")]
    public void Family_is_missing(string options, string problem, string explanation)
    {
        using ClientHarness client = WithNames();
        ClientRunResult run = client.Run([.. Ordinary, .. options.Split(' ')]);
        Assert.Equal((1, $"{problem}\n{explanation}\nsend_spa_packet: packet not sent.\n"), (run.Status, run.Error));
        Assert.Empty(client.Sender.Sent);
    }

    [Theory]
    [InlineData("-P udp", "Send", "send_spa_packet_tcp_or_udp: Could not create socket: why\n")]
    [InlineData("-P tcp", "OpenSocket", "send_spa_packet_tcp_or_udp: Could not create socket: why\n")]
    [InlineData("-P http -S 80", "BindSourcePort", "send_spa_packet_tcp_or_udp: Could not bind source port 80: why\n")]
    [InlineData("-P udpraw", "OpenSocket", "send_spa_packet_udp_raw: create socket: why\n[*] -P udpraw needs the privilege CAP_NET_RAW, which root has.\n")]
    [InlineData("-P tcpraw", "OpenSocket", "send_spa_packet_tcp_raw: create socket: why\n[*] -P tcpraw needs the privilege CAP_NET_RAW, which root has.\n")]
    [InlineData("-P icmp", "OpenSocket", "send_spa_packet_icmp: create socket: why\n[*] -P icmp needs the privilege CAP_NET_RAW, which root has.\n")]
    [InlineData("-P udpraw", "Send", "send_spa_packet_udp_raw: sendto error: why\n")]
    [InlineData("-P tcpraw", "Send", "send_spa_packet_tcp_raw: sendto error: why\n")]
    [InlineData("-P icmp", "NotSupported", "send_spa_packet_icmp: raw packets are not yet supported.\n")]
    public void Packet_is_not_taken(string options, string step, string expected)
    {
        using ClientHarness client = new();
        client.Sender.Failure = new SendFailure(Enum.Parse<SendStep>(step), "why", IsDenied: true);
        ClientRunResult run = client.Run([.. Ordinary, "-D", "198.51.100.1", .. options.Split(' ')]);
        Assert.Equal((1, "", expected + "send_spa_packet: packet not sent.\n"), (run.Status, run.Output, run.Error));
    }

    [Theory]
    [InlineData("-H http://proxy:99999/path", "[-] proxy port value is invalid, must be in [1-65535]")]
    [InlineData("-H proxy:abc -T", "[-] proxy port value is invalid, must be in [1-65535]")]
    public void Request_cannot_be_made(string options, string expected)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, "-D", "srv", .. options.Split(' ')]);
        Assert.Equal((1, $"{expected}\nsend_spa_packet: packet not sent.\n"), (run.Status, run.Error));
        Assert.Empty(client.Sender.Sent);
    }

    [Fact]
    public void Request_is_too_long()
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, "-D", "srv", "-P", "http", "--no-save-args", "-u", "Fwknop" + new string('x', 2000)]);
        Assert.Equal(1, run.Status);
        Assert.Matches(
            "^\\[\\*\\] The HTTP request has 2[0-9]{3} bytes, at most 1999 can be sent.\nsend_spa_packet: packet not sent.\n$", run.Error);
    }

    private static ClientHarness WithNames()
    {
        ClientHarness client = new();
        client.Sender.Addresses["both"] = [IPAddress.Parse("2001:db8::1"), IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2")];
        client.Sender.Addresses["four"] = [IPAddress.Parse("192.0.2.1")];
        client.Sender.Addresses["six"] = [IPAddress.Parse("2001:db8::1")];
        return client;
    }

    private static void AssertEnd(string transport, string sourcePort, string port, string host, string end, ClientRunResult run)
    {
        Assert.Equal("", run.Error);
        Assert.EndsWith(
            $"""

            Generating SPA packet:
                        protocol: {transport}
                     source port: {sourcePort}
                destination port: {port}
                         IP/host: {host}
            {end}
            """,
            run.Output,
            StringComparison.Ordinal);
    }
}
