using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.Benchmarks;

/// <summary>A firewall, and what grants come to in it.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Configuration">Lines of fwknopd.conf.</param>
/// <param name="Stanza">Lines of access.conf.</param>
/// <param name="Ruleset">Of the administrator, for nft.</param>
/// <param name="Listing">The program that tells of the grants that the kernel has.</param>
internal sealed partial record Candidate(string Name, string Configuration, string Stanza = "", string? Ruleset = null, string Listing = "nft list ruleset")
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
        new("iptables-nft", Iptables("iptables-nft"), Listing: "iptables-nft-save"),
        new("iptables-nft, forwarded (DNAT)", Iptables("iptables-nft") + Forwarding, InnerServer, Listing: "iptables-nft-save"),
        new("iptables-legacy", Iptables("iptables-legacy"), Listing: "iptables-legacy-save"),
        new("iptables-legacy, forwarded (DNAT)", Iptables("iptables-legacy") + Forwarding, InnerServer, Listing: "iptables-legacy-save"),
        new("ipset", "FIREWALL_TYPE ipset;\n", Listing: "ipset save"),
    ];

    /// <summary>How many of the clients of <see cref="Measurement"/> the kernel lets in.</summary>
    public int CountOpen(NetworkNamespace server)
    {
        string[] words = Listing.Split(' ');
        string listing = server.RunChecked(words[0], words[1..]).Output;
        return ClientAddress().Matches(listing).Select(match => match.Value).Distinct().Count();
    }

    private static string Iptables(string program) => $"FIREWALL_TYPE iptables;\nFIREWALL_EXE {Requirement.FindProgram(program)};\n";

    [GeneratedRegex(@"\b10\.[01]\.\d+\.\d+\b")]
    private static partial Regex ClientAddress();
}
