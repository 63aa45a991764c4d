using System.Globalization;
using System.Text;
using Fwknop.Protocol;

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
        foreach (GrantChange change in changes.Where(change => place.Supports(change.Key.IsIPv6)))
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
        foreach (GrantKey key in keys.Where(key => place.Supports(key.IsIPv6)))
        {
            AppendElement(script, place, key, TimeSpan.FromSeconds(1));
            AppendRemoval(script, place, key);
        }
    }

    /// <summary>Adds one element that times out by itself; one that is over already is left out.</summary>
    public static void AppendElement(StringBuilder script, NftPlace place, GrantKey key, TimeSpan remaining)
    {
        if (remaining >= TimeSpan.FromMilliseconds(1))
        {
            NftSet set = NftSet.Of(key);
            script.Append(
                CultureInfo.InvariantCulture,
                $"add element {place.Path(set)} {{ {set.Element(key)} timeout {Duration(remaining)} }}\n");
        }
    }

    private static void AppendRemoval(StringBuilder script, NftPlace place, GrantKey key)
    {
        NftSet set = NftSet.Of(key);
        script.Append(CultureInfo.InvariantCulture, $"delete element {place.Path(set)} {{ {set.Element(key)} }}\n");
    }

    /// <summary>The rules that let granted packets through.</summary>
    public static void AppendAcceptRules(StringBuilder script, NftPlace place, IEnumerable<NftSet> sets)
    {
        foreach (NftSet set in place.Usable(sets))
        {
            script.Append(
                CultureInfo.InvariantCulture, $"add rule {place.ChainPath} {set.Selector} @{place.SetPrefix}{set.Name} accept\n");
        }
    }

    /// <summary><c>tcp . 22</c>.</summary>
    public static string Port(PortSpec port) =>
        string.Create(CultureInfo.InvariantCulture, $"{(port.Protocol == TransportProtocol.Udp ? "udp" : "tcp")} . {port.Port}");

    /// <summary><c>0d0h0m30s0ms</c>; nft refuses a single unit that is too large.</summary>
    public static string Duration(TimeSpan time) => string.Create(
        CultureInfo.InvariantCulture, $"{time.Days}d{time.Hours}h{time.Minutes}m{time.Seconds}s{time.Milliseconds}ms");
}
