using System.Globalization;
using System.Text;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>Command text of nft(8). Every value in it is printed from a typed one; nothing is ever quoted or escaped.</summary>
internal static class NftScript
{
    /// <summary>
    /// Adds elements, and renews those that exist. A kernel before 6.12 does not change the timeout of an element that
    /// exists, so it is deleted and made again; the first "add" lets the "delete" find something even if the old element
    /// has just timed out. To packets the transaction is one step.
    /// </summary>
    public static void AppendChanges(StringBuilder script, NftPlace place, IEnumerable<GrantChange> changes, TimeSpan now)
    {
        foreach (GrantChange change in changes)
        {
            if (change.Before is null)
            {
                AppendElement(script, place, change.Key, change.After.Due - now);
            }
            else if (change.Before.Value.Due < change.After.Due)
            {
                AppendElement(script, place, change.Key, change.After.Due - now);
                AppendRemoval(script, place, change.Key);
                AppendElement(script, place, change.Key, change.After.Due - now);
            }
        }
    }

    /// <summary>Removes elements; the "add" lets the "delete" find something even if the element has just timed out.</summary>
    public static void AppendRemovals(StringBuilder script, NftPlace place, IEnumerable<GrantKey> keys)
    {
        foreach (GrantKey key in keys)
        {
            AppendElement(script, place, key, TimeSpan.FromSeconds(1));
            AppendRemoval(script, place, key);
        }
    }

    /// <summary>Adds elements that time out by themselves; what is over already is left out.</summary>
    public static void AppendElement(StringBuilder script, NftPlace place, GrantKey key, TimeSpan remaining)
    {
        if (remaining < TimeSpan.FromMilliseconds(1))
        {
            return;
        }

        foreach (NftElement element in place.ElementsOf(key))
        {
            string value = element.Value is null ? "" : $" : {element.Value}";
            script.Append(CultureInfo.InvariantCulture, $"add element {element.Path} {{ {element.Key} timeout {Duration(remaining)}{value} }}\n");
        }
    }

    private static void AppendRemoval(StringBuilder script, NftPlace place, GrantKey key)
    {
        foreach (NftElement element in place.ElementsOf(key))
        {
            script.Append(CultureInfo.InvariantCulture, $"delete element {element.Path} {{ {element.Key} }}\n");
        }
    }

    /// <summary>Makes the sets and maps that belong to a table and that the rules will name.</summary>
    public static void AppendSets(StringBuilder script, NftPlace place, NftShapes shapes)
    {
        foreach (NftSet set in place.Usable(shapes.Sets))
        {
            script.Append(CultureInfo.InvariantCulture, $"add set {place.Path(set)} {set.Definition}\nflush set {place.Path(set)}\n");
        }

        foreach (NftMap map in place.Usable(shapes.Maps))
        {
            script.Append(CultureInfo.InvariantCulture, $"add map {place.Path(map)} {map.Definition}\nflush map {place.Path(map)}\n");
        }
    }

    /// <summary>The rules that let granted packets through: those for this host, and those that go on to another one.</summary>
    public static void AppendAcceptRules(StringBuilder script, NftPlace place, IReadOnlyList<NftSet> sets)
    {
        foreach (NftSet set in place.Usable(sets))
        {
            if (place.Has(NftChains.Input) && set.Way?.Kind != Grants.NatKind.Forward)
            {
                AppendAccept(script, place, NftPlace.InputChain, set, set.Selector);
            }

            if (place.Has(NftChains.Forward) && set.Way?.Kind != Grants.NatKind.Local)
            {
                AppendAccept(script, place, NftPlace.ForwardChain, set, set.Way is null ? set.OriginalSelector : set.Selector);
            }
        }
    }

    /// <summary><c>0d0h0m30s0ms</c>; nft refuses a single unit that is too large.</summary>
    public static string Duration(TimeSpan time) => string.Create(
        CultureInfo.InvariantCulture, $"{time.Days}d{time.Hours}h{time.Minutes}m{time.Seconds}s{time.Milliseconds}ms");

    private static void AppendAccept(StringBuilder script, NftPlace place, string chain, NftSet set, string selector) =>
        script.Append(CultureInfo.InvariantCulture, $"add rule {place.PathOf(chain)} {selector} @{place.SetPrefix}{set.Name} accept\n");
}
