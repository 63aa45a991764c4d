using System.Net;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Access;

/// <summary>An item of NAT_TARGETS.</summary>
/// <param name="Hosts">An address, a network, or <c>ANY</c>.</param>
/// <param name="Ports">Their ports; null = all.</param>
public sealed record NatTarget(AddressList Hosts, PortList? Ports)
{
    /// <summary>True when connections may be forwarded there.</summary>
    /// <param name="address">The host.</param>
    /// <param name="port">Its port; null for all of them (FORWARD_ALL).</param>
    public bool Contains(IPAddress address, PortSpec? port) =>
        Hosts.Contains(address) && (Ports is null || (port is { } one && Ports.Contains(one)));
}
