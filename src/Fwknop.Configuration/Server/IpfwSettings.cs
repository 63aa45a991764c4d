namespace Fwknop.Configuration.Server;

/// <summary>The variables of ipfw (server.md 3.2).</summary>
public sealed record IpfwSettings
{
    /// <summary>What ipfw(8) numbers rules with; 65535 is its own last rule.</summary>
    public const int LastRule = 65534;

    /// <summary>The last set of ipfw(8) that can be disabled and deleted.</summary>
    public const int LastSet = 30;

    /// <summary>FLUSH_IPFW_AT_INIT.</summary>
    public bool FlushesAtInit { get; init; } = true;

    /// <summary>FLUSH_IPFW_AT_EXIT.</summary>
    public bool FlushesAtExit { get; init; } = true;

    /// <summary>IPFW_START_RULE_NUM: the first number that rules get.</summary>
    public int StartRule { get; init; } = 10000;

    /// <summary>IPFW_MAX_RULES: how many numbers there are from there on.</summary>
    public int MaxRules { get; init; } = 65535;

    /// <summary>IPFW_ACTIVE_SET_NUM: the set of rules that let connections in.</summary>
    public int ActiveSet { get; init; } = 1;

    /// <summary>IPFW_EXPIRE_SET_NUM: the disabled set, where rules wait for the end of their connections; 0 = they are deleted at once.</summary>
    public int ExpireSet { get; init; } = 2;

    /// <summary>IPFW_EXPIRE_PURGE_INTERVAL: how often that set is looked through.</summary>
    public TimeSpan PurgeInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>IPFW_ADD_CHECK_STATE: the first rule looks for connections that exist.</summary>
    public bool AddsCheckState { get; init; }
}
