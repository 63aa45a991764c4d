using System.Text;
using Fwknop.Native.LibNftables;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>Where our rules are among the administrator's.</summary>
internal abstract class NftLayout
{
    public abstract string Description { get; }

    /// <summary>The tables with our sets, and what of ours is in them, as far as it is known.</summary>
    public abstract IReadOnlyList<NftPlace> Places { get; }

    /// <summary>The tables with something of ours.</summary>
    public IEnumerable<string> Tables => Places.Select(place => $"table {place.TablePath}");

    /// <summary>Our chains and sets, as <c>nft list</c> names them.</summary>
    public abstract IEnumerable<string> Own(NftContext nft);

    /// <summary>
    /// The transaction that makes everything of ours anew, in place of what is there of an earlier time; the elements are
    /// appended to it.
    /// </summary>
    /// <param name="nft">To see what is there.</param>
    /// <param name="shapes">The sets and maps to make.</param>
    /// <param name="translates">Forwarding is allowed, so its chains are there from the beginning.</param>
    /// <param name="script">Where the transaction goes.</param>
    /// <param name="error">Why there is none.</param>
    public abstract bool TryBuild(NftContext nft, NftShapes shapes, bool translates, StringBuilder script, out string error);

    /// <summary>A text that stays the same as long as nobody touches our rules; null if they are not in place.</summary>
    public abstract string? Inspect(NftContext nft);

    /// <summary>Takes everything of ours away.</summary>
    public abstract bool TryRemove(NftContext nft, out string error);

    /// <summary>Takes away what another layout, which is in place, does not use.</summary>
    public abstract bool TryRemoveBut(NftLayout? kept, NftContext nft, out string error);

    /// <summary>Tables of ours and of iptables-nft at once, which its programs do not understand any more.</summary>
    public virtual IEnumerable<string> SharedWithIptables(NftContext nft) => [];

    /// <summary>True when one of the tables for a family has one of these chains.</summary>
    public bool Has(NftChains chains, bool ipv6) => Places.Any(place => place.Has(chains) && place.Supports(ipv6));

    /// <summary>The listings of chains, one after another; null if one of them is not there.</summary>
    protected static string? Listings(NftContext nft, IEnumerable<string> chains)
    {
        StringBuilder state = new();
        foreach (string chain in chains)
        {
            // One at a time: of several, nft finds only the last.
            if (!nft.TryRun($"list chain {chain}", out string rules, out _))
            {
                return null;
            }

            state.Append(rules);
        }

        return state.ToString();
    }
}
