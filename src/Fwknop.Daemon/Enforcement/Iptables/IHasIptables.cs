namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>A firewall that keeps rules in chains of iptables: another one that follows it in the same chains finds them there.</summary>
internal interface IHasIptables
{
    /// <summary>What keeps them.</summary>
    IptablesFirewall Rules { get; }
}
