namespace Fwknop.Listener.Capture;

/// <summary>The transports a packet may come by, with their IP protocol numbers.</summary>
internal enum IpProtocol : byte
{
    None = 0,
    Icmp = 1,
    Tcp = 6,
    Udp = 17,
    IcmpV6 = 58,
}
