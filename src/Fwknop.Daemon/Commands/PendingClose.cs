using System.Net;
using Fwknop.Daemon.Enforcement;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Commands;

/// <summary>A close command that is still to be run (server.md 8.2).</summary>
/// <param name="Stanza">The stanza's number, for the log and the lane.</param>
/// <param name="Allow">The address that was granted, for the log.</param>
/// <param name="End">When it is to be run, in seconds since 1970.</param>
/// <param name="Words">The command, its variables filled in.</param>
internal sealed record PendingClose(int Stanza, IPAddress Allow, long End, IReadOnlyList<string> Words)
{
    /// <summary>The port that was asked for; null for a close of an earlier run.</summary>
    public PortSpec? Port { get; init; }

    /// <summary>Who asked; null for a close of an earlier run.</summary>
    public GrantHolder? Holder { get; init; }

    /// <summary>How far its cycle is; null for a close of an earlier run, whose open command nobody knows of.</summary>
    public CycleState? State { get; init; }

    /// <summary>The command for the log.</summary>
    public string Text { get; } = string.Join(' ', Words);

    /// <summary>What tells one close from another: opening again for the same close only moves its end.</summary>
    public (int Stanza, string Text) Key => (Stanza, Text);
}
