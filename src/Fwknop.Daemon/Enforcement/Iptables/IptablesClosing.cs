using Fwknop.Daemon.Expiry;
using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>Takes away what has ended in one address family, or is revoked; what could not be removed is tried again.</summary>
/// <param name="family">The address family.</param>
/// <param name="book">The grants that are open.</param>
/// <param name="prepend">ENABLE_RULE_PREPEND.</param>
/// <param name="log">Where removals are told.</param>
internal sealed class IptablesClosing(IptablesFamily family, GrantBook book, bool prepend, IFirewallLog log)
{
    private readonly RetryDelay _delay = new();

    /// <summary>Rules of grants that failed and could not be taken away again: they may be there and must go.</summary>
    private RuleCounts _leftovers = new();

    /// <summary>When the chains must be read because of a rule that is not in the <see cref="GrantBook"/>.</summary>
    public TimeSpan? NextScan { get; private set; }

    /// <summary>Removes what is due. What could not be removed is logged, and due again after a while.</summary>
    /// <param name="own">Grants that have ended.</param>
    /// <param name="now">When.</param>
    /// <returns>How many of them are gone.</returns>
    public int Expire(IReadOnlyCollection<LiveGrant> own, Moment now)
    {
        if (own.Count == 0 && !(NextScan <= now.Monotonic))
        {
            return 0;
        }

        if (TryRemoveDue(own, now, out string error) || TryMakeAnew(own, error))
        {
            _delay.Reset();
            return own.Count;
        }

        log.Error($"Could not remove expired rules from {family.Layout.Names}, trying again: {error}", FirewallEvents.Failed(error));
        Postpone(own, now);
        return 0;
    }

    /// <summary>
    /// Removes our due grants and every other rule whose time is up, table by table. Whether one of ours is due is
    /// decided by its deadline; the date in its comment counts only for rules of others.
    /// </summary>
    /// <param name="own">Grants that have ended.</param>
    /// <param name="now">When.</param>
    /// <param name="error">What the program says.</param>
    public bool TryRemoveDue(IReadOnlyCollection<LiveGrant> own, Moment now, out string error) =>
        TryRemoveDueOnce(own, now, out error) || TryRemoveDueOnce(own, now, out error);

    /// <summary>Removes all rules of these grants, whatever their time, but not those of other grants that are equal.</summary>
    public bool TryRemove(IReadOnlyCollection<LiveGrant> grants, out string error)
    {
        HashSet<GrantKey> keys = [.. grants.Select(grant => grant.Key)];

        // Another program may change the chain between being listed and being changed: then once more.
        if (TryRemoveOnce(keys, out error) || TryRemoveOnce(keys, out error))
        {
            return true;
        }

        book.Remove(keys);
        if (TryMakeAnew(grants, error))
        {
            return true;
        }

        foreach ((GrantKey key, GrantEnd end) in grants)
        {
            book.Add(key, end);
        }

        return false;
    }

    /// <summary>Remembers rules that may be there and must go: the changes failed, and could not be taken back.</summary>
    public void Leave(IEnumerable<GrantChange> changes, Moment now)
    {
        foreach (GrantChange change in changes)
        {
            _leftovers.Add(family.Rules.Of(change.Key), change.After.Epoch);
        }

        NextScan = now.Monotonic + RetryDelay.First;
    }

    /// <summary>Forgets all of it: the chains go.</summary>
    public void Clear()
    {
        NextScan = null;
        _leftovers = new RuleCounts();
    }

    private bool TryRemoveDueOnce(IReadOnlyCollection<LiveGrant> own, Moment now, out string error)
    {
        if (!family.Tables.TryList(out IptablesListing present, out error))
        {
            return false;
        }

        RuleCounts live = CountLive(except: []);
        RuleCounts ended = _leftovers.Copy();
        Dictionary<(IptablesRule Rule, long Epoch), GrantKey> keys = [];
        foreach ((GrantKey key, GrantEnd end) in own)
        {
            foreach (WrittenRule written in family.Rules.Of(key))
            {
                ended.Add(written.Rule, end.Epoch);
                keys[(written.Rule, end.Epoch)] = key;
            }
        }

        List<ListedRule> due = [];
        List<ListedRule> kept = [];
        TimeSpan? next = null;
        foreach (ListedRule listed in present.Rules)
        {
            TimeSpan left = now.Until(listed.Epoch);
            if (listed.Rule is { } open && live.TryTake(open, listed.Epoch))
            {
                kept.Add(listed);
            }
            else if (left <= TimeSpan.Zero || (listed.Rule is { } rule && ended.TryTake(rule, listed.Epoch)))
            {
                due.Add(listed);
            }
            else
            {
                next = next is TimeSpan earlier && earlier < now.Monotonic + left ? earlier : now.Monotonic + left;
            }
        }

        if (!TryRemove(due, kept, present, KeyOf, out error))
        {
            return false;
        }

        NextScan = next;
        _leftovers = new RuleCounts();
        return true;

        GrantKey? KeyOf(ListedRule listed) =>
            listed.Rule is null ? null : keys.GetValueOrDefault((listed.Rule, listed.Epoch)) ?? IptablesAdoption.KeyOf(listed.Rule);
    }

    private bool TryRemoveOnce(HashSet<GrantKey> keys, out string error)
    {
        if (!family.Tables.TryList(out IptablesListing present, out error))
        {
            return false;
        }

        RuleCounts live = CountLive(except: keys);
        HashSet<IptablesRule> revoked = [.. keys.Where(family.Rules.CanMake).SelectMany(family.Rules.Of).Select(written => written.Rule)];
        List<ListedRule> kept = [];
        List<ListedRule> removed = [];
        foreach (ListedRule listed in present.Rules.Where(listed => listed.Rule is not null))
        {
            if (live.TryTake(listed.Rule!, listed.Epoch))
            {
                kept.Add(listed);
            }
            else if (revoked.Contains(listed.Rule!))
            {
                removed.Add(listed);
            }
        }

        return family.Tables.TryCommit(family.Tables.DeletionOf(removed, kept, present), out error);
    }

    private RuleCounts CountLive(HashSet<GrantKey> except)
    {
        RuleCounts counts = new();
        foreach ((GrantKey key, GrantEnd end) in family.Live.Where(grant => !except.Contains(grant.Key)))
        {
            counts.Add(family.Rules.Of(key), end.Epoch);
        }

        return counts;
    }

    /// <summary>Removes rules whose time is up with one run of the program, and tells of those that are gone, also where it failed after the first table.</summary>
    private bool TryRemove(
        IReadOnlyCollection<ListedRule> due, IReadOnlyCollection<ListedRule> kept, IptablesListing present, Func<ListedRule, GrantKey?> keyOf, out string error)
    {
        bool done = family.Tables.TryCommit(family.Tables.DeletionOf(due, kept, present), out error);
        IReadOnlyCollection<ListedRule> removed = done ? due : GoneOf(due, present);
        foreach (ListedRule rule in family.Layout.ClosingOrder.SelectMany(table => removed.Where(rule => rule.Chain.Table == table)))
        {
            log.Info(
                $"Removed rule {rule.Number} from {rule.Chain.Name} with expire time of {rule.Epoch}",
                keyOf(rule)?.About(LogEventKind.GrantClosed, rule.Chain.Name, rule.Epoch));
        }

        return done;
    }

    /// <summary>Those of some rules that are not there any more; none where the program does not tell.</summary>
    private ListedRule[] GoneOf(IReadOnlyCollection<ListedRule> rules, IptablesListing before)
    {
        if (!family.Tables.TryList(out IptablesListing after, out _))
        {
            return [];
        }

        // Rules that are equal are told by their number alone.
        ILookup<(OwnChain Chain, string Text), ListedRule> left = after.Rules.ToLookup(rule => (rule.Chain, rule.Text));
        Dictionary<(OwnChain Chain, string Text), int> gone = before.Rules.GroupBy(rule => (rule.Chain, rule.Text))
            .ToDictionary(equal => equal.Key, equal => equal.Count() - left[equal.Key].Count());
        return [.. rules.Where(rule => gone[(rule.Chain, rule.Text)]-- > 0)];
    }

    /// <summary>
    /// Where rules cannot be listed or deleted, perhaps because of what another program has put into the table, the chains are made anew with what is open: no
    /// grant outlives its time because of others. What others have put into our chains is lost then.
    /// </summary>
    private bool TryMakeAnew(IReadOnlyCollection<LiveGrant> ended, string why)
    {
        if (!family.Tables.IsFastInBulk)
        {
            return false;
        }

        IptablesScript script = family.Tables.NewClosing();
        foreach (OwnChain chain in family.Layout.Chains)
        {
            family.Tables.MakeAnew(script, chain);
        }

        foreach ((GrantKey key, GrantEnd end) in family.Live)
        {
            foreach (WrittenRule written in family.Rules.Of(key))
            {
                script.Add(written, end.Epoch, prepend);
            }
        }

        if (!family.Tables.TryCommit(script, out _))
        {
            return false;
        }

        log.Warning($"The rules in {family.Layout.Names} could not be removed one by one: made anew with what is open: {why}", FirewallEvents.Failed(why));
        EndLine.Tell(log, ended, family.Rules.NamesOf);
        Clear();
        return true;
    }

    /// <summary>What could not be removed is remembered as open, and due again after a while.</summary>
    private void Postpone(IReadOnlyCollection<LiveGrant> own, Moment now)
    {
        TimeSpan again = now.Monotonic + _delay.Take();
        NextScan = again;
        foreach ((GrantKey key, GrantEnd end) in own)
        {
            book.Add(key, end with { Due = again });
        }
    }
}
