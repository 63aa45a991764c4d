using Fwknop.Configuration;
using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>
/// Grants without what makes no difference here, so that two of them are either the same or have no element in common: what is not translated is told by
/// where it goes alone, whatever port was asked for.
/// </summary>
internal static class NftGrants
{
    /// <summary>The same for a whole grant.</summary>
    public static FirewallGrant Plain(FirewallGrant grant)
    {
        if (grant.Translation is null)
        {
            return grant;
        }

        GrantKey key = Plain(grant.Keys.Single());
        return new FirewallGrant(grant.Source, key.Destination, [key.Ports], grant.Duration, key.Translation)
        {
            Holder = grant.Holder,
        };
    }

    /// <summary>The key without what makes no difference.</summary>
    public static GrantKey Plain(GrantKey key)
    {
        if (key.Translation is not { } translation)
        {
            return key;
        }

        bool isLocal = translation.Kind == NatKind.Local;
        bool keeps = translation.KeepsDestination || (translation.IsForAll && translation.Address is null);
        Translation plain = translation with
        {
            // A connection to this host goes out nowhere.
            Source = isLocal ? null : translation.Source,
            Port = translation.IsForAll ? (ushort)0 : translation.Port,
            Address = keeps && (isLocal || translation.IsForAll) ? null : translation.Address,
            KeepsDestination = keeps && !translation.IsForAll,
        };
        return key with
        {
            // Somebody on the way to another host does not name this one (server.md 9.2.2: FORWARD has no -d).
            Destination = keeps && !isLocal ? null : key.Destination,
            Ports = keeps && !translation.IsForAll ? new PortRange(key.Ports.Protocol, translation.Port, translation.Port) : key.Ports,
            Translation = plain,
        };
    }
}
