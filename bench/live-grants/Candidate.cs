namespace Fwknop.Benchmarks;

/// <summary>A firewall, and what grants come to in it.</summary>
internal sealed record Candidate(string Name, string Configuration, string Stanza = "")
{
    private const string Guard = "FIREWALL_TYPE nftables;\nGUARD_PORTS tcp/22;\n";
    private const string Iptables = "FIREWALL_TYPE iptables;\n";
    private const string Forwarding = "ENABLE_IPT_FORWARDING Y;\n";
    private const string InnerServer = "FORCE_NAT 198.19.0.1 22\n";

    public static IReadOnlyList<Candidate> All { get; } =
    [
        new("nftables", Guard),
        new("nftables, forwarded (DNAT)", Guard + Forwarding, InnerServer),
        new("iptables", Iptables),
        new("iptables, forwarded (DNAT)", Iptables + Forwarding, InnerServer),
    ];
}
