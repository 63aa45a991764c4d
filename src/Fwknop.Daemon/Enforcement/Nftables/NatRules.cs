using System.Globalization;
using System.Text;
using Fwknop.Grants;
using Fwknop.Native.LibNftables;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>
/// The base chains in our own table that give connections of grants another destination or source. The first chain to translate a connection decides, so
/// ours come just before the usual priorities: a grant leads where it says whatever Docker or the administrator do with the port for everybody else.
/// </summary>
internal static class NatRules
{
    // Just before dstnat (-100) and srcnat (100).
    private const int DestinationPriority = -105;
    private const int SourcePriority = 95;

    /// <summary>The chains.</summary>
    public static IReadOnlyList<string> Chains { get; } = [NftPlace.PreroutingChain, NftPlace.PostroutingChain, NftPlace.MasqueradeChain];

    /// <summary>Makes them; the sets and maps are there.</summary>
    public static void Append(StringBuilder script, NftPlace place, NftShapes shapes)
    {
        AppendChain(script, place, NftPlace.PreroutingChain, "prerouting", DestinationPriority);
        AppendChain(script, place, NftPlace.PostroutingChain, "postrouting", SourcePriority);
        AppendChain(script, place, NftPlace.MasqueradeChain, "postrouting", SourcePriority);
        foreach (NftMap map in place.Usable(shapes.Maps))
        {
            script.Append(CultureInfo.InvariantCulture, $"add rule {place.PathOf(NftPlace.PreroutingChain)} {map.Rule}\n");
        }

        foreach (NftSet set in place.Usable(shapes.Sets).Where(set => set.Way is { Kind: NatKind.Forward, Source: not null }))
        {
            (string chain, string verdict) = set.Way!.Source!.Address is { } address
                ? (NftPlace.PostroutingChain, $"snat {NftMatch.Family(set.IsIPv6)} to {address}")
                : (NftPlace.MasqueradeChain, "masquerade");
            script.Append(CultureInfo.InvariantCulture, $"add rule {place.PathOf(chain)} {set.Selector} @{set.Name} {verdict}\n");
        }
    }

    /// <summary>Null when the kernel can translate in a table of family inet, or what it lacks; nothing is changed.</summary>
    public static string? Missing(NftContext nft)
    {
        const string Probe = "inet fwknop_probe";
        string chain = $"{Probe} nat {{ type nat hook prerouting priority {DestinationPriority}; }}";
        return nft.TryRun($"add table {Probe}\nadd chain {chain}\nadd rule {Probe} nat {NftMap.ToThisHost}\ndelete table {Probe}\n", out _, out string error)
            ? null
            : $"forwarding needs NAT in nftables of family inet: Linux 5.2 or later with the modules nft_chain_nat and nft_fib_inet ({NftListing.Reason(error)})";
    }

    private static void AppendChain(StringBuilder script, NftPlace place, string chain, string hook, int priority) => script.Append(
        CultureInfo.InvariantCulture, $"add chain {place.PathOf(chain)} {{ type nat hook {hook} priority {priority}; policy accept; }}\n");
}
