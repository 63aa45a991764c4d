using Fwknop.TestSupport;

namespace Fwknop.Benchmarks;

/// <summary>A firewall, and what grants come to in it.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Configuration">Lines of fwknopd.conf.</param>
/// <param name="Stanza">Lines of access.conf.</param>
/// <param name="Ruleset">Of the administrator, for nft.</param>
internal sealed record Candidate(string Name, string Configuration, string Stanza = "", string? Ruleset = null)
{
    private const string Guard = "FIREWALL_TYPE nftables;\nGUARD_PORTS tcp/22;\n";
    private const string Insert = "FIREWALL_TYPE nftables;\nNFT_INSERT inet filter input, inet filter forward;\n";
    private const string Forwarding = "ENABLE_IPT_FORWARDING Y;\n";
    private const string InnerServer = "FORCE_NAT 198.19.0.1 22\n";

    private const string Filter = """
        table inet filter {
            chain input { type filter hook input priority 0; policy drop; meta l4proto ipv6-icmp accept; }
            chain forward { type filter hook forward priority 0; policy drop; }
        }
        """;

    /// <summary>All firewalls, but those that keep rules only as long as another program lets them.</summary>
    public static IReadOnlyList<Candidate> All { get; } =
    [
        new("nftables", Guard),
        new("nftables, forwarded (DNAT)", Guard + Forwarding, InnerServer),
        new("nftables, inserted", Insert, Ruleset: Filter),
        new("nftables, inserted, forwarded (DNAT)", Insert + Forwarding, InnerServer, Filter),
        new("iptables-nft", Iptables("iptables-nft")),
        new("iptables-nft, forwarded (DNAT)", Iptables("iptables-nft") + Forwarding, InnerServer),
        new("iptables-legacy", Iptables("iptables-legacy")),
        new("iptables-legacy, forwarded (DNAT)", Iptables("iptables-legacy") + Forwarding, InnerServer),
        new("ipset", "FIREWALL_TYPE ipset;\n"),
    ];

    private static string Iptables(string program) => $"FIREWALL_TYPE iptables;\nFIREWALL_EXE {Requirement.FindProgram(program)};\n";
}
