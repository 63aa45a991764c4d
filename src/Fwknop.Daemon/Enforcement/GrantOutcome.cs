namespace Fwknop.Daemon.Enforcement;

/// <summary>What became of one grant. The zero value claims nothing.</summary>
internal enum GrantOutcome
{
    /// <summary>Nothing was opened; the reason is in the log.</summary>
    Failed = 0,

    /// <summary>At least one port was opened that was shut.</summary>
    Added,

    /// <summary>All ports were open for this address already and stay so until the later end.</summary>
    Extended,
}
