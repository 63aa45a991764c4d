namespace Fwknop.Daemon.Enforcement.Firewalld;

/// <summary>How grants reach a zone of firewalld.</summary>
internal sealed record ZoneSettings
{
    /// <summary>FIREWALL_EXE: the path of firewall-cmd.</summary>
    public required string Executable { get; init; }

    /// <summary>How long the program may take.</summary>
    public TimeSpan Timeout { get; init; } = FirewallCmd.UsualTimeout;

    /// <summary>FIREWD_ZONE; null for the default zone.</summary>
    public string? Zone { get; init; }

    /// <summary>FIREWD_PRIORITY: the first of the <see cref="RichRule.Priorities"/> that rules of ours have.</summary>
    public required int FirstPriority { get; init; }

    /// <summary>FLUSH_FIREWD_AT_INIT.</summary>
    public bool FlushesAtInit { get; init; } = true;

    /// <summary>FLUSH_FIREWD_AT_EXIT.</summary>
    public bool FlushesAtExit { get; init; } = true;
}
