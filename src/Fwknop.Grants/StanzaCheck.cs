using Fwknop.Configuration.Access;
using Fwknop.Protocol;

namespace Fwknop.Grants;

/// <summary>What a stanza asks of every packet, whatever the packet asks for (server.md 6, steps 7, 9, 21; ACCESS_HOURS).</summary>
public static class StanzaCheck
{
    /// <summary>Checks all of it.</summary>
    /// <param name="stanza">The stanza the request names.</param>
    /// <param name="request">The request.</param>
    /// <param name="now">The time at which the stanza must still be valid.</param>
    public static GrantRefusal Check(AccessStanza stanza, StanzaRequest request, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(stanza);
        ArgumentNullException.ThrowIfNull(request);
        return !MatchesAddresses(stanza, request.Packet.Origin) ? GrantRefusal.AddressFiltered
            : stanza.IsExpired(now) ? GrantRefusal.StanzaExpired
            : !IsWithinHours(stanza, now) ? GrantRefusal.OutsideHours
            : !MatchesUsername(stanza, request.Username) ? GrantRefusal.WrongUsername
            : GrantRefusal.None;
    }

    /// <summary>True when the packet's source and destination are in the stanza's lists (server.md 6 step 7).</summary>
    public static bool MatchesAddresses(AccessStanza stanza, PacketOrigin origin)
    {
        ArgumentNullException.ThrowIfNull(stanza);
        return MatchesSource(stanza, origin.Source) && MatchesDestination(stanza, origin.Destination);
    }

    /// <summary>True when the packet's destination is in the stanza's DESTINATION list, or there is none (server.md 6 step 7).</summary>
    public static bool MatchesDestination(AccessStanza stanza, PackedAddress destination)
    {
        ArgumentNullException.ThrowIfNull(stanza);
        return stanza.Destination is null || Matches(stanza.Destination, destination);
    }

    /// <summary>True when the packet's source is in the stanza's SOURCE list (server.md 6 step 5); ANY costs no allocation.</summary>
    public static bool MatchesSource(AccessStanza stanza, PackedAddress source)
    {
        ArgumentNullException.ThrowIfNull(stanza);
        return Matches(stanza.Source, source);
    }

    /// <summary>True when the stanza requires no user name, or this one, byte by byte (server.md 6 step 21).</summary>
    public static bool MatchesUsername(AccessStanza stanza, FieldText username)
    {
        ArgumentNullException.ThrowIfNull(stanza);
        return stanza.RequireUsername is null || username == stanza.RequireUsername;
    }

    /// <summary>True when the stanza is in force at this time of the day, in the time zone of the machine (ACCESS_HOURS).</summary>
    public static bool IsWithinHours(AccessStanza stanza, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(stanza);
        return stanza.Schedule?.Allows(now.ToLocalTime()) != false;
    }

    private static bool Matches(AddressList list, PackedAddress address) => list.IsAny || list.Contains(address.ToIPAddress());
}
