using Fwknop.Configuration.Access;
using Fwknop.Grants;

namespace Fwknop.Daemon;

/// <summary>
/// Checks every request of the listener by the daemon's own reading of access.conf. A listener that has been taken over can ask for no
/// more than the stanzas allow; asking for more shows that it has been.
/// </summary>
internal sealed class GrantReceiver(AccessPolicy policy)
{
    /// <summary>Makes a grant of a request.</summary>
    /// <param name="request">What the listener says.</param>
    /// <param name="now">The time at which the stanza must be valid.</param>
    /// <param name="grant">The grant, or null.</param>
    /// <returns>
    /// False for a request that no working listener makes: the daemon must stop. True with no grant when the stanza has just expired.
    /// </returns>
    public bool TryReceive(GrantRequest request, DateTimeOffset now, out Grant? grant)
    {
        grant = null;
        AccessStanza? stanza = policy.Stanzas.FirstOrDefault(candidate => candidate.Number == request.StanzaNumber);
        return stanza is not null && Grant.TryMake(stanza, request, now, out grant) is GrantRefusal.None or GrantRefusal.StanzaExpired;
    }
}
