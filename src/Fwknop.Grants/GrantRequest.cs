using System.Net;
using Fwknop.Protocol;

namespace Fwknop.Grants;

/// <summary>A packet that asks for ports; the daemon makes a <see cref="Grant"/> of it, or runs the stanza's command cycle.</summary>
/// <param name="StanzaNumber">The stanza whose keys opened the packet, from 1.</param>
/// <param name="Packet">The packet, to be recorded before anything is opened.</param>
/// <param name="Allow">The address to open for.</param>
/// <param name="Ports">What to open, at most <see cref="MaxPorts"/>; none when the stanza is to decide (ALLOW_NO_PORTS).</param>
/// <param name="ClientTimeout">Seconds the client asks for, 0 if it does not.</param>
/// <param name="Username">The user name in the packet.</param>
public sealed record GrantRequest(
    int StanzaNumber, SeenPacket Packet, IPAddress Allow, IReadOnlyList<PortSpec> Ports, int ClientTimeout, FieldText Username)
    : StanzaRequest(StanzaNumber, Packet, Username)
{
    /// <summary>What the packet says about forwarding; null where it says nothing.</summary>
    public NatRequest? Nat { get; init; }

    /// <summary>
    /// Ports in one message: what fits into <see cref="Limits.MessageDecoded"/> bytes with the shortest address and items,
    /// <c>1.1.1.1,tcp/1,…</c>, rounded up.
    /// </summary>
    public const int MaxPorts = 32;
}
