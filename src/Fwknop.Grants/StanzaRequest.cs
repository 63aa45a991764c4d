using Fwknop.Protocol;

namespace Fwknop.Grants;

/// <summary>
/// What an authenticated packet asks of a stanza, as it crosses from the listener to the daemon. It carries no authority: the daemon acts on it only by its
/// own reading of the stanza.
/// </summary>
/// <param name="StanzaNumber">The stanza whose keys opened the packet, from 1.</param>
/// <param name="Packet">The packet, to be recorded before anything is done.</param>
/// <param name="Username">The user name in the packet.</param>
public abstract record StanzaRequest(int StanzaNumber, SeenPacket Packet, FieldText Username);
