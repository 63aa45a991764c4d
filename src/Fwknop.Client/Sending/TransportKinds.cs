namespace Fwknop.Client;

internal static class TransportKinds
{
    public static TransportKind KindOf(SpaTransport transport) => transport switch
    {
        SpaTransport.Udp => TransportKind.Datagram,
        SpaTransport.Tcp or SpaTransport.Http => TransportKind.Stream,
        _ => TransportKind.Raw,
    };

    /// <summary>With headers of our own making; IPv4 alone (client.md 13.5).</summary>
    public static bool IsRaw(this SpaTransport transport) => KindOf(transport) == TransportKind.Raw;
}
