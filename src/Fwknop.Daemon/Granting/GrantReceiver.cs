using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Grants;

namespace Fwknop.Daemon.Granting;

/// <summary>
/// Checks every request of the listener by the daemon's own reading of access.conf. A listener that has been taken over can ask for no
/// more than the stanzas allow; asking for more shows that it has been.
/// </summary>
internal sealed class GrantReceiver(AccessPolicy policy, NatSettings nat)
{
    /// <summary>Makes a grant of a request.</summary>
    /// <param name="request">What the listener says.</param>
    /// <param name="now">The time at which the stanza must be valid.</param>
    /// <param name="grant">The grant, or null.</param>
    /// <returns>
    /// False for a request that no working listener makes: the daemon must stop. True with no grant when the stanza has just expired, or its hours have ended.
    /// </returns>
    public bool TryReceive(GrantRequest request, DateTimeOffset now, out Grant? grant)
    {
        grant = null;
        return Find(request) is { } stanza && MayHappen(Grant.TryMake(stanza, request, nat, now, out grant));
    }

    /// <summary>Checks a request for a command.</summary>
    /// <param name="request">What the listener says.</param>
    /// <param name="now">The time at which the stanza must be valid.</param>
    /// <param name="stanza">The stanza that allows it, or null.</param>
    /// <returns>As with <see cref="TryReceive(GrantRequest, DateTimeOffset, out Grant?)"/>.</returns>
    public bool TryReceive(CommandRequest request, DateTimeOffset now, out AccessStanza? stanza)
    {
        stanza = null;
        if (Find(request) is not { Commands: not null, Cycle: null } found)
        {
            return false;
        }

        GrantRefusal refusal = StanzaCheck.Check(found, request, now);
        stanza = refusal == GrantRefusal.None ? found : null;
        return MayHappen(refusal);
    }

    /// <summary>Of all refusals, these come with time alone, while a request is on its way to us.</summary>
    private static bool MayHappen(GrantRefusal refusal) =>
        refusal is GrantRefusal.None or GrantRefusal.StanzaExpired or GrantRefusal.OutsideHours;

    private AccessStanza? Find(StanzaRequest request) => policy.Stanzas.FirstOrDefault(stanza => stanza.Number == request.StanzaNumber);
}
