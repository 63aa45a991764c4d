using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Grants;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Granting;

/// <summary>How the parts of a grant are forwarded, by the stanza and fwknopd.conf (server.md 9.2.3).</summary>
internal static class GrantTranslation
{
    /// <summary>What becomes of the connections of one part.</summary>
    /// <param name="stanza">The stanza.</param>
    /// <param name="route">Where to; a name has been resolved.</param>
    /// <param name="isHere">Its address is one of this host (<see cref="IsOfThisHost"/>).</param>
    /// <param name="protocol">Of the ports of the part.</param>
    /// <param name="family">The family of who may connect.</param>
    /// <param name="settings">What may be forwarded, and what addresses it gets.</param>
    /// <param name="translation">That, or null when the packet may not ask for it.</param>
    public static GrantRefusal TryMake(
        AccessStanza stanza,
        NatRoute route,
        bool isHere,
        TransportProtocol protocol,
        AddressFamily family,
        NatSettings settings,
        out Translation? translation)
    {
        // Packets and FORCE_NAT may name an address of this host: what goes there does not go through it.
        NatKind kind = isHere && !(route.IsForced && stanza.Nat.ForwardsAll) ? NatKind.Local : route.Kind;
        GrantRefusal refusal = GrantRouting.CheckTarget(stanza, route, protocol) is not GrantRefusal.None and var denied ? denied
            : !route.IsForced && !GrantRouting.IsEnabled(kind, settings) ? GrantRefusal.NatDisabled
            : GrantRouting.CheckTarget(stanza, route with { Kind = kind }, protocol);
        translation = refusal == GrantRefusal.None ? Make(stanza, route, kind, isHere, family, settings) : null;
        return refusal;
    }

    /// <summary>
    /// A client names this host by an address that another machine may have, behind a router that translates; or names another machine. Either way the packets
    /// stay here: who may ask for other ports of this host may not ask for those of others.
    /// </summary>
    public static bool IsOfThisHost(IPAddress? address) => address is not null && Array.Exists(
        NetworkInterface.GetAllNetworkInterfaces(),
        device => device.GetIPProperties().UnicastAddresses.Any(own => own.Address.Equals(address)));

    private static Translation Make(AccessStanza stanza, NatRoute route, NatKind kind, bool isHere, AddressFamily family, NatSettings settings)
    {
        bool isForAll = stanza.Nat.ForwardsAll && kind == NatKind.Forward;
        return new Translation(
            kind,
            kind == NatKind.Local && !isHere ? null : route.Address,
            isForAll ? (ushort)0 : route.Port,
            isForAll,
            stanza.Nat.KeepsDestination,
            SourceOf(stanza.Nat, family, settings));
    }

    /// <summary>With FORWARD_ALL the address of SNAT_TRANSLATE_IP comes before FORCE_MASQUERADE (server.md 9.2.3).</summary>
    private static SourceTranslation? SourceOf(StanzaNat nat, AddressFamily family, NatSettings settings) =>
        !settings.TranslatesSource ? null
        : nat.SourceAddress(family) is { } forced ? new SourceTranslation(forced)
        : nat.Masquerades && !nat.ForwardsAll ? new SourceTranslation(null)
        : new SourceTranslation(settings.SourceAddress(family));
}
