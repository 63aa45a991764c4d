using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Protocol;

namespace Fwknop.Grants;

/// <summary>Where the ports of a request lead, by the stanza and by the packet (server.md 9.2.3). Pure.</summary>
public static class GrantRouting
{
    /// <summary>As in the reference.</summary>
    private const int MaxNameLength = 70;

    private const int MaxLabelLength = 63;

    private static readonly SearchValues<char> LabelCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>Whether a packet may ask for forwarding at all (server.md 6 step 22).</summary>
    /// <param name="kind">What it asks for; null where it does not.</param>
    /// <param name="settings">What may be forwarded.</param>
    public static bool IsEnabled(NatKind? kind, NatSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return kind switch
        {
            NatKind.Forward => settings.Forwards,
            NatKind.Local => settings.ForwardsLocally,
            _ => true,
        };
    }

    /// <summary>Finds the way of each port, whoever asks and when.</summary>
    /// <param name="stanza">FORCE_NAT and FORWARD_ALL come before what the packet says.</param>
    /// <param name="request">The packet.</param>
    /// <param name="ports">The ports that are allowed.</param>
    /// <param name="settings">What may be forwarded.</param>
    /// <param name="parts">The ports with their ways; of those of one way the first alone (server.md 13, Q26).</param>
    public static GrantRefusal Route(
        AccessStanza stanza, GrantRequest request, IReadOnlyList<PortRange> ports, NatSettings settings, out IReadOnlyList<GrantPart> parts)
    {
        ArgumentNullException.ThrowIfNull(stanza);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(ports);
        parts = [new GrantPart(ports, null)];
        if (!IsEnabled(request.Nat?.Kind, settings))
        {
            return GrantRefusal.NatDisabled;
        }

        if (request.Nat is null && !stanza.Nat.IsForced)
        {
            return GrantRefusal.None;
        }

        NatRoute? asked = null;
        GrantRefusal refusal = request.Nat is { } nat ? TryRead(nat, request.Allow.AddressFamily, settings, out asked) : GrantRefusal.None;
        NatRoute? fallback = asked ?? (stanza.Nat.ForwardsAll ? new NatRoute(NatKind.Forward, null, null, 0) : null);
        List<GrantPart> found = [];
        foreach (PortRange range in ports)
        {
            if (!range.IsSingle && stanza.Nat.Targets.Any(target => target.IsForSomeOf(range)))
            {
                // Ports of a range cannot lead to different places, nor to one.
                return GrantRefusal.NatPortInvalid;
            }

            ForcedTarget? forced = stanza.Nat.TargetOf(new PortSpec(range.Protocol, (ushort)range.First), request.Allow.AddressFamily);
            NatRoute? route = forced is null ? fallback : new NatRoute(NatKind.Forward, forced.Address, null, forced.Port, IsForced: true);
            if (forced is null && (refusal != GrantRefusal.None || (request.Nat is not null && stanza.Nat.Targets.Count > 0)))
            {
                // Where FORCE_NAT says where ports lead, packets do not say it of the others.
                return refusal != GrantRefusal.None ? refusal : GrantRefusal.NatPortInvalid;
            }

            if (route is not null && (!range.IsSingle || (route.Address is { } host && host.AddressFamily != request.Allow.AddressFamily)))
            {
                return range.IsSingle ? GrantRefusal.NatAddressInvalid : GrantRefusal.NatPortInvalid;
            }

            if (route is not null && CheckTarget(stanza, route, range.Protocol) is not GrantRefusal.None and var denied)
            {
                return denied;
            }

            Add(found, range, route);
        }

        parts = found;
        return GrantRefusal.None;
    }

    /// <summary>
    /// Whether a packet may ask for a way. The daemon asks again when it knows more of it: the address of a name, or that the host is this one.
    /// </summary>
    /// <param name="stanza">What it allows: NAT_TARGETS elsewhere, and what RESTRICT_PORTS leaves on this host.</param>
    /// <param name="route">The way; what FORCE_NAT says is not limited.</param>
    /// <param name="protocol">Of the port.</param>
    public static GrantRefusal CheckTarget(AccessStanza stanza, NatRoute route, TransportProtocol protocol)
    {
        ArgumentNullException.ThrowIfNull(stanza);
        ArgumentNullException.ThrowIfNull(route);
        if (route.IsForced || route.Port == 0)
        {
            return GrantRefusal.None;
        }

        PortSpec port = new(protocol, route.Port);
        return route.Address is { } address && !NatAddress.IsHost(address) ? GrantRefusal.NatAddressInvalid
            : route.Kind == NatKind.Local ? stanza.RestrictPorts?.Contains(port) == true ? GrantRefusal.PortDenied : GrantRefusal.None
            : route.Address is { } host && stanza.Nat.AllowedTargets?.Contains(host, stanza.Nat.ForwardsAll ? null : port) == false
                ? GrantRefusal.NatTargetDenied
            : GrantRefusal.None;
    }

    private static void Add(List<GrantPart> parts, PortRange range, NatRoute? route)
    {
        int place = parts.FindIndex(part => part.Route == route);
        if (place < 0)
        {
            parts.Add(new GrantPart([range], route));
        }
        else if (route is null)
        {
            parts[place] = parts[place] with { Ports = [.. parts[place].Ports, range] };
        }
    }

    private static GrantRefusal TryRead(NatRequest nat, AddressFamily family, NatSettings settings, out NatRoute? route)
    {
        route = null;
        string text = nat.Target.ToString();
        int comma = text.IndexOf(',', StringComparison.Ordinal);
        string host = comma < 0 ? text : text[..comma];
        if (comma < 0 || !PortSpec.TryParsePort(nat.Target.Span[(comma + 1)..], out ushort port))
        {
            return GrantRefusal.NatPortInvalid;
        }

        if (NatAddress.TryParseAny(host, out IPAddress? address))
        {
            route = new NatRoute(nat.Kind, null, null, port).To(address);
            return address.AddressFamily == family ? GrantRefusal.None : GrantRefusal.NatAddressInvalid;
        }

        if (!host.Any(char.IsAsciiLetter) || host.Contains(':', StringComparison.Ordinal))
        {
            return GrantRefusal.NatAddressInvalid;
        }

        if (!settings.ResolvesNames)
        {
            return GrantRefusal.NatNameDisabled;
        }

        route = new NatRoute(nat.Kind, null, host, port);
        return IsName(host) ? GrantRefusal.None : GrantRefusal.NatNameInvalid;
    }

    /// <summary>A host name by RFC 1123, 2.1: labels of letters, digits and hyphens, which do not stand at either end.</summary>
    private static bool IsName(string host) => host.Length <= MaxNameLength && Array.TrueForAll(
        host.Split('.'),
        label => label.Length is > 0 and <= MaxLabelLength && !label.AsSpan().ContainsAnyExcept(LabelCharacters) && label[0] != '-' && label[^1] != '-');
}
