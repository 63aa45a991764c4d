using System.Net;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Protocol;

namespace Fwknop.Grants;

/// <summary>
/// Permission to open ports for one address for a time. Only <see cref="TryMake"/> makes one, by the limits of a stanza; both processes
/// use it, each with its own reading of access.conf.
/// </summary>
public sealed class Grant
{
    private Grant(AccessStanza stanza, GrantRequest request, IReadOnlyList<PortRange> ports, IReadOnlyList<GrantPart> parts)
    {
        Stanza = stanza;
        Packet = request.Packet;
        Allow = request.Allow;
        Network = stanza.Prefix.NetworkOf(request.Allow);
        Ports = ports;
        Parts = parts;
        Username = request.Username;
        ClientTimeout = request.ClientTimeout;
        Duration = TimeSpan.FromSeconds(stanza.GrantSeconds(request.ClientTimeout));
    }

    /// <summary>The stanza that grants.</summary>
    public AccessStanza Stanza { get; }

    /// <summary>The packet that asked.</summary>
    public SeenPacket Packet { get; }

    /// <summary>One host, IPv4 or IPv6.</summary>
    public IPAddress Allow { get; }

    /// <summary>Who may connect: the network of <see cref="Allow"/> by the stanza's GRANT_PREFIX; without that, the address alone.</summary>
    public IPNetwork Network { get; }

    /// <summary>At least one: those that were asked for or, where none was named, those of the stanza (ALLOW_NO_PORTS).</summary>
    public IReadOnlyList<PortRange> Ports { get; }

    /// <summary>
    /// <see cref="Ports"/> with their ways. Where several lead to the same port of another host, only the first of them is in it (server.md 13, Q26).
    /// </summary>
    public IReadOnlyList<GrantPart> Parts { get; }

    /// <summary>Who asked, as the packet says.</summary>
    public FieldText Username { get; }

    /// <summary>Seconds the client asks for; 0 when it does not.</summary>
    public int ClientTimeout { get; }

    /// <summary>How long, by the stanza's limits (server.md 6 step 17).</summary>
    public TimeSpan Duration { get; }

    /// <summary>Checks a request against the limits of a stanza (server.md 6, steps 7, 9, 21, 22, 25).</summary>
    /// <param name="stanza">The stanza the request names.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="settings">What may be forwarded.</param>
    /// <param name="now">The time at which the stanza must still be valid.</param>
    /// <param name="grant">The grant, or null.</param>
    public static GrantRefusal TryMake(AccessStanza stanza, GrantRequest request, NatSettings settings, DateTimeOffset now, out Grant? grant)
    {
        ArgumentNullException.ThrowIfNull(stanza);
        ArgumentNullException.ThrowIfNull(request);
        GrantRefusal asked = CheckPorts(stanza, request.Ports, out IReadOnlyList<PortRange> ports);
        GrantRefusal routing = GrantRouting.Route(stanza, request, ports, settings, out IReadOnlyList<GrantPart> parts);
        GrantRefusal refusal = StanzaCheck.Check(stanza, request, now) is not GrantRefusal.None and var reason ? reason
            : routing == GrantRefusal.NatDisabled ? routing
            : asked != GrantRefusal.None ? asked
            : routing != GrantRefusal.None ? routing
            : AnyAddress.Is(request.Allow) ? GrantRefusal.NoHost
            : GrantRefusal.None;
        grant = refusal == GrantRefusal.None ? new Grant(stanza, request, ports, parts) : null;
        return refusal;
    }

    /// <summary>Checks what is asked for alone, whoever asks and when (server.md 6 step 25; ALLOW_NO_PORTS).</summary>
    /// <param name="stanza">The stanza.</param>
    /// <param name="requested">The ports that are named, if any.</param>
    /// <param name="ports">What the stanza opens of it; nothing when it may not be.</param>
    public static GrantRefusal CheckPorts(AccessStanza stanza, IReadOnlyList<PortSpec> requested, out IReadOnlyList<PortRange> ports)
    {
        ArgumentNullException.ThrowIfNull(stanza);
        ArgumentNullException.ThrowIfNull(requested);
        ports = requested.Count == 0 ? stanza.PortsWithoutRequest
            : stanza.AllowsPorts(requested) ? [.. requested.Select(PortRange.Of)]
            : [];
        return ports.Count == 0 ? GrantRefusal.PortDenied
            : stanza.Cycle is not null && requested.Count == 0 && ports is not [{ IsSingle: true }] ? GrantRefusal.CycleWithoutPort
            : GrantRefusal.None;
    }
}
