namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>What the firewall knows about iptables or ip6tables.</summary>
internal sealed class IptablesFamily
{
    public IptablesFamily(bool ipv6, IptablesChain chain) => (IsIPv6, Chain) = (ipv6, chain);

    public bool IsIPv6 { get; }

    public IptablesChain Chain { get; }

    public bool IsUsable { get; set; }

    /// <summary>When the chain must be read because of a rule that is not in the <see cref="GrantBook"/>.</summary>
    public TimeSpan? NextScan { get; set; }

    public TimeSpan RetryDelay { get; set; } = IptablesFirewall.FirstRetry;
}
