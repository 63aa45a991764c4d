namespace Fwknop.Client;

/// <summary>To which addresses of a server packets may go (<c>-4</c>, <c>-6</c>, <c>--server-resolve-ipv4</c>).</summary>
internal enum AddressFamilies
{
    Any,
    IPv4,
    IPv6,
}
