using System.Text;
using Fwknop.Daemon.Expiry;
using Fwknop.Native.LibNftables;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>What of ours is in the kernel: made and changed in transactions, and known to be there or not.</summary>
/// <param name="layout">Where it is.</param>
/// <param name="translates">Forwarding is allowed, so its chains are there from the beginning.</param>
/// <param name="log">Where commands are traced.</param>
internal sealed class NftRuleset(NftLayout layout, bool translates, IFirewallLog log) : IDisposable
{
    private NftShapes _shapes = NftShapes.Of([]);
    private NftContext? _nft;
    private RulesetGeneration? _generation;

    /// <summary>The state in which our rules were last seen in place.</summary>
    private uint? _knownGeneration;
    private string? _knownRules;

    /// <exception cref="FirewallException">libnftables cannot be loaded.</exception>
    public NftContext Nft => _nft ??= NftContext.TryOpen(out NftContext? context, out string? missing) ? context : throw new FirewallException(missing);

    /// <summary>True as long as nobody else has changed any rule; false, too, when that cannot be told.</summary>
    public bool IsUnchanged => IsKnown(_generation?.Read());

    /// <summary>Begins anew: with what the first grants need, and the number of the kernel's changes.</summary>
    public void Begin()
    {
        _generation ??= new RulesetGeneration();
        _shapes = NftShapes.Of([]);
    }

    /// <summary>True when there are sets for all that a plan changes.</summary>
    public bool Covers(GrantPlan plan) => plan.Changes.All(change => _shapes.Cover(change.Key));

    /// <summary>
    /// A set may survive when the rules that use it are gone (<c>nft flush table</c>), so that an element went in does not
    /// prove that it opens anything. The rules are listed only if somebody else has changed any rule since.
    /// </summary>
    public bool IsInPlace()
    {
        uint? generation = _generation?.Read();
        if (IsKnown(generation))
        {
            return true;
        }

        bool inPlace = _knownRules is not null && layout.Inspect(Nft) == _knownRules;
        _knownGeneration = inPlace ? generation : null;
        return inPlace;
    }

    /// <summary>Changes elements in one transaction; an empty script is none.</summary>
    public bool TryCommit(string script, out string error)
    {
        error = "";
        if (script.Length == 0)
        {
            return true;
        }

        bool done = TryRun(script, out error);
        if (done && _knownGeneration is uint before)
        {
            // One transaction is one step, and 0 is left out when the number wraps.
            _knownGeneration = before == uint.MaxValue ? 1 : before + 1;
        }

        return done;
    }

    /// <summary>
    /// Makes all rules and elements anew in one transaction, with the sets that the grants need: the first grant of a shape comes here. Null, or why it was
    /// not done.
    /// </summary>
    public string? Establish(IReadOnlyCollection<LiveGrant> grants, Moment now)
    {
        _knownGeneration = null;
        NftShapes shapes = NftShapes.Of([.. grants.Select(grant => grant.Key)]).With(_shapes);
        StringBuilder script = new();
        if (!layout.TryBuild(Nft, shapes, translates, script, out string error))
        {
            return error;
        }

        foreach ((GrantKey key, GrantEnd end) in grants)
        {
            foreach (NftPlace place in layout.Places)
            {
                NftScript.AppendElement(script, place, key, end.Due - now.Monotonic);
            }
        }

        if (!TryRun(script.ToString(), out error))
        {
            return (translates || shapes.Translate ? NatRules.Missing(Nft) : null) ?? NftListing.Reason(error);
        }

        _shapes = shapes;
        uint? generation = _generation?.Read();
        _knownRules = layout.Inspect(Nft);
        _knownGeneration = _knownRules is null ? null : generation;
        return _knownRules is null ? "the rules were removed again by another program" : null;
    }

    public void Dispose()
    {
        _nft?.Dispose();
        _generation?.Dispose();
    }

    private bool IsKnown(uint? generation) => generation is not null && generation == _knownGeneration;

    private bool TryRun(string script, out string error)
    {
        bool done = Nft.TryRun(script, out _, out error);
        string end = done ? "done" : NftListing.Reason(error);
        log.Trace(() => $"Ran in libnftables ({end}){FirewallProgram.Given(script)}");
        return done;
    }
}
