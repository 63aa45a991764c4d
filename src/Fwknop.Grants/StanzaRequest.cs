using Fwknop.Protocol;

namespace Fwknop.Grants;

/// <summary>
/// What an authenticated packet asks of a stanza, as it crosses from the listener to the daemon. It carries no authority: the daemon acts on it only by its
/// own reading of the stanza.
/// </summary>
/// <param name="StanzaNumber">The stanza whose keys opened the packet, from 1.</param>
/// <param name="Packet">The packet, to be recorded before anything is done.</param>
/// <param name="Username">The user name in the packet.</param>
public abstract record StanzaRequest(int StanzaNumber, SeenPacket Packet, FieldText Username)
{
    /// <summary>The most that <see cref="Besides"/> has.</summary>
    public const int MaxBesides = 2;

    /// <summary>
    /// What else the packet is remembered by: without its HMAC, and by what an OpenPGP message holds. With the request, for a listener does not know what an
    /// earlier one has seen since it was started, and the daemon does.
    /// </summary>
    public IReadOnlyList<ReplayDigest> Besides { get; init; } = [];
}
