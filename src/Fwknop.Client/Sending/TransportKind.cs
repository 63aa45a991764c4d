namespace Fwknop.Client;

/// <summary>By which sort of socket a packet leaves.</summary>
internal enum TransportKind
{
    Datagram,
    Stream,
    Raw,
}
