using System.Globalization;
using System.Text;
using Fwknop.Configuration.Server;
using Fwknop.Native.LibNftables;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>
/// Our sets and chains in the administrator's tables, and one rule in front of each chain named by NFT_INSERT that
/// jumps to the one for its hook. What is not granted falls through to the administrator's rules. What is forwarded is translated in a table of our own.
/// </summary>
internal sealed class InsertLayout : NftLayout
{
    /// <summary>How a chain of iptables that the kernel leads to begins in a listing; those of others are rarely in capitals.</summary>
    private static readonly string[] ChainsOfIptables = [.. new[] { "INPUT", "FORWARD", "OUTPUT", "PREROUTING", "POSTROUTING" }.Select(name => $"\tchain {name} {{")];

    private static readonly string[] Chains = [NftPlace.InputChain, NftPlace.ForwardChain];

    private readonly IReadOnlyList<NftHook> _hooks;

    /// <summary>Which of our chains each chain of the administrator's leads to, as last seen.</summary>
    private readonly Dictionary<NftHook, NftChains> _leading = [];
    private IReadOnlyList<NftPlace> _places;

    public InsertLayout(IReadOnlyList<NftHook> hooks)
    {
        _hooks = [.. hooks.Distinct()];
        _places = PlacesOf(_ => NftChains.Input | NftChains.Forward, translates: true);
    }

    public override string Description => $"nftables, in front of {string.Join(", ", _hooks)}";

    public override IReadOnlyList<NftPlace> Places => _places;

    public override IEnumerable<string> SharedWithIptables(NftContext nft) => Inserted
        .Where(place => place.Family != NftFamily.Inet && ChainsOfIptables.Any(TableOf(nft, place).Contains))
        .Select(place => place.TablePath);

    private static NftPlace OwnPlace { get; } = NftPlace.Own(NftChains.Nat);

    private IEnumerable<NftPlace> Inserted => _places.Where(place => place.TablePath != OwnPlace.TablePath);

    public override IEnumerable<string> Own(NftContext nft) =>
    [
        .. Inserted.SelectMany(place => SetsIn(TableOf(nft, place), place).Select(set => $"set {place.Path(set)}")
            .Concat(ChainsOf(place.Chains).Select(chain => $"chain {place.PathOf(chain)}"))),
        .. nft.TryRun($"list table {OwnPlace.TablePath}", out _, out _) ? (string[])[$"table {OwnPlace.TablePath}"] : [],
    ];

    public override bool TryBuild(NftContext nft, NftShapes shapes, bool translates, StringBuilder script, out string error)
    {
        foreach (NftHook hook in _hooks)
        {
            if (!nft.TryRun($"list chain {hook}", out _, out string reason))
            {
                error = $"NFT_INSERT {hook}: {NftListing.Reason(reason)}";
                return false;
            }
        }

        Dictionary<string, string> tables = Inserted.ToDictionary(place => place.TablePath, place => TableOf(nft, place));
        foreach (NftHook hook in _hooks)
        {
            _leading[hook] = LeadsTo(tables[TablePathOf(hook)], hook);
        }

        _places = PlacesOf(hook => _leading[hook], translates || shapes.Translate);
        foreach (NftPlace place in Inserted)
        {
            AppendRemovalOfRules(script, place, tables[place.TablePath], kept: place.Chains);
            AppendRemoval(script, place, SetsIn(tables[place.TablePath], place).Except(place.Usable(shapes.Sets)));
            NftScript.AppendSets(script, place, shapes);
            if (place.Has(NftChains.Input))
            {
                // The named chain may see forwarded packets, too, today or later: a grant is for this host.
                script.Append(CultureInfo.InvariantCulture, $"add rule {place.PathOf(NftPlace.InputChain)} fib daddr type != local return\n");
            }

            NftScript.AppendAcceptRules(script, place, shapes.Sets);
        }

        AppendOwnTable(script, shapes);
        foreach (NftHook hook in _hooks)
        {
            foreach (string chain in ChainsOf(_leading[hook]))
            {
                script.Append(CultureInfo.InvariantCulture, $"insert rule {hook} {JumpTo(chain)}\n");
            }
        }

        error = "";
        return true;
    }

    public override string? Inspect(NftContext nft)
    {
        IEnumerable<string> own = Inserted.SelectMany(place => ChainsOf(place.Chains).Select(place.PathOf))
            .Concat(_places.Contains(OwnPlace) ? NatRules.Chains.Select(OwnPlace.PathOf) : []);
        if (Listings(nft, own) is not string listings)
        {
            return null;
        }

        StringBuilder state = new(listings);
        foreach (NftHook hook in _hooks)
        {
            if (!nft.TryRun($"list chain {hook}", out string rules, out _))
            {
                return null;
            }

            foreach (string chain in ChainsOf(_leading[hook]))
            {
                if (NftListing.Handles(rules, JumpTo(chain)) is not [ulong jump])
                {
                    return null;
                }

                state.Append(CultureInfo.InvariantCulture, $"{hook} {jump}\n");
            }
        }

        return state.ToString();
    }

    public override bool TryRemove(NftContext nft, out string error) => TryRemoveBut(null, nft, out error);

    /// <summary>Each table by itself: that the administrator has taken one away must not keep ours in another.</summary>
    public override bool TryRemoveBut(NftLayout? kept, NftContext nft, out string error)
    {
        error = "";
        string[] used = kept is InsertLayout other ? [.. other.Inserted.Select(place => place.TablePath)] : [];
        foreach (NftPlace place in Inserted.Where(place => !used.Contains(place.TablePath)))
        {
            if (TableOf(nft, place).Length == 0)
            {
                continue;
            }

            if (!nft.TryRun(RemovalOf(nft, place), out _, out string reason))
            {
                error += $"{place.TablePath}: {NftListing.Reason(reason)}. ";
            }
        }

        bool usesOwn = kept?.Places.Any(place => place.TablePath == OwnPlace.TablePath) == true;
        if (!usesOwn && !nft.TryRun($"add table {OwnPlace.TablePath}\ndelete table {OwnPlace.TablePath}\n", out _, out string own))
        {
            error += $"{OwnPlace.TablePath}: {NftListing.Reason(own)}. ";
        }

        error = error.TrimEnd();
        return error.Length == 0;
    }

    /// <summary>The comment is how the rule is found again, also after a crash.</summary>
    private static string JumpTo(string chain) => $"jump {chain} comment \"fwknopd\"";

    private static IEnumerable<string> ChainsOf(NftChains chains)
    {
        if (chains.HasFlag(NftChains.Input))
        {
            yield return NftPlace.InputChain;
        }

        if (chains.HasFlag(NftChains.Forward))
        {
            yield return NftPlace.ForwardChain;
        }
    }

    private static string TablePathOf(NftHook hook) => new NftPlace(hook.Family, hook.Table, "").TablePath;

    /// <summary>The listing of a table; empty if there is none.</summary>
    private static string TableOf(NftContext nft, NftPlace place) => nft.TryRun($"list table {place.TablePath}", out string listing, out _) ? listing : "";

    /// <summary>One that nothing leads to, or that is at another hook, is taken for one that guards this host.</summary>
    private static NftChains LeadsTo(string table, NftHook hook)
    {
        IReadOnlySet<string> hooks = NftListing.HooksOf(table, hook.Chain);
        NftChains forward = hooks.Contains("forward") ? NftChains.Forward : NftChains.None;
        return forward == NftChains.None || hooks.Count > 1 ? forward | NftChains.Input : forward;
    }

    private List<NftPlace> PlacesOf(Func<NftHook, NftChains> chains, bool translates) =>
    [
        .. _hooks.GroupBy(hook => (hook.Family, hook.Table)).Select(group => new NftPlace(
            group.Key.Family, group.Key.Table, "fwknop_", group.Aggregate(NftChains.None, (sum, hook) => sum | chains(hook)))),
        .. translates ? (NftPlace[])[OwnPlace] : [],
    ];

    /// <summary>Also where it is not needed: a guard of an earlier run would keep shut what is granted here.</summary>
    private void AppendOwnTable(StringBuilder script, NftShapes shapes)
    {
        script.Append(CultureInfo.InvariantCulture, $"add table {OwnPlace.TablePath}\ndelete table {OwnPlace.TablePath}\n");
        if (_places.Contains(OwnPlace))
        {
            script.Append(CultureInfo.InvariantCulture, $"add table {OwnPlace.TablePath}\n");
            NftScript.AppendSets(script, OwnPlace, shapes);
            NatRules.Append(script, OwnPlace, shapes);
        }
    }

    private static string RemovalOf(NftContext nft, NftPlace place)
    {
        StringBuilder script = new();
        string table = TableOf(nft, place);
        AppendRemovalOfRules(script, place, table, kept: NftChains.None);
        AppendRemoval(script, place, SetsIn(table, place));
        return script.ToString();
    }

    /// <summary>Our sets that are in a table, and those that always should be.</summary>
    private static IEnumerable<NftSet> SetsIn(string table, NftPlace place) =>
        NftListing.Sets(table, place).Select(found => found.Set).Union(NftSet.OfHosts.Where(set => place.Supports(set.IsIPv6)));

    /// <summary>What leads to our chains, also from chains that an earlier configuration named; the chains go, or are empty afterwards.</summary>
    private static void AppendRemovalOfRules(StringBuilder script, NftPlace place, string table, NftChains kept)
    {
        foreach (string chain in Chains)
        {
            foreach ((string from, ulong handle) in NftListing.Find(table, JumpTo(chain)))
            {
                script.Append(CultureInfo.InvariantCulture, $"delete rule {place.PathOf(from)} handle {handle}\n");
            }
        }

        // "add" first: what is gone already must not make the transaction fail.
        foreach (string chain in Chains)
        {
            string path = place.PathOf(chain);
            string end = ChainsOf(kept).Contains(chain) ? "" : $"delete chain {path}\n";
            script.Append(CultureInfo.InvariantCulture, $"add chain {path}\nflush chain {path}\n{end}");
        }
    }

    private static void AppendRemoval(StringBuilder script, NftPlace place, IEnumerable<NftSet> sets)
    {
        foreach (NftSet set in sets)
        {
            script.Append(CultureInfo.InvariantCulture, $"add set {place.Path(set)} {set.Definition}\ndelete set {place.Path(set)}\n");
        }
    }
}
