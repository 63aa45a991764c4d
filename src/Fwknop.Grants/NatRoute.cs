using System.Net;

namespace Fwknop.Grants;

/// <summary>Where the connections of a grant are forwarded to. At most one of address and name is there.</summary>
/// <param name="Kind">To a host behind this one, or to another port of this host.</param>
/// <param name="Address">The host; null where only its name is known, where it is this one whatever its address, or where destinations stay as they are.</param>
/// <param name="Name">A host name, checked (ENABLE_NAT_DNS); else null.</param>
/// <param name="Port">The port there; 0 where destinations stay as they are.</param>
/// <param name="IsForced">The stanza says so (FORCE_NAT), and not the packet.</param>
public sealed record NatRoute(NatKind Kind, IPAddress? Address, string? Name, ushort Port, bool IsForced = false)
{
    /// <summary>
    /// The route to an address. Another port of this host may be asked for by a loopback address; it then is this host that is meant, and nothing is led to
    /// the address itself.
    /// </summary>
    public NatRoute To(IPAddress address) =>
        this with { Name = null, Address = Kind == NatKind.Local && IPAddress.IsLoopback(address) ? null : address };

    /// <summary><c>192.168.1.10:22</c>, <c>host.example:22</c>, or nothing where destinations stay as they are.</summary>
    public override string ToString() => Port == 0 ? ""
        : Address is null ? FormattableString.Invariant($"{Name}:{Port}")
        : new IPEndPoint(Address, Port).ToString();
}
