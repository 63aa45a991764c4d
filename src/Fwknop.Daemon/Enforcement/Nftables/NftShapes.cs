namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>The sets and maps that grants need, those of the more special grants first: the first rule that fits decides where a connection leads.</summary>
internal sealed class NftShapes
{
    private readonly HashSet<NftSet> _sets;
    private readonly HashSet<NftMap> _maps;

    private NftShapes(IEnumerable<NftSet> sets, IEnumerable<NftMap> maps)
    {
        Sets = [.. sets.Distinct()
            .OrderBy(set => set.Way is { Protocol: null }).ThenByDescending(set => set.PrefixLength).ThenByDescending(set => set.HasDestination)
            .ThenBy(set => set.Name, StringComparer.Ordinal)];
        Maps = [.. maps.Distinct()
            .OrderBy(map => map.IsForAll).ThenByDescending(map => map.PrefixLength).ThenByDescending(map => map.HasDestination)
            .ThenBy(map => map.Name, StringComparer.Ordinal)];
        _sets = [.. Sets];
        _maps = [.. Maps];
    }

    /// <summary>The sets, also those that are always there.</summary>
    public IReadOnlyList<NftSet> Sets { get; }

    /// <summary>The maps.</summary>
    public IReadOnlyList<NftMap> Maps { get; }

    /// <summary>True when a grant is forwarded.</summary>
    public bool Translate => Sets.Any(set => set.Way is not null);

    /// <summary>What grants need.</summary>
    public static NftShapes Of(IReadOnlyCollection<GrantKey> keys) =>
        new([.. NftSet.OfHosts, .. keys.Select(NftSet.Of)], keys.Select(NftMap.Of).OfType<NftMap>());

    /// <summary>These and others: what grants have needed once is not taken away and made anew again and again.</summary>
    public NftShapes With(NftShapes others) => new([.. Sets, .. others.Sets], [.. Maps, .. others.Maps]);

    /// <summary>True when a grant needs no other.</summary>
    public bool Cover(GrantKey key) => _sets.Contains(NftSet.Of(key)) && (NftMap.Of(key) is not { } map || _maps.Contains(map));
}
