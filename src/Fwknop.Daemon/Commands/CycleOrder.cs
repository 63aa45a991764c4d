using System.Net;
using Fwknop.Grants;

namespace Fwknop.Daemon.Commands;

/// <summary>A cycle to run for one packet, its variables filled in.</summary>
/// <param name="Stanza">The stanza's number.</param>
/// <param name="Source">Where the packet came from, for the log.</param>
/// <param name="Allow">The address that is granted.</param>
/// <param name="Open">CMD_CYCLE_OPEN.</param>
/// <param name="Close">Words of CMD_CYCLE_CLOSE; null for NONE.</param>
/// <param name="Duration">Time between them.</param>
internal sealed record CycleOrder(
    int Stanza, PackedAddress Source, IPAddress Allow, Command Open, IReadOnlyList<string>? Close, TimeSpan Duration);
