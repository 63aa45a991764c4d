using Fwknop.Protocol;

namespace Fwknop.Grants;

/// <summary>A packet that asks for a command (server.md 8.1).</summary>
/// <param name="StanzaNumber">The stanza whose keys opened the packet, from 1.</param>
/// <param name="Packet">The packet.</param>
/// <param name="Username">The user name in the packet.</param>
/// <param name="Command">The command as the packet has it, at most <see cref="Limits.MessageDecoded"/> bytes.</param>
public sealed record CommandRequest(int StanzaNumber, SeenPacket Packet, FieldText Username, FieldText Command)
    : StanzaRequest(StanzaNumber, Packet, Username);
