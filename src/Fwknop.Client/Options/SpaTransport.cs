namespace Fwknop.Client;

/// <summary>How the packet travels (client.md 4.2, <c>-P</c>).</summary>
internal enum SpaTransport
{
    Udp,
    Tcp,
    Http,
    UdpRaw,
    TcpRaw,
    Icmp,
}
