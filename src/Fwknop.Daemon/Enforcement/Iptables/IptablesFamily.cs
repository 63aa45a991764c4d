namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>What the firewall knows about iptables or ip6tables.</summary>
internal sealed class IptablesFamily
{
    private readonly IptablesPrograms _programs;
    private readonly IFirewallLog _log;

    public IptablesFamily(bool ipv6, IptablesPrograms programs, IptablesLayout layout, IFirewallLog log)
    {
        (_programs, _log) = (programs, log);
        IsIPv6 = ipv6;
        Layout = layout;
        Tables = new IptablesTables(programs, layout, log);
        Rules = new IptablesRules(layout);
    }

    public bool IsIPv6 { get; }

    /// <summary>The name of its program, for messages.</summary>
    public string Name => IsIPv6 ? "ip6tables" : "iptables";

    public IptablesLayout Layout { get; }

    public IptablesTables Tables { get; }

    public IptablesRules Rules { get; }

    public bool IsUsable { get; set; }

    /// <summary>When the chains must be read because of a rule that is not in the <see cref="GrantBook"/>.</summary>
    public TimeSpan? NextScan { get; set; }

    public TimeSpan RetryDelay { get; set; } = IptablesFirewall.FirstRetry;

    /// <summary>Rules of grants that failed and could not be taken away again: they may be there and must go.</summary>
    public RuleCounts Leftovers { get; set; } = new();

    /// <summary>The same with other chains; nothing has been done to it yet.</summary>
    public IptablesFamily With(IptablesLayout layout) => new(IsIPv6, _programs, layout, _log);
}
