namespace Fwknop.Daemon.Tests.Enforcement.Sequences;

/// <summary>
/// What should be open: wishes with their ends, and a plain function from them to rules. Where the outcome of an administrator's interference is not
/// certain, it knows what must be there and what may be.
/// </summary>
/// <param name="variant">What is in force.</param>
internal sealed class GrantModel(FirewallVariant variant)
{
    /// <summary>A place that says: whether any rule is there cannot be told.</summary>
    private const string Somewhere = "*";

    private readonly Dictionary<Wish, OpenWish> _open = [];
    private readonly List<(RuleItem Item, long End)> _leftovers = [];

    /// <summary>A revocation may have found out what is missing.</summary>
    private bool _mayBeRepaired;

    public FirewallVariant Variant { get; private set; } = variant;

    /// <summary>Seconds since the beginning.</summary>
    public long Now { get; private set; }

    /// <summary>The places in which another program has removed more than single rules, and that have not been made again.</summary>
    public HashSet<string> Broken { get; } = [];

    /// <summary>False when something was taken away that a grant may bring back.</summary>
    public bool IsWhole => Broken.Count == 0 && _open.Values.All(open => open.LostIn.Count == 0);

    public bool IsEmpty => _open.Count == 0 && _leftovers.Count == 0;

    /// <summary>The open wishes of which nothing is uncertain, with their ends.</summary>
    public IEnumerable<KeyValuePair<Wish, long>> Certain =>
        _open.Where(open => !open.Value.LostIn.Contains(Somewhere)).Select(open => KeyValuePair.Create(open.Key, open.Value.End));

    public IEnumerable<Wish> Open => _open.Keys;

    /// <summary>When the first ends, if that is certain.</summary>
    public bool TryGetNextEnd(out long? end)
    {
        end = _open.Count == 0 ? null : _open.Values.Min(open => open.End);
        return _leftovers.Count == 0 && _open.Values.All(open => !open.LostIn.Contains(Somewhere));
    }

    /// <summary>What must be there.</summary>
    public IEnumerable<(RuleItem Item, long End)> Must =>
        from open in _open
        where !open.Value.LostIn.Contains(Somewhere)
        from item in Variant.ItemsOf(open.Key)
        where !open.Value.LostIn.Contains(item.Place)
        select (item, open.Value.End);

    /// <summary>What may be there.</summary>
    public IEnumerable<(RuleItem Item, long End)> May =>
    [
        .. from open in _open
           from item in Variant.ItemsOf(open.Key)
           select (item, open.Value.End),
        .. _leftovers,
    ];

    /// <summary>True when it is open, false when it is not, null when that cannot be told.</summary>
    public bool? IsOpen(Wish wish) =>
        _open.TryGetValue(wish, out OpenWish? open) ? open.LostIn.Contains(Somewhere) ? null : true
        : Variant.ItemsOf(wish).Any(item => _leftovers.Exists(leftover => leftover.Item == item)) ? null
        : false;

    /// <summary>A batch is granted.</summary>
    /// <returns>True when what another program removed must have been made again.</returns>
    public bool Grant(IReadOnlyList<Wish> batch, int seconds)
    {
        bool heals = false;
        foreach (bool ipv6 in (bool[])[false, true])
        {
            Wish[] own = [.. batch.Where(wish => wish.IsIPv6 == ipv6 && Variant.CanMake(wish))];
            if (own.Length > 0)
            {
                heals |= GrantFamily(own, Variant.IsIptables ? place => place.Contains(ipv6 ? " 6 " : " 4 ", StringComparison.Ordinal) || place.EndsWith(ipv6 ? "o6" : "o4", StringComparison.Ordinal) || place.EndsWith(ipv6 ? "n6" : "n4", StringComparison.Ordinal) : _ => true, Now + seconds);
            }
        }

        return heals;
    }

    public void Revoke(IEnumerable<Wish> wishes)
    {
        foreach (Wish wish in wishes)
        {
            if (_open.Remove(wish, out OpenWish? open) && open.LostIn.Contains(Somewhere))
            {
                Leave(wish, open.End);
            }

            _mayBeRepaired |= Broken.Count > 0;
        }
    }

    public void Advance(int seconds)
    {
        Now += seconds;
        foreach (Wish wish in _open.Where(open => open.Value.End <= Now).Select(open => open.Key).ToArray())
        {
            _open.Remove(wish);
        }

        _leftovers.RemoveAll(leftover => leftover.End <= Now);
    }

    /// <summary>Everything of ours is gone.</summary>
    public void Clear()
    {
        _open.Clear();
        _leftovers.Clear();
        Broken.Clear();
        _mayBeRepaired = false;
    }

    /// <summary>A firewall that hears of changes makes what is missing again.</summary>
    /// <returns>True when there must be a warning.</returns>
    public bool Reconcile()
    {
        bool heals = !Variant.IsIptables && Broken.Count > 0;
        bool mustWarn = heals && !_mayBeRepaired;
        foreach (OpenWish open in _open.Values.Where(_ => heals))
        {
            open.LostIn.IntersectWith([Somewhere]);
        }

        if (heals)
        {
            Broken.Clear();
            _mayBeRepaired = false;
        }

        return mustWarn;
    }

    /// <summary>The daemon failed: what no kernel timeout ends goes.</summary>
    public void Abandon()
    {
        if (Variant.HasSets)
        {
            foreach (Wish wish in _open.Keys.Where(wish => !ExpectedIpset.Holds(wish)).ToArray())
            {
                _open.Remove(wish);
            }

            _leftovers.RemoveAll(leftover => !leftover.Item.Place.StartsWith("ipset ", StringComparison.Ordinal));
        }
        else if (Variant.IsIptables)
        {
            Clear();
        }
    }

    /// <summary>The firewall starts again and takes over what is there.</summary>
    public void Adopt()
    {
        foreach (bool ipv6 in (bool[])[false, true])
        {
            OpenWish[] own = [.. _open.Where(open => open.Key.IsIPv6 == ipv6).Select(open => open.Value)];
            bool isWhole = own.All(open => open.LostIn.Count == 0);
            foreach (OpenWish open in own.Where(open => open.LostIn.Count > 0 || (Variant.IsIptables && !isWhole)))
            {
                open.LostIn.Add(Somewhere);
            }
        }

        foreach (Wish wish in _open.Keys.Where(wish => Variant.IsIptables && wish.Keeps).ToArray())
        {
            // Its rule does not say where it leads: it ends at its time.
            Leave(wish, _open[wish].End);
            _open.Remove(wish);
        }

        Broken.Clear();
        _mayBeRepaired = false;
    }

    /// <summary>Another firewall follows.</summary>
    /// <param name="next">Which.</param>
    /// <param name="keep">It takes over what is there.</param>
    public void Follow(FirewallVariant next, bool keep)
    {
        bool isSamePlace = keep && next.Program == Variant.Program && next.IsIptables;
        (RuleItem, long)[] present = isSamePlace
            ? [.. Must, .. May.Where(item => !Must.Contains(item)).Where(item => next.Chains.Any(chain => item.Item.Place.EndsWith($" {chain.Chain}", StringComparison.Ordinal)))]
            : [];
        bool mayDouble = isSamePlace && (next != Variant || !IsWhole || _leftovers.Count > 0 || _open.Keys.Any(wish => wish.Keeps));
        _leftovers.Clear();
        _leftovers.AddRange(mayDouble ? present : []);
        Variant = next;
        Broken.Clear();
        _mayBeRepaired = false;
        foreach (Wish wish in _open.Keys.Where(wish => !next.CanMake(wish)).ToArray())
        {
            _open.Remove(wish);
        }

        foreach (OpenWish open in _open.Values)
        {
            open.LostIn.IntersectWith([Somewhere]);
        }

        if (!next.IsIptables)
        {
            ShutSecondDoors();
        }
    }

    /// <summary>Another program takes something away.</summary>
    /// <param name="broken">Where chains or what leads to them is gone.</param>
    /// <param name="emptied">Where rules or elements are gone.</param>
    public void Damage(IReadOnlyCollection<string> broken, IReadOnlyCollection<string> emptied)
    {
        Broken.UnionWith(broken);
        _mayBeRepaired &= broken.Count == 0;
        foreach ((Wish wish, OpenWish open) in _open)
        {
            open.LostIn.UnionWith(Variant.ItemsOf(wish).Select(item => item.Place).Where(emptied.Contains));
        }
    }

    /// <summary>A rule of one of these wishes is gone, or may be.</summary>
    public void DamageOne(RuleItem item)
    {
        foreach ((Wish wish, OpenWish open) in _open.Where(open => Variant.ItemsOf(open.Key).Contains(item)))
        {
            open.LostIn.Add(Somewhere);
        }
    }

    /// <summary>What was asked for failed, and may have been done in part.</summary>
    public void Doubt(IEnumerable<Wish> wishes)
    {
        foreach (Wish wish in wishes)
        {
            if (_open.TryGetValue(wish, out OpenWish? open))
            {
                open.LostIn.Add(Somewhere);
            }
        }
    }

    private bool GrantFamily(Wish[] batch, Func<string, bool> isOfFamily, long end)
    {
        HashSet<string> touched = [.. batch.SelectMany(Variant.PlacesOf)];
        bool isCertain = Variant.IsIptables
            ? touched.Overlaps(Broken) || batch.Any(wish => _open.TryGetValue(wish, out OpenWish? open) && open.End < end && open.LostIn.Count > 0)
            : !IsWhole;
        bool heals = isCertain && !batch.Any(IsDoubtful);
        bool isMurky = Variant.IsIptables && Broken.Any(isOfFamily) && batch.Any(IsDoubtful);
        foreach (Wish wish in batch)
        {
            Put(wish, end, heals);
        }

        foreach (OpenWish open in _open.Where(open => Variant.ItemsOf(open.Key).Any(item => isOfFamily(item.Place))).Select(open => open.Value))
        {
            open.LostIn.ExceptWith(touched.Where(place => place.StartsWith("ipset ", StringComparison.Ordinal)));
            if (heals)
            {
                open.LostIn.ExceptWith(Variant.IsIptables ? Broken : open.LostIn.Where(place => place != Somewhere).ToArray());
            }

            if (isMurky && open.LostIn.Count > 0)
            {
                open.LostIn.Add(Somewhere);
            }
        }

        bool mustWarn = heals && Broken.Any(isOfFamily) && !_mayBeRepaired;
        if (heals)
        {
            Broken.RemoveWhere(place => isOfFamily(place));
        }

        return mustWarn;
    }

    private bool IsDoubtful(Wish wish) => _open.TryGetValue(wish, out OpenWish? open) && open.LostIn.Contains(Somewhere);

    private void Put(Wish wish, long end, bool heals)
    {
        if (!Variant.IsIptables && wish.ChangesDestination)
        {
            // Of two that lead the same connections to different places, the later one holds.
            foreach (Wish other in _open.Keys.Where(other => other != wish && DoorOf(other) == DoorOf(wish)).ToArray())
            {
                _open.Remove(other);
            }
        }

        if (!_open.TryGetValue(wish, out OpenWish? open))
        {
            bool mayBeKnown = _leftovers.Exists(leftover => leftover.End >= end && Variant.ItemsOf(wish).Contains(leftover.Item));
            _open[wish] = new OpenWish(end, mayBeKnown ? [Somewhere] : []);
        }
        else if (end > open.End)
        {
            if (open.LostIn.Contains(Somewhere))
            {
                Leave(wish, open.End);
            }

            _open[wish] = new OpenWish(end, []);
        }
        else if (open.LostIn.Contains(Somewhere))
        {
            Leave(wish, end);
        }
        else if (heals)
        {
            open.LostIn.Clear();
        }
    }

    private void Leave(Wish wish, long end) => _leftovers.AddRange(Variant.ItemsOf(wish).Select(item => (item, end)));

    /// <summary>nftables leads connections to one place: to that of the grant that ends last.</summary>
    private void ShutSecondDoors()
    {
        foreach (IGrouping<Wish?, KeyValuePair<Wish, OpenWish>> door in _open.Where(open => open.Key.ChangesDestination).GroupBy(open => DoorOf(open.Key)).ToArray())
        {
            long last = door.Max(open => open.Value.End);
            bool isTied = door.Count(open => open.Value.End == last) > 1;
            foreach ((Wish wish, OpenWish open) in door)
            {
                if (open.End < last)
                {
                    _open.Remove(wish);
                }
                else if (isTied)
                {
                    open.LostIn.Add(Somewhere);
                }
            }
        }
    }

    private static Wish? DoorOf(Wish wish) => wish.ChangesDestination
        ? wish with { Way = wish.Way == "all" ? "all" : "forward", To = null, ToPort = 0, NewSource = null }
        : null;

    private sealed record OpenWish(long End, HashSet<string> LostIn);
}
