namespace Fwknop.Configuration.Access;

/// <summary>All stanzas of access.conf, in order, at least one. Owns them: disposing it wipes all keys.</summary>
public sealed class AccessPolicy : IDisposable
{
    /// <summary>Makes a policy, which then owns the stanzas.</summary>
    /// <exception cref="ArgumentException">There is no stanza.</exception>
    public AccessPolicy(IReadOnlyList<AccessStanza> stanzas)
    {
        ArgumentNullException.ThrowIfNull(stanzas);
        Stanzas = stanzas.Count > 0 ? stanzas : throw new ArgumentException("A policy has at least one stanza.", nameof(stanzas));
    }

    /// <summary>The stanzas; the first that matches a packet and allows it wins.</summary>
    public IReadOnlyList<AccessStanza> Stanzas { get; }

    /// <summary>True when a stanza closes by a command what it has opened by one.</summary>
    public bool HasCloses => Stanzas.Any(stanza => stanza.Cycle?.Close is not null);

    /// <summary>Wipes the keys of all stanzas.</summary>
    public void Dispose()
    {
        foreach (AccessStanza stanza in Stanzas)
        {
            stanza.Dispose();
        }
    }
}
