using System.Globalization;

namespace Fwknop.Daemon.Tests.Enforcement.Sequences;

/// <summary>What <c>ipset save</c> should say about a wish.</summary>
internal static class ExpectedIpset
{
    /// <summary>True for what a set can hold.</summary>
    public static bool Holds(Wish wish) => wish.Way is null && wish.First == wish.Last && (wish.Destination is null || wish.IsHost);

    public static IEnumerable<RuleItem> Of(Wish wish)
    {
        string name = Names(wish.IsIPv6)[wish.Destination is null ? 0 : 1];
        string destination = wish.Destination is null ? "" : $",{wish.Destination}";
        yield return new RuleItem($"ipset {name}", string.Create(CultureInfo.InvariantCulture, $"{wish.Source},{wish.Protocol}:{wish.First}{destination}"));
    }

    public static string[] Names(bool ipv6) => ipv6 ? ["fwknop_in6", "fwknop_to6"] : ["fwknop_in4", "fwknop_to4"];

    /// <summary>The rules that look the sets up.</summary>
    public static IEnumerable<string> Lookups(FirewallVariant variant, bool ipv6)
    {
        string[] names = Names(ipv6);
        string place = $"{variant.Program} {(ipv6 ? 6 : 4)} filter";
        yield return $"{place} -A {variant.InputChain} -m set --match-set {names[0]} src,dst -j ACCEPT";
        yield return $"{place} -A {variant.InputChain} -m set --match-set {names[1]} src,dst,dst -j ACCEPT";
        if (variant.HasOutput)
        {
            yield return $"{place} -A FWKNOP_OUTPUT -m set --match-set {names[0]} dst,src -j ACCEPT";
            yield return $"{place} -A FWKNOP_OUTPUT -m set --match-set {names[1]} dst,src,src -j ACCEPT";
        }
    }
}
