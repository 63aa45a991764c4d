using Fwknop.Configuration.Server;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>How grants reach iptables and ip6tables.</summary>
internal sealed record IptablesSettings
{
    /// <summary>Our choice: longer than the wait for the lock, short enough that a program that hangs is noticed.</summary>
    public static readonly TimeSpan ProgramTimeout = TimeSpan.FromSeconds(30);

    /// <summary>FIREWALL_EXE: the path of iptables; its siblings (ip6tables, iptables-restore) are found beside it.</summary>
    public required string Executable { get; init; }

    /// <summary>IPT_INPUT_ACCESS.</summary>
    public required ChainSpec Input { get; init; }

    /// <summary>ENABLE_RULE_PREPEND.</summary>
    public bool Prepend { get; init; }

    /// <summary>ENABLE_IPT_COMMENT_CHECK.</summary>
    public bool CheckComment { get; init; } = true;

    /// <summary>FLUSH_IPT_AT_INIT.</summary>
    public bool FlushAtInit { get; init; } = true;

    /// <summary>FLUSH_IPT_AT_EXIT.</summary>
    public bool FlushAtExit { get; init; } = true;
}
