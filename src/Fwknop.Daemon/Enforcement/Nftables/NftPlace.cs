using Fwknop.Configuration.Server;
using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>A table that holds our sets and our chains.</summary>
/// <param name="Family">Its family.</param>
/// <param name="Table">Its name.</param>
/// <param name="SetPrefix">Tells our sets from the administrator's.</param>
/// <param name="Chains">Which of our chains are in it.</param>
internal sealed record NftPlace(NftFamily Family, string Table, string SetPrefix, NftChains Chains = NftChains.Input)
{
    public const string InputChain = "FWKNOP_INPUT";
    public const string ForwardChain = "FWKNOP_FORWARD";
    public const string PreroutingChain = "FWKNOP_PREROUTING";
    public const string PostroutingChain = "FWKNOP_POSTROUTING";
    public const string MasqueradeChain = "FWKNOP_MASQUERADE";

    /// <summary>The name of the table that is ours alone.</summary>
    public const string OwnTable = "fwknop";

    /// <summary>The table that is ours alone.</summary>
    public static NftPlace Own(NftChains chains) => new(NftFamily.Inet, OwnTable, "", chains);

    /// <summary>Of sets, those that belong here.</summary>
    public IEnumerable<NftSet> Usable(IEnumerable<NftSet> sets) => sets.Where(Holds);

    /// <summary>Of maps, those that belong here.</summary>
    public IEnumerable<NftMap> Usable(IEnumerable<NftMap> maps) => maps.Where(Holds);

    public bool Supports(bool ipv6) => Family == NftFamily.Inet || Family == (ipv6 ? NftFamily.Ip6 : NftFamily.Ip);

    public bool Has(NftChains chains) => (Chains & chains) != 0;

    /// <summary><c>inet fwknop</c>.</summary>
    public string TablePath => $"{NftFamilyNames.GetName(Family)} {Table}";

    /// <summary><c>inet fwknop grants4</c>.</summary>
    public string Path(NftSet set) => $"{TablePath} {SetPrefix}{set.Name}";

    /// <summary><c>inet fwknop dnat4</c>.</summary>
    public string Path(NftMap map) => $"{TablePath} {SetPrefix}{map.Name}";

    /// <summary><c>inet fwknop FWKNOP_INPUT</c>.</summary>
    public string PathOf(string chain) => $"{TablePath} {chain}";

    /// <summary>What a grant is here.</summary>
    public IEnumerable<NftElement> ElementsOf(GrantKey key)
    {
        NftSet set = NftSet.Of(key);
        if (Holds(set))
        {
            yield return new NftElement(Path(set), set.Element(key), null);
        }

        if (NftMap.Of(key) is { } map && Holds(map))
        {
            yield return new NftElement(Path(map), map.Key(key), map.Value(key));
        }
    }

    /// <summary>Those of forwarded grants are where they are translated, too: a restart finds all of them there.</summary>
    private bool Holds(NftSet set) => Supports(set.IsIPv6) && set.Way?.Kind switch
    {
        null => Has(NftChains.Input | NftChains.Forward),
        NatKind.Forward => Has(NftChains.Forward | NftChains.Nat),
        _ => Has(NftChains.Input | NftChains.Nat),
    };

    private bool Holds(NftMap map) => Supports(map.IsIPv6) && Has(NftChains.Nat);
}
