namespace Fwknop.Daemon.Control;

/// <summary>
/// What the daemon has done since it started. Of packets it knows those that the listener has authenticated; all others end there. Used from the
/// daemon's thread.
/// </summary>
internal sealed class DaemonCounters
{
    /// <summary>When counting began: the daemon's start.</summary>
    public DateTimeOffset Since { get; } = DateTimeOffset.UtcNow;

    /// <summary>Authentic packets, whatever became of them; replays are not among them.</summary>
    public long Packets { get; set; }

    /// <summary>Grants that opened at least one port that was shut.</summary>
    public long Opened { get; set; }

    /// <summary>Grants of what was open already.</summary>
    public long Extended { get; set; }

    /// <summary>Grants that the firewall could not make; the log says why.</summary>
    public long Failed { get; set; }

    /// <summary>Ports of one address that were shut at their time.</summary>
    public long Ended { get; set; }

    /// <summary>Ports of one address that were shut by <c>--revoke</c>.</summary>
    public long Revoked { get; set; }

    /// <summary>Command messages and command cycles.</summary>
    public long Commands { get; set; }

    /// <summary>All of them with their names in answers.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> All =>
    [
        new("packets", Packets),
        new("opened", Opened),
        new("extended", Extended),
        new("failed", Failed),
        new("ended", Ended),
        new("revoked", Revoked),
        new("commands", Commands),
    ];
}
