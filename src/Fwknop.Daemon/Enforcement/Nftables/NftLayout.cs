using System.Text;
using Fwknop.Native.LibNftables;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>Where our rules are among the administrator's.</summary>
internal abstract class NftLayout
{
    public abstract string Description { get; }

    /// <summary>The tables with our sets.</summary>
    public abstract IReadOnlyList<NftPlace> Places { get; }

    /// <summary>The tables with something of ours.</summary>
    public IEnumerable<string> Tables => Places.Select(place => $"table {place.TablePath}");

    /// <summary>Our chains and sets, as <c>nft list</c> names them.</summary>
    public IEnumerable<string> Own(NftContext nft) =>
        Places.SelectMany(place => SetsIn(nft, place).Select(set => $"set {place.Path(set)}").Append($"chain {place.ChainPath}"));

    /// <summary>
    /// The transaction that makes everything of ours anew, in place of what is there of an earlier time; the elements are
    /// appended to it.
    /// </summary>
    /// <param name="nft">To see what is there.</param>
    /// <param name="sets">The sets to make.</param>
    /// <param name="script">Where the transaction goes.</param>
    /// <param name="error">Why there is none.</param>
    public abstract bool TryBuild(NftContext nft, IReadOnlyCollection<NftSet> sets, StringBuilder script, out string error);

    /// <summary>A text that stays the same as long as nobody touches our rules; null if they are not in place.</summary>
    public abstract string? Inspect(NftContext nft);

    /// <summary>Takes everything of ours away.</summary>
    public abstract bool TryRemove(NftContext nft, out string error);

    /// <summary>Takes away what another layout, which is in place, does not use.</summary>
    public abstract bool TryRemoveBut(NftLayout? kept, NftContext nft, out string error);

    /// <summary>Our sets that are in a table, and those that always should be.</summary>
    protected static IEnumerable<NftSet> SetsIn(NftContext nft, NftPlace place) => nft.TryRun($"list table {place.TablePath}", out string listing, out _)
        ? place.Usable(NftListing.Sets(listing, place).Select(found => found.Set).Union(NftSet.OfHosts))
        : place.Usable(NftSet.OfHosts);
}
