using Fwknop.Configuration.Server;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>How grants reach iptables and ip6tables.</summary>
internal sealed record IptablesSettings
{
    /// <summary>Our choice: longer than the wait for the lock, short enough that a program that hangs is noticed.</summary>
    public static readonly TimeSpan ProgramTimeout = TimeSpan.FromSeconds(30);

    /// <summary>FIREWALL_EXE: the path of iptables; its siblings (ip6tables, iptables-restore) are found beside it.</summary>
    public required string Executable { get; init; }

    /// <summary>The chains, and which of them are used.</summary>
    public ChainSettings Chains { get; init; } = new();

    /// <summary>ENABLE_RULE_PREPEND.</summary>
    public bool Prepend { get; init; }
}
