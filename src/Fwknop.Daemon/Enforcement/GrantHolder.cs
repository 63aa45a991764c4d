using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement;

/// <summary>Who has been granted something, as far as this run of the daemon knows.</summary>
/// <param name="Stanza">The stanza's number.</param>
/// <param name="StanzaName">STANZA_NAME, or null.</param>
/// <param name="User">The user name in the packet.</param>
/// <param name="Since">When it was opened, in seconds since 1970.</param>
internal sealed record GrantHolder(int Stanza, string? StanzaName, string User, long Since)
{
    /// <summary>The holder of a grant that is made now.</summary>
    public static GrantHolder Of(Grant grant, DateTimeOffset now) =>
        new(grant.Stanza.Number, grant.Stanza.Name, grant.Username.ToString(), now.ToUnixTimeSeconds());

    /// <summary>The same, for what is open already.</summary>
    public GrantHolder After(GrantHolder? earlier) => earlier is null ? this : this with { Since = earlier.Since };
}
