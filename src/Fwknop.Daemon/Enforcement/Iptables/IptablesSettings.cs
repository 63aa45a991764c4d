using Fwknop.Configuration.Server;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>How grants reach iptables and ip6tables.</summary>
internal sealed record IptablesSettings
{
    /// <summary>What changes the rules.</summary>
    public required IptablesPair Programs { get; init; }

    /// <summary>The chains, and which of them are used.</summary>
    public ChainSettings Chains { get; init; } = new();

    /// <summary>Rules that are in the chains from the beginning, for IPv6 or IPv4, each in the chain of its kind.</summary>
    public IReadOnlyList<(bool IsIPv6, RuleKind Kind, string Text)> Standing { get; init; } = [];

    /// <summary>ENABLE_RULE_PREPEND.</summary>
    public bool Prepend { get; init; }
}
