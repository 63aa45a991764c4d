using System.Net;
using System.Text.Json;
using Fwknop.Fuzz;
using Fwknop.Fuzz.Targets;
using Fwknop.Listener.Capture;
using Fwknop.TestSupport;

namespace Fwknop.Listener.Tests.Capture;

public sealed class FrameParserTests
{
    private const int Ethernet = 1;
    private const int Ppp = 9;
    private const int Raw = 12;
    private const int PppSerial = 50;
    private const int PppOverEthernet = 51;
    private const int Null = 0;
    private const int Loop = 108;
    private const int Cooked = 113;
    private const int RawIPv4 = 228;
    private const int RawIPv6 = 229;
    private const int Cooked2 = 276;

    private const int IPv4 = 0x0800;
    private const int IPv6 = 0x86DD;
    private const byte Icmp = 1;
    private const byte Tcp = 6;
    private const byte Udp = 17;
    private const byte IcmpV6 = 58;

    private const byte HopByHop = 0;
    private const byte Routing = 43;
    private const byte FragmentHeader = 44;
    private const byte Authentication = 51;
    private const byte DestinationOptions = 60;

    private static readonly byte[] Payload = [.. Enumerable.Range(0, 200).Select(i => (byte)('A' + (i % 26)))];

    private static byte[] Udp4 => FrameBuilder.IPv4(Udp, FrameBuilder.Udp(Payload));

    private static byte[] Udp6 => FrameBuilder.IPv6(Udp, FrameBuilder.Udp(Payload));

    private static byte[] Tcp4 => FrameBuilder.IPv4(Tcp, FrameBuilder.Tcp(Payload));

    public static TheoryData<string, int, byte[], byte> Accepted() => new()
    {
        { "Ethernet, IPv4, UDP", Ethernet, FrameBuilder.Ethernet(IPv4, Udp4), Udp },
        { "Ethernet, IPv6, UDP", Ethernet, FrameBuilder.Ethernet(IPv6, Udp6), Udp },
        { "Ethernet, IPv4, TCP", Ethernet, FrameBuilder.Ethernet(IPv4, Tcp4), Tcp },
        { "TCP with options", Ethernet, FrameBuilder.Ethernet(IPv4, FrameBuilder.IPv4(Tcp, FrameBuilder.Tcp(Payload, new byte[40]))), Tcp },
        { "TCP over IPv6", Raw, FrameBuilder.IPv6(Tcp, FrameBuilder.Tcp(Payload)), Tcp },
        { "ICMP", Raw, FrameBuilder.IPv4(Icmp, FrameBuilder.Icmp(Payload)), Icmp },
        { "ICMPv6", Raw, FrameBuilder.IPv6(IcmpV6, FrameBuilder.Icmp(Payload)), IcmpV6 },
        { "IP options, 4 bytes", Ethernet, FrameBuilder.Ethernet(IPv4, FrameBuilder.IPv4(Udp, FrameBuilder.Udp(Payload), new byte[4])), Udp },
        { "IP options, 8 bytes", Ethernet, FrameBuilder.Ethernet(IPv4, FrameBuilder.IPv4(Udp, FrameBuilder.Udp(Payload), new byte[8])), Udp },
        { "IP options, 40 bytes", Ethernet, FrameBuilder.Ethernet(IPv4, FrameBuilder.IPv4(Udp, FrameBuilder.Udp(Payload), new byte[40])), Udp },
        { "one VLAN tag", Ethernet, FrameBuilder.Ethernet(0x8100, FrameBuilder.Vlan(IPv4, Udp4)), Udp },
        { "QinQ", Ethernet, FrameBuilder.Ethernet(0x88A8, FrameBuilder.Vlan(0x8100, FrameBuilder.Vlan(IPv6, Udp6))), Udp },
        { "QinQ, old outer type", Ethernet, FrameBuilder.Ethernet(0x9100, FrameBuilder.Vlan(0x8100, FrameBuilder.Vlan(IPv4, Udp4))), Udp },
        { "802.3 with SNAP", Ethernet, Snap(Udp4), Udp },
        { "802.3 with SNAP, IPv6", Ethernet, Snap(Udp6, IPv6), Udp },
        { "802.3 with SNAP behind a VLAN tag", Ethernet, FrameBuilder.Ethernet(0x8100, Snap(Udp4)[10..]), Udp },
        { "802.3 with SNAP behind two VLAN tags", Ethernet, FrameBuilder.Ethernet(0x88A8, FrameBuilder.Vlan(0x8100, Snap(Tcp4)[10..])), Tcp },
        { "padding behind 802.3 with SNAP", Ethernet, [.. Snap(Udp4), .. new byte[46]], Udp },
        { "VLAN tag on Linux cooked", Cooked, FrameBuilder.Cooked(0x8100, FrameBuilder.Vlan(IPv4, Udp4)), Udp },
        { "Linux cooked, IPv4", Cooked, FrameBuilder.Cooked(IPv4, Udp4), Udp },
        { "Linux cooked, IPv6", Cooked, FrameBuilder.Cooked(IPv6, Udp6), Udp },
        { "Linux cooked v2, IPv4", Cooked2, FrameBuilder.Cooked2(IPv4, Udp4), Udp },
        { "Linux cooked v2, IPv6", Cooked2, FrameBuilder.Cooked2(IPv6, Udp6), Udp },
        { "raw, IPv4", Raw, Udp4, Udp },
        { "raw, IPv6", Raw, Udp6, Udp },
        { "raw IPv4 only", RawIPv4, Udp4, Udp },
        { "raw IPv6 only", RawIPv6, Udp6, Udp },
        { "raw, source 5.219.0.1 (taken for a length by the reference)", Raw, Patch(Udp4, 12, 5, 219, 0, 1), Udp },
        { "raw, source 129.0.0.1 (taken for a VLAN by the reference)", Raw, Patch(Udp4, 12, 129, 0, 0, 1), Udp },
        { "raw, source 170.170.0.1 (taken for a SNAP header by the reference)", Raw, Patch(Udp4, 12, 170, 170, 0, 1), Udp },
        { "PPP, IPv4", Ppp, FrameBuilder.Ppp(0x21, Udp4), Udp },
        { "PPP, IPv6", Ppp, FrameBuilder.Ppp(0x57, Udp6), Udp },
        { "PPP in HDLC-like framing", Ppp, [0xFF, 0x03, .. FrameBuilder.Ppp(0x21, Udp4)], Udp },
        { "PPP with a compressed protocol", Ppp, [0x21, .. Udp4], Udp },
        { "PPP with a compressed protocol, IPv6, framed", PppSerial, [0xFF, 0x03, 0x57, .. Udp6], Udp },
        { "PPP serial", PppSerial, [0xFF, 0x03, .. FrameBuilder.Ppp(0x21, Tcp4)], Tcp },
        { "Cisco HDLC, unicast", PppSerial, [0x0F, 0x00, 0x08, 0x00, .. Udp4], Udp },
        { "Cisco HDLC, broadcast, IPv6", PppSerial, [0x8F, 0x00, 0x86, 0xDD, .. Udp6], Udp },
        { "PPPoE, IPv4", PppOverEthernet, FrameBuilder.PppSession(FrameBuilder.Ppp(0x21, Udp4)), Udp },
        { "PPPoE, IPv6", PppOverEthernet, FrameBuilder.PppSession(FrameBuilder.Ppp(0x57, Udp6)), Udp },
        { "PPPoE in Ethernet", Ethernet, FrameBuilder.Ethernet(0x8864, FrameBuilder.PppSession(FrameBuilder.Ppp(0x21, Udp4))), Udp },
        { "padding behind PPPoE in Ethernet", Ethernet, [.. FrameBuilder.Ethernet(0x8864, FrameBuilder.PppSession(FrameBuilder.Ppp(0x21, Udp4))), .. new byte[46]], Udp },
        { "PPPoE behind a VLAN tag", Ethernet, FrameBuilder.Ethernet(0x8100, FrameBuilder.Vlan(0x8864, FrameBuilder.PppSession(FrameBuilder.Ppp(0x21, Udp4)))), Udp },
        { "PPPoE in Linux cooked v2", Cooked2, FrameBuilder.Cooked2(0x8864, FrameBuilder.PppSession(FrameBuilder.Ppp(0x57, Udp6))), Udp },
        { "null, IPv4", Null, FrameBuilder.Null(2, Udp4), Udp },
        { "null, IPv4, other byte order", Null, FrameBuilder.Loop(2, Udp4), Udp },
        { "null, IPv6 of FreeBSD", Null, FrameBuilder.Null(28, Udp6), Udp },
        { "loop, IPv6 of OpenBSD", Loop, FrameBuilder.Loop(24, Udp6), Udp },
        { "padding behind the packet", Ethernet, [.. FrameBuilder.Ethernet(IPv4, Udp4), .. new byte[46]], Udp },
        { "don't fragment is no fragment", Raw, Patch(Udp4, 6, 0x40, 0), Udp },
        { "the reserved flag is no fragment", Raw, Patch(Udp4, 6, 0x80, 0), Udp },
        { "wrong checksums are the sender's affair", Raw, Patch(Patch(Udp4, 10, 1, 2), 26, 3, 4), Udp },
        { "hop-by-hop options", Raw, FrameBuilder.IPv6(HopByHop, FrameBuilder.Extension(Udp, FrameBuilder.Udp(Payload))), Udp },
        { "routing header without segments left", Raw, FrameBuilder.IPv6(Routing, FrameBuilder.Extension(Udp, FrameBuilder.Udp(Payload))), Udp },
        { "authentication header", Raw, FrameBuilder.IPv6(Authentication, FrameBuilder.Authentication(Udp, 12, FrameBuilder.Udp(Payload))), Udp },
        { "the smallest authentication header", Raw, FrameBuilder.IPv6(Authentication, FrameBuilder.Authentication(Udp, 4, FrameBuilder.Udp(Payload))), Udp },
        { "authentication header between others", Raw, FrameBuilder.IPv6(HopByHop, FrameBuilder.Extension(Authentication, FrameBuilder.Authentication(DestinationOptions, 20, FrameBuilder.Extension(Udp, FrameBuilder.Udp(Payload))))), Udp },
        { "authentication header in IPv4", Raw, FrameBuilder.IPv4(Authentication, FrameBuilder.Authentication(Udp, 12, FrameBuilder.Udp(Payload))), Udp },
        { "authentication header without check value in IPv4", Raw, FrameBuilder.IPv4(Authentication, FrameBuilder.Authentication(Udp, 0, FrameBuilder.Udp(Payload))), Udp },
        { "eight extension headers", Raw, FrameBuilder.IPv6(DestinationOptions, Chain(8)), Udp },
        { "extension header of 24 bytes", Raw, FrameBuilder.IPv6(DestinationOptions, [Udp, 2, .. new byte[22], .. FrameBuilder.Udp(Payload)]), Udp },
    };

    public static TheoryData<string, int, byte[], string> Refused() => new()
    {
        { "unknown link type", 147, FrameBuilder.Ethernet(IPv4, Udp4), nameof(FrameRejection.LinkType) },
        { "negative link type", -1, Udp4, nameof(FrameRejection.LinkType) },
        { "nothing", Ethernet, [], nameof(FrameRejection.LinkHeader) },
        { "nothing, raw", Raw, [], nameof(FrameRejection.IpHeader) },
        { "Ethernet header of 13 bytes", Ethernet, FrameBuilder.Ethernet(IPv4, [])[..13], nameof(FrameRejection.LinkHeader) },
        { "only an Ethernet header", Ethernet, FrameBuilder.Ethernet(IPv4, []), nameof(FrameRejection.IpHeader) },
        { "VLAN tag of 3 bytes", Ethernet, FrameBuilder.Ethernet(0x8100, [0, 1, 8]), nameof(FrameRejection.LinkHeader) },
        { "three VLAN tags", Ethernet, FrameBuilder.Ethernet(0x8100, FrameBuilder.Vlan(0x8100, FrameBuilder.Vlan(0x8100, FrameBuilder.Vlan(IPv4, Udp4)))), nameof(FrameRejection.VlanDepth) },
        { "ARP", Ethernet, FrameBuilder.Ethernet(0x0806, new byte[46]), nameof(FrameRejection.NotIp) },
        { "802.3 length", Ethernet, FrameBuilder.Ethernet(228, Udp4), nameof(FrameRejection.NotIp) },
        { "802.3 length of 1501", Ethernet, Patch(Snap(Udp4), 12, 0x05, 0xDD), nameof(FrameRejection.NotIp) },
        { "802.3 length 0", Ethernet, Patch(Snap(Udp4), 12, 0, 0), nameof(FrameRejection.LinkHeader) },
        { "802.3 length of half a SNAP header", Ethernet, Patch(Snap(Udp4), 12, 0, 7), nameof(FrameRejection.LinkHeader) },
        { "802.3 length of a SNAP header alone", Ethernet, Patch(Snap(Udp4), 12, 0, 8), nameof(FrameRejection.IpHeader) },
        { "802.3 length one less than the packet's", Ethernet, Patch(Snap(Udp4), 12, 0, 235), nameof(FrameRejection.IpLength) },
        { "802.3 length one more than there is", Ethernet, Patch(Snap(Udp4), 12, 0, 237), nameof(FrameRejection.LinkHeader) },
        { "802.3 length of 1500 where there is less", Ethernet, Patch(Snap(Udp4), 12, 0x05, 0xDC), nameof(FrameRejection.LinkHeader) },
        { "802.3 with another LLC service", Ethernet, Patch(Snap(Udp4), 14, 0x42, 0x42), nameof(FrameRejection.NotIp) },
        { "802.3 with another LLC control", Ethernet, Patch(Snap(Udp4), 16, 0x13), nameof(FrameRejection.NotIp) },
        { "802.3 with SNAP of another organisation", Ethernet, Patch(Snap(Udp4), 17, 0, 0, 0x0C), nameof(FrameRejection.NotIp) },
        { "802.3 with SNAP, ARP", Ethernet, Snap(new byte[46], 0x0806), nameof(FrameRejection.NotIp) },
        { "802.3 with SNAP, another length inside", Ethernet, Snap(Udp4, 228), nameof(FrameRejection.NotIp) },
        { "802.3 with SNAP, a VLAN tag inside", Ethernet, Snap(FrameBuilder.Vlan(IPv4, Udp4), 0x8100), nameof(FrameRejection.NotIp) },
        { "802.3 with SNAP of 7 bytes", Ethernet, Patch(Snap([])[..21], 12, 0, 7), nameof(FrameRejection.LinkHeader) },
        { "802.3 length behind Linux cooked", Cooked, FrameBuilder.Cooked(236, Snap(Udp4)[14..]), nameof(FrameRejection.NotIp) },
        { "MPLS", Ethernet, FrameBuilder.Ethernet(0x8847, Udp4), nameof(FrameRejection.NotIp) },
        { "Linux cooked header of 15 bytes", Cooked, FrameBuilder.Cooked(IPv4, [])[..15], nameof(FrameRejection.LinkHeader) },
        { "Linux cooked v2 header of 19 bytes", Cooked2, FrameBuilder.Cooked2(IPv4, [])[..19], nameof(FrameRejection.LinkHeader) },
        { "PPP, nothing", Ppp, [], nameof(FrameRejection.LinkHeader) },
        { "PPP, half a protocol", Ppp, [0], nameof(FrameRejection.LinkHeader) },
        { "PPP, only framing", Ppp, [0xFF, 0x03], nameof(FrameRejection.LinkHeader) },
        { "PPP, half the framing", PppSerial, [0xFF], nameof(FrameRejection.NotIp) },
        { "PPP, LCP", Ppp, [0xFF, 0x03, .. FrameBuilder.Ppp(0xC021, Udp4)], nameof(FrameRejection.NotIp) },
        { "PPP, IPv6 in IPv4's protocol", Ppp, FrameBuilder.Ppp(0x21, Udp6), nameof(FrameRejection.IpVersion) },
        { "Cisco HDLC header of 3 bytes", PppSerial, [0x0F, 0, 8], nameof(FrameRejection.LinkHeader) },
        { "Cisco HDLC, keep-alive", PppSerial, [0x8F, 0, 0x80, 0x35, .. new byte[20]], nameof(FrameRejection.NotIp) },
        { "PPPoE header of 5 bytes", PppOverEthernet, FrameBuilder.PppSession([])[..5], nameof(FrameRejection.LinkHeader) },
        { "PPPoE, nothing inside", PppOverEthernet, FrameBuilder.PppSession([]), nameof(FrameRejection.LinkHeader) },
        { "PPPoE, another version", PppOverEthernet, Patch(FrameBuilder.PppSession(FrameBuilder.Ppp(0x21, Udp4)), 0, 0x21), nameof(FrameRejection.LinkHeader) },
        { "PPPoE, no session data", PppOverEthernet, Patch(FrameBuilder.PppSession(FrameBuilder.Ppp(0x21, Udp4)), 1, 0xA7), nameof(FrameRejection.LinkHeader) },
        { "PPPoE, shorter than the packet in it", PppOverEthernet, Patch(FrameBuilder.PppSession(FrameBuilder.Ppp(0x21, Udp4)), 4, 0, 229), nameof(FrameRejection.IpLength) },
        { "PPPoE discovery", Ethernet, FrameBuilder.Ethernet(0x8863, FrameBuilder.PppSession(FrameBuilder.Ppp(0x21, Udp4))), nameof(FrameRejection.NotIp) },
        { "null header of 3 bytes", Null, [2, 0, 0], nameof(FrameRejection.LinkHeader) },
        { "null, another family", Null, FrameBuilder.Null(7, Udp4), nameof(FrameRejection.NotIp) },
        { "loop, IPv6 in IPv4's family", Loop, FrameBuilder.Loop(2, Udp6), nameof(FrameRejection.IpVersion) },
        { "IPv6 behind IPv4's EtherType", Ethernet, FrameBuilder.Ethernet(IPv4, Udp6), nameof(FrameRejection.IpVersion) },
        { "IPv4 behind IPv6's EtherType", Ethernet, FrameBuilder.Ethernet(IPv6, Udp4), nameof(FrameRejection.IpVersion) },
        { "IPv6 on raw IPv4", RawIPv4, Udp6, nameof(FrameRejection.IpVersion) },
        { "IPv4 on raw IPv6", RawIPv6, Udp4, nameof(FrameRejection.IpVersion) },
        { "version 0", Raw, Patch(Udp4, 0, 0x05), nameof(FrameRejection.IpVersion) },
        { "version 5", Raw, Patch(Udp4, 0, 0x55), nameof(FrameRejection.IpVersion) },
        { "version 15", Raw, Patch(Udp4, 0, 0xF5), nameof(FrameRejection.IpVersion) },
        { "IHL 0", Raw, Patch(Udp4, 0, 0x40), nameof(FrameRejection.IpHeaderLength) },
        { "IHL 4", Raw, Patch(Udp4, 0, 0x44), nameof(FrameRejection.IpHeaderLength) },
        { "IHL beyond the total length", Raw, Patch(FrameBuilder.IPv4(Udp, FrameBuilder.Udp([])), 0, 0x4F), nameof(FrameRejection.IpHeaderLength) },
        { "total length 0", Raw, Patch(Udp4, 2, 0, 0), nameof(FrameRejection.IpLength) },
        { "total length 19", Raw, Patch(Udp4, 2, 0, 19), nameof(FrameRejection.IpLength) },
        { "total length one more than there is", Raw, Patch(Udp4, 2, 0, 229), nameof(FrameRejection.IpLength) },
        { "total length 65535", Raw, Patch(Udp4, 2, 0xFF, 0xFF), nameof(FrameRejection.IpLength) },
        { "total length one less than UDP's", Raw, Patch(Udp4, 2, 0, 227), nameof(FrameRejection.UdpLength) },
        { "total length that ends in the UDP header", Raw, Patch(Udp4, 2, 0, 27), nameof(FrameRejection.TransportHeader) },
        { "first fragment", Raw, Patch(Udp4, 6, 0x20, 0), nameof(FrameRejection.Fragment) },
        { "middle fragment", Raw, Patch(Udp4, 6, 0x20, 1), nameof(FrameRejection.Fragment) },
        { "last fragment", Raw, Patch(Udp4, 6, 0, 1), nameof(FrameRejection.Fragment) },
        { "last fragment, high offset", Raw, Patch(Udp4, 6, 0x10, 0), nameof(FrameRejection.Fragment) },
        { "IP in IP", Raw, FrameBuilder.IPv4(4, Udp4), nameof(FrameRejection.Transport) },
        { "GRE", Raw, FrameBuilder.IPv4(47, Udp4), nameof(FrameRejection.Transport) },
        { "protocol 0 in IPv4", Raw, FrameBuilder.IPv4(0, FrameBuilder.Udp(Payload)), nameof(FrameRejection.Transport) },
        { "IPv6's extension header in IPv4", Raw, FrameBuilder.IPv4(DestinationOptions, Chain(1)), nameof(FrameRejection.Transport) },
        { "ICMPv6 in IPv4", Raw, FrameBuilder.IPv4(IcmpV6, FrameBuilder.Icmp(Payload)), nameof(FrameRejection.Transport) },
        { "ICMP in IPv6", Raw, FrameBuilder.IPv6(Icmp, FrameBuilder.Icmp(Payload)), nameof(FrameRejection.Transport) },
        { "no next header", Raw, FrameBuilder.IPv6(59, FrameBuilder.Udp(Payload)), nameof(FrameRejection.Transport) },
        { "authentication header that is too short", Raw, FrameBuilder.IPv6(Authentication, FrameBuilder.Extension(Udp, FrameBuilder.Udp(Payload))), nameof(FrameRejection.ExtensionHeader) },
        { "authentication header of 12 bytes in IPv6", Raw, FrameBuilder.IPv6(Authentication, FrameBuilder.Authentication(Udp, 0, FrameBuilder.Udp(Payload))), nameof(FrameRejection.ExtensionHeader) },
        { "authentication header of 11 bytes", Raw, FrameBuilder.IPv6(Authentication, FrameBuilder.Authentication(Udp, 4, [])[..11]), nameof(FrameRejection.ExtensionHeader) },
        { "authentication header beyond the packet", Raw, FrameBuilder.IPv6(Authentication, Patch(FrameBuilder.Authentication(Udp, 4, FrameBuilder.Udp(Payload)), 1, 254)), nameof(FrameRejection.ExtensionHeader) },
        { "authentication header and nothing behind", Raw, FrameBuilder.IPv6(Authentication, FrameBuilder.Authentication(Udp, 12, [])[..16]), nameof(FrameRejection.ExtensionHeader) },
        { "authentication header of 11 bytes in IPv4", Raw, FrameBuilder.IPv4(Authentication, FrameBuilder.Authentication(Udp, 0, [])[..11]), nameof(FrameRejection.ExtensionHeader) },
        { "authentication header beyond the packet in IPv4", Raw, FrameBuilder.IPv4(Authentication, FrameBuilder.Authentication(Udp, 12, [])[..20]), nameof(FrameRejection.ExtensionHeader) },
        { "two authentication headers in IPv4", Raw, FrameBuilder.IPv4(Authentication, FrameBuilder.Authentication(Authentication, 0, FrameBuilder.Authentication(Udp, 0, FrameBuilder.Udp(Payload)))), nameof(FrameRejection.Transport) },
        { "nine authentication headers", Raw, FrameBuilder.IPv6(Authentication, Enumerable.Range(0, 9).Aggregate(FrameBuilder.Udp(Payload), (inner, i) => FrameBuilder.Authentication(i == 0 ? Udp : Authentication, 4, inner))), nameof(FrameRejection.ExtensionHeader) },
        { "IP under an authentication header (tunnel mode)", Raw, FrameBuilder.IPv6(Authentication, FrameBuilder.Authentication(4, 12, Udp4)), nameof(FrameRejection.Transport) },
        { "UDP header of 7 bytes", Raw, FrameBuilder.IPv4(Udp, FrameBuilder.Udp([])[..7]), nameof(FrameRejection.TransportHeader) },
        { "UDP length 0", Raw, Patch(Udp4, 24, 0, 0), nameof(FrameRejection.UdpLength) },
        { "UDP length 7", Raw, Patch(Udp4, 24, 0, 7), nameof(FrameRejection.UdpLength) },
        { "UDP length one more", Raw, Patch(Udp4, 24, 0, 209), nameof(FrameRejection.UdpLength) },
        { "UDP length one less", Raw, Patch(Udp4, 24, 0, 207), nameof(FrameRejection.UdpLength) },
        { "UDP length that takes the padding", Ethernet, [.. FrameBuilder.Ethernet(IPv4, Patch(Udp4, 24, 0, 209)), 0], nameof(FrameRejection.UdpLength) },
        { "UDP length 65535", Raw, Patch(Udp6, 44, 0xFF, 0xFF), nameof(FrameRejection.UdpLength) },
        { "TCP header of 19 bytes", Raw, FrameBuilder.IPv4(Tcp, FrameBuilder.Tcp([])[..19]), nameof(FrameRejection.TransportHeader) },
        { "TCP data offset 0", Raw, Patch(Tcp4, 32, 0x00), nameof(FrameRejection.TcpHeaderLength) },
        { "TCP data offset 4", Raw, Patch(Tcp4, 32, 0x40), nameof(FrameRejection.TcpHeaderLength) },
        { "TCP data offset beyond the packet", Raw, Patch(FrameBuilder.IPv4(Tcp, FrameBuilder.Tcp([1, 2, 3])), 32, 0x60), nameof(FrameRejection.TcpHeaderLength) },
        { "ICMP header of 7 bytes", Raw, FrameBuilder.IPv4(Icmp, FrameBuilder.Icmp([])[..7]), nameof(FrameRejection.TransportHeader) },
        { "IPv6 header of 39 bytes", Raw, FrameBuilder.IPv6(Udp, [])[..39], nameof(FrameRejection.IpHeader) },
        { "IPv6 length 0 (jumbogram)", Raw, Patch(Udp6, 4, 0, 0), nameof(FrameRejection.IpLength) },
        { "IPv6 length one more than there is", Raw, Patch(Udp6, 4, 0, 209), nameof(FrameRejection.IpLength) },
        { "IPv6 length 65535", Raw, Patch(Udp6, 4, 0xFF, 0xFF), nameof(FrameRejection.IpLength) },
        { "IPv6 length one less than UDP's", Raw, Patch(Udp6, 4, 0, 207), nameof(FrameRejection.UdpLength) },
        { "mapped source", Raw, Patch(Udp6, 8, Mapped), nameof(FrameRejection.MappedAddress) },
        { "mapped destination", Raw, Patch(Udp6, 24, Mapped), nameof(FrameRejection.MappedAddress) },
        { "IPv6 fragment", Raw, FrameBuilder.IPv6(FragmentHeader, FrameBuilder.Extension(Udp, FrameBuilder.Udp(Payload))), nameof(FrameRejection.Fragment) },
        { "IPv6 fragment behind options", Raw, FrameBuilder.IPv6(DestinationOptions, FrameBuilder.Extension(FragmentHeader, FrameBuilder.Extension(Udp, FrameBuilder.Udp(Payload)))), nameof(FrameRejection.Fragment) },
        { "nine extension headers", Raw, FrameBuilder.IPv6(DestinationOptions, Chain(9)), nameof(FrameRejection.ExtensionHeader) },
        { "a thousand bytes of extension headers", Raw, FrameBuilder.IPv6(DestinationOptions, Chain(125)), nameof(FrameRejection.ExtensionHeader) },
        { "hop-by-hop options in second place", Raw, FrameBuilder.IPv6(DestinationOptions, FrameBuilder.Extension(HopByHop, FrameBuilder.Extension(Udp, FrameBuilder.Udp(Payload)))), nameof(FrameRejection.ExtensionHeader) },
        { "routing header with a segment left", Raw, FrameBuilder.IPv6(Routing, Patch(FrameBuilder.Extension(Udp, FrameBuilder.Udp(Payload)), 3, 1)), nameof(FrameRejection.ExtensionHeader) },
        { "extension header of 7 bytes", Raw, FrameBuilder.IPv6(DestinationOptions, new byte[7]), nameof(FrameRejection.ExtensionHeader) },
        { "extension header beyond the packet", Raw, FrameBuilder.IPv6(DestinationOptions, Patch(Chain(1), 1, 255)), nameof(FrameRejection.ExtensionHeader) },
        { "extension header of 16 bytes where there are 8", Raw, FrameBuilder.IPv6(DestinationOptions, Patch(FrameBuilder.Extension(Udp, []), 1, 1)), nameof(FrameRejection.ExtensionHeader) },
        { "extension header and nothing behind", Raw, FrameBuilder.IPv6(DestinationOptions, FrameBuilder.Extension(Udp, [])), nameof(FrameRejection.TransportHeader) },
    };

    private static byte[] Mapped => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 0, 0, 1];

    [Theory]
    [MemberData(nameof(Accepted))]
    public void A_correct_frame_gives_its_datagram(string name, int linkType, byte[] frame, byte protocol)
    {
        var parsed = FrameParser.TryParse(linkType, frame, frame.Length, out var datagram, out var why);

        Assert.True(parsed, $"{name}: {why}");
        Assert.Equal(FrameRejection.None, why);
        Assert.True(Payload.AsSpan().SequenceEqual(datagram.Payload), name);
        Assert.Equal(protocol, (byte)datagram.Protocol);
        Assert.Equal(protocol is Icmp or IcmpV6 ? 0 : FrameBuilder.SourcePort, datagram.SourcePort);
        Assert.Equal(protocol is Icmp or IcmpV6 ? 0 : FrameBuilder.DestinationPort, datagram.DestinationPort);
        Assert.Equal(datagram.SourceBits.IsIPv4 ? FrameBuilder.Destination4 : FrameBuilder.Destination6, datagram.Destination);
        if (!name.Contains("source", StringComparison.Ordinal))
        {
            Assert.Equal(datagram.SourceBits.IsIPv4 ? FrameBuilder.Source4 : FrameBuilder.Source6, datagram.Source);
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_wrong_frame_is_refused_for_its_reason(string name, int linkType, byte[] frame, string expected)
    {
        var parsed = FrameParser.TryParse(linkType, frame, frame.Length, out var datagram, out var why);

        Assert.False(parsed, name);
        Assert.Equal(expected, why.ToString());
        Assert.True(datagram.Payload.IsEmpty, name);
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public void A_frame_that_ends_anywhere_before_its_end_is_refused(string name, int linkType, byte[] frame, byte protocol)
    {
        _ = protocol;
        var padding = name.StartsWith("padding", StringComparison.Ordinal) ? 46 : 0;
        for (var length = 0; length < frame.Length - padding; length++)
        {
            Assert.False(FrameParser.TryParse(linkType, frame.AsSpan(0, length), length, out _, out var shorter), $"{name}: {length} bytes");
            Assert.NotEqual(FrameRejection.CutByCapture, shorter);

            // The same bytes, but the capture says that there were more on the wire.
            Assert.False(FrameParser.TryParse(linkType, frame.AsSpan(0, length), frame.Length, out _, out var cut), $"{name}: cut at {length}");
            Assert.True(cut != FrameRejection.IpLength, $"{name}: cut at {length}: {cut}");
        }
    }

    [Fact]
    public void A_packet_longer_than_the_capture_keeps_is_told_from_one_that_lies()
    {
        var frame = FrameBuilder.Ethernet(IPv4, Udp4);

        Assert.False(FrameParser.TryParse(Ethernet, frame.AsSpan(0, 100), frame.Length, out _, out var cut));
        Assert.False(FrameParser.TryParse(Ethernet, frame.AsSpan(0, 100), frame.Length - 1, out _, out var lie));
        Assert.Equal(FrameRejection.CutByCapture, cut);
        Assert.Equal(FrameRejection.IpLength, lie);
    }

    [Fact]
    public void A_wire_length_that_makes_no_sense_does_no_harm()
    {
        var frame = FrameBuilder.Ethernet(IPv4, Udp4);

        Assert.True(FrameParser.TryParse(Ethernet, frame, int.MinValue, out _, out _));
        Assert.True(FrameParser.TryParse(Ethernet, frame, int.MaxValue, out _, out _));
        Assert.False(FrameParser.TryParse(Ethernet, frame.AsSpan(0, 100), int.MaxValue, out _, out var cut));
        Assert.Equal(FrameRejection.CutByCapture, cut);
    }

    [Fact]
    public void Frames_longer_than_Ethernet_allows_are_read()
    {
        var payload = new byte[8000];
        var frame = FrameBuilder.Ethernet(IPv4, FrameBuilder.IPv4(Udp, FrameBuilder.Udp(payload)));

        Assert.True(FrameParser.TryParse(Ethernet, frame, frame.Length, out var datagram, out _));
        Assert.Equal(8000, datagram.Payload.Length);
    }

    [Fact]
    public void Packets_that_the_reference_client_sent_give_their_payload()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(VectorFiles.PathOf("transport.json")));
        var count = 0;
        foreach (var vector in document.RootElement.GetProperty("vectors").EnumerateArray())
        {
            var packet = Convert.FromHexString(vector.GetProperty("ip_packet_hex").GetString()!);
            var ip = vector.GetProperty("ip");

            Assert.True(FrameParser.TryParse(Raw, packet, packet.Length, out var datagram, out var why), why.ToString());
            Assert.Equal(vector.GetProperty("payload").GetString(), System.Text.Encoding.ASCII.GetString(datagram.Payload));
            Assert.Equal(IPAddress.Parse(ip.GetProperty("src").GetString()!), datagram.Source);
            Assert.Equal(IPAddress.Parse(ip.GetProperty("dst").GetString()!), datagram.Destination);
            Assert.Equal(ip.GetProperty("protocol").GetInt32(), (int)datagram.Protocol);
            Assert.Equal(PortOf(vector, "source_port"), datagram.SourcePort);
            Assert.Equal(PortOf(vector, "dest_port"), datagram.DestinationPort);
            count++;
        }

        Assert.Equal(document.RootElement.GetProperty("count").GetInt32(), count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Mutated_frames_break_no_promise(int seed)
    {
        Assert.Null(FuzzRun.FindFailure(FuzzTargets.Find("frame")!, seed, 100_000));
    }

    private static int PortOf(JsonElement vector, string name) =>
        vector.TryGetProperty("udp", out var header) || vector.TryGetProperty("tcp", out header) ? header.GetProperty(name).GetInt32() : 0;

    private static byte[] Snap(byte[] content, int type = IPv4) =>
        FrameBuilder.Ethernet(content.Length + 8, [0xAA, 0xAA, 3, 0, 0, 0, (byte)(type >> 8), (byte)type, .. content]);

    /// <summary>So many destination options headers in front of a UDP datagram.</summary>
    private static byte[] Chain(int count)
    {
        var content = FrameBuilder.Extension(Udp, FrameBuilder.Udp(Payload));
        for (var i = 1; i < count; i++)
        {
            content = FrameBuilder.Extension(DestinationOptions, content);
        }

        return content;
    }

    private static byte[] Patch(byte[] bytes, int offset, params byte[] values)
    {
        values.CopyTo(bytes, offset);
        return bytes;
    }
}
