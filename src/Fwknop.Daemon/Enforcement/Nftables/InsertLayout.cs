using System.Globalization;
using System.Text;
using Fwknop.Configuration.Server;
using Fwknop.Native.LibNftables;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>
/// Our sets and one chain in the administrator's tables, and one rule in front of each chain named by NFT_INSERT that
/// jumps to it. What is not granted falls through to the administrator's rules.
/// </summary>
internal sealed class InsertLayout : NftLayout
{
    /// <summary>The comment is how the rule is found again, also after a crash.</summary>
    private const string JumpRule = $"jump {NftPlace.Chain} comment \"fwknopd\"";

    private readonly IReadOnlyList<NftHook> _hooks;

    public InsertLayout(IReadOnlyList<NftHook> hooks)
    {
        _hooks = [.. hooks.Distinct()];
        Places = [.. _hooks.Select(hook => new NftPlace(hook.Family, hook.Table, "fwknop_")).Distinct()];
    }

    public override string Description => $"nftables, in front of {string.Join(", ", _hooks)}";

    public override IReadOnlyList<NftPlace> Places { get; }

    public override bool TryBuild(NftContext nft, IReadOnlyCollection<NftSet> sets, StringBuilder script, out string error)
    {
        foreach (NftHook hook in _hooks)
        {
            if (!TryAppendUnhook(nft, script, hook, out string reason))
            {
                error = $"NFT_INSERT {hook}: {NftListing.Reason(reason)}";
                return false;
            }
        }

        foreach (NftPlace place in Places)
        {
            script.Append(CultureInfo.InvariantCulture, $"add chain {place.ChainPath}\nflush chain {place.ChainPath}\n");
            AppendRemoval(script, place, SetsIn(nft, place).Except(sets));
            foreach (NftSet set in place.Usable(sets))
            {
                script.Append(
                    CultureInfo.InvariantCulture, $"add set {place.Path(set)} {set.Definition}\nflush set {place.Path(set)}\n");
            }

            NftScript.AppendAcceptRules(script, place, sets);
        }

        foreach (NftHook hook in _hooks)
        {
            script.Append(CultureInfo.InvariantCulture, $"insert rule {hook} {JumpRule}\n");
        }

        error = "";
        return true;
    }

    public override string? Inspect(NftContext nft)
    {
        StringBuilder state = new();
        foreach (NftPlace place in Places)
        {
            if (!nft.TryRun($"list chain {place.ChainPath}", out string rules, out _))
            {
                return null;
            }

            state.Append(rules);
        }

        foreach (NftHook hook in _hooks)
        {
            if (!nft.TryRun($"list chain {hook}", out string rules, out _) || NftListing.Handles(rules, JumpRule) is not [ulong jump])
            {
                return null;
            }

            state.Append(CultureInfo.InvariantCulture, $"{hook} {jump}\n");
        }

        return state.ToString();
    }

    public override bool TryRemove(NftContext nft, out string error) => TryRemoveBut(null, nft, out error);

    /// <summary>Each table by itself: that the administrator has taken one away must not keep ours in another.</summary>
    public override bool TryRemoveBut(NftLayout? kept, NftContext nft, out string error)
    {
        error = "";
        InsertLayout? other = kept as InsertLayout;
        foreach (NftPlace place in Places)
        {
            if (!nft.TryRun($"list table {place.TablePath}", out _, out _))
            {
                continue;
            }

            string script = other?.Places.Contains(place) == true ? UnhookingOf(nft, place, other._hooks) : RemovalOf(nft, place);
            if (script.Length > 0 && !nft.TryRun(script, out _, out string reason))
            {
                error += $"{place.TablePath}: {NftListing.Reason(reason)}. ";
            }
        }

        error = error.TrimEnd();
        return error.Length == 0;
    }

    private string UnhookingOf(NftContext nft, NftPlace place, IReadOnlyList<NftHook> kept)
    {
        StringBuilder script = new();
        foreach (NftHook hook in _hooks.Where(hook => hook.Family == place.Family && hook.Table == place.Table && !kept.Contains(hook)))
        {
            TryAppendUnhook(nft, script, hook, out _);
        }

        return script.ToString();
    }

    private string RemovalOf(NftContext nft, NftPlace place)
    {
        StringBuilder script = new(UnhookingOf(nft, place, kept: []));

        script.Append(
            CultureInfo.InvariantCulture,
            $"add chain {place.ChainPath}\nflush chain {place.ChainPath}\ndelete chain {place.ChainPath}\n");
        AppendRemoval(script, place, SetsIn(nft, place));
        return script.ToString();
    }

    // "add" first: what is gone already must not make the transaction fail.
    private static void AppendRemoval(StringBuilder script, NftPlace place, IEnumerable<NftSet> sets)
    {
        foreach (NftSet set in sets)
        {
            script.Append(CultureInfo.InvariantCulture, $"add set {place.Path(set)} {set.Definition}\ndelete set {place.Path(set)}\n");
        }
    }

    private static bool TryAppendUnhook(NftContext nft, StringBuilder script, NftHook hook, out string error)
    {
        if (!nft.TryRun($"list chain {hook}", out string rules, out error))
        {
            return false;
        }

        foreach (ulong handle in NftListing.Handles(rules, JumpRule))
        {
            script.Append(CultureInfo.InvariantCulture, $"delete rule {hook} handle {handle}\n");
        }

        return true;
    }
}
