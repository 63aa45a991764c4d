namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>The iptables of both address families.</summary>
/// <param name="Name">What they are together, for messages: <c>iptables</c>.</param>
/// <param name="IPv4">That of IPv4.</param>
/// <param name="IPv6">That of IPv6.</param>
internal sealed record IptablesPair(string Name, IIptables IPv4, IIptables IPv6)
{
    /// <summary>What its variables in fwknopd.conf have in their names: <c>FLUSH_IPT_AT_EXIT</c>.</summary>
    public string Infix { get; init; } = "IPT";
}
