using System.Net;
using Fwknop.Daemon.Enforcement;
using Fwknop.Grants;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Commands;

/// <summary>A cycle to run for one packet, its variables filled in.</summary>
/// <param name="Stanza">The stanza's number.</param>
/// <param name="Source">Where the packet came from, for the log.</param>
/// <param name="Allow">The address that is granted.</param>
/// <param name="Open">CMD_CYCLE_OPEN.</param>
/// <param name="Close">Words of CMD_CYCLE_CLOSE; null for NONE.</param>
/// <param name="Duration">Time between them.</param>
/// <param name="Port">The port that was asked for, for lists.</param>
/// <param name="Holder">Who asked, for lists.</param>
internal sealed record CycleOrder(
    int Stanza,
    PackedAddress Source,
    IPAddress Allow,
    Command Open,
    IReadOnlyList<string>? Close,
    TimeSpan Duration,
    PortSpec? Port = null,
    GrantHolder? Holder = null);
