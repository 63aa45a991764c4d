using System.Text;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Programs;

namespace Fwknop.Daemon.Enforcement.Ipset;

/// <summary>
/// Grants as elements of sets, each with a kernel timeout, and one rule of iptables for each set that looks it up: the kernel ends them whatever becomes of
/// the daemon, and their number makes no packet slower. What no set can hold is a rule of iptables with an <c>_exp_</c> comment in the same chains.
/// </summary>
internal sealed class IpsetFirewall : IFirewall, IHasIptables
{
    private readonly ChainSettings _chains;
    private readonly IFirewallLog _log;
    private readonly IpsetSets _sets;
    private readonly GrantBook _book = new(GrantBook.MaxTimed);

    /// <summary>Elements that are not as they should be, because a change failed and could not be taken back.</summary>
    private readonly HashSet<GrantKey> _leftovers = [];
    private readonly RetryDelay _delay = new();
    private TimeSpan? _retry;

    public IpsetFirewall(IpsetSettings settings, IFirewallLog log)
    {
        _chains = settings.Iptables.Chains;
        _log = log;
        _sets = new IpsetSets(new IpsetProgram(settings.Executable, settings.MaxElements, log));
        Rules = new IptablesFirewall(settings.Iptables with { Standing = [.. IpsetSet.All.SelectMany(StandingOf)] }, log);
    }

    public string Name => "ipset";

    public string Description => $"ipset, looked up by {Rules.Description}";

    /// <summary>The rules that look the sets up, and those of grants that no set can hold.</summary>
    public IptablesFirewall Rules { get; }

    public IEnumerable<LiveGrant> Live => _book.Live.Concat(Rules.Live.Where(grant => !_book.TryGet(grant.Key, out _)));

    public TimeSpan? NextDue => ((TimeSpan?[])[_book.NextDue, _retry, Rules.NextDue]).Min();

    public void Prepare(Moment now, IReadOnlyCollection<LiveGrant> carried)
    {
        _book.Clear();
        ForgetLeftovers();
        try
        {
            if (!_sets.TryLook(out IReadOnlyDictionary<string, (string Type, int Count)> present, out string error))
            {
                throw new FirewallException($"ipset cannot be used: {error}");
            }

            if (!_chains.FlushesAtInit)
            {
                Adopt(present, now);
            }

            LiveGrant[] lasting = [.. carried.Where(grant => grant.End.Due > now.Monotonic)];
            foreach ((GrantKey key, GrantEnd end) in lasting.Where(grant => IsForSet(grant.Key, grant.End.Due - now.Monotonic)))
            {
                _book.Add(key, end);
            }

            MakeSets(present, now);
            Rules.Prepare(now, [.. lasting.Where(grant => !IsForSet(grant.Key, grant.End.Due - now.Monotonic))]);
        }
        catch (FirewallException)
        {
            // Nothing stays open, whatever run made it. The reason is told by whoever catches it.
            Rules.Undo();
            _sets.TryDestroy((_, _) => { });
            throw;
        }
    }

    public IReadOnlyList<GrantOutcome> Grant(IReadOnlyList<FirewallGrant> batch, Moment now)
    {
        GrantOutcome[] outcomes = new GrantOutcome[batch.Count];
        foreach (bool inSets in (bool[])[true, false])
        {
            int[] own = [.. Enumerable.Range(0, batch.Count).Where(i => batch[i].Keys.All(key => IsForSet(key, batch[i].Duration)) == inSets)];
            FirewallGrant[] grants = [.. own.Select(i => batch[i])];
            IReadOnlyList<GrantOutcome> done = own.Length == 0 ? [] : inSets ? GrantInSets(grants, now) : Rules.Grant(grants, now);
            for (int i = 0; i < own.Length; i++)
            {
                outcomes[own[i]] = done[i];
            }
        }

        return outcomes;
    }

    /// <summary>The kernel has removed the elements at their time; this tells it.</summary>
    public int Expire(Moment now)
    {
        IReadOnlyList<LiveGrant> due = _book.TakeDue(now);
        EndLine.Tell(_log, due, NamesOf);
        if (_retry <= now.Monotonic)
        {
            RemoveLeftovers(now);
        }

        return due.Count + Rules.Expire(now);
    }

    public string? Revoke(IReadOnlyCollection<GrantKey> keys, Moment now)
    {
        GrantKey[] inSets = [.. keys.Where(key => _book.TryGet(key, out _))];
        HashSet<GrantKey> inRules = [.. Rules.Live.Select(grant => grant.Key)];
        inRules.IntersectWith(keys);
        string? failure = RevokeInSets(inSets);
        string? other = inRules.Count == 0 ? null : Rules.Revoke(inRules, now);
        return failure is null || other is null ? failure ?? other : $"{failure}; {other}";
    }

    public bool TearDown()
    {
        bool removed = Rules.TearDown() && (!_chains.FlushesAtExit || DestroySets());
        _book.Clear();
        return removed;
    }

    /// <summary>Elements end by themselves. Rules of grants do not; the chains go with them.</summary>
    public bool Abandon() => Rules.NextDue is null || Rules.Abandon();

    public void GiveWay(IFirewall successor)
    {
        _book.Clear();
        Rules.GiveWay(successor);
        if (successor is not IpsetFirewall)
        {
            DestroySets();
        }
    }

    public bool Flush()
    {
        bool removed = Rules.Flush();
        return DestroySets() && removed;
    }

    public void List(TextWriter output, bool all)
    {
        Rules.List(output, all);
        foreach (ExternalResult listing in _sets.Show())
        {
            output.Write('\n');
            output.Write(listing.Output);
            if (!listing.Succeeded)
            {
                _log.Error(listing.Error);
            }
        }
    }

    public void Dispose() => Rules.Dispose();

    private static bool IsForSet(GrantKey key, TimeSpan time) => IpsetSet.Of(key) is not null && time <= IpsetProgram.LongestTimeout;

    private IEnumerable<(bool IsIPv6, RuleKind Kind, string Text)> StandingOf(IpsetSet set)
    {
        yield return (set.IsIPv6, RuleKind.Access, set.RuleFor(RuleKind.Access, _chains.Input.Target));
        if (_chains.HasOutput)
        {
            yield return (set.IsIPv6, RuleKind.Output, set.RuleFor(RuleKind.Output, _chains.Output.Target));
        }
    }

    private IEnumerable<(string Name, string Chain)> NamesOf(GrantKey key) => GrantRules.Of(key, _chains.HasOutput)
        .Select(kind => (GrantRules.NameOf(kind, key), kind == RuleKind.Output ? _chains.Output.ToChain : _chains.Input.ToChain));

    /// <summary>The grants of an earlier run, with the time that the kernel still gives them.</summary>
    private void Adopt(IReadOnlyDictionary<string, (string Type, int Count)> present, Moment now)
    {
        foreach (IpsetSet set in IpsetSet.All.Where(set => present.ContainsKey(set.Name)))
        {
            if (!_sets.TrySave(set, out string saved, out string error))
            {
                throw new FirewallException($"ipset cannot be used: {error}");
            }

            foreach ((GrantKey key, TimeSpan remaining) in set.Read(saved))
            {
                _book.Add(key, GrantBook.End(remaining, now));
            }
        }

        if (_book.Count > 0)
        {
            _log.Info($"Kept {_book.Count} grants of an earlier run");
        }
    }

    /// <summary>A kernel without IPv6 has no sets for it, either; then the rules that would look them up cannot be made, and iptables says the rest.</summary>
    private void MakeSets(IReadOnlyDictionary<string, (string Type, int Count)> present, Moment now)
    {
        if (_sets.Replace(ipv6: false, present, [.. _book.Live], now) is string error)
        {
            throw new FirewallException($"ipset cannot be used: {error}");
        }

        if (_sets.Replace(ipv6: true, present, [.. _book.Live], now) is string error6)
        {
            _log.Warning($"ipset cannot be used for IPv6: {error6}", FirewallEvents.Failed(error6));
            _book.Remove([.. _book.Live.Select(grant => grant.Key).Where(key => key.IsIPv6)]);
        }
    }

    private IReadOnlyList<GrantOutcome> GrantInSets(FirewallGrant[] batch, Moment now)
    {
        GrantPlan plan = _book.Plan(batch, now, grant => Rules.IsUsable(grant.IsIPv6) ? null : $"{(grant.IsIPv6 ? "IPv6" : "IPv4")} cannot be used here");
        string?[] failures = [null, null];
        foreach (bool ipv6 in (bool[])[false, true])
        {
            IReadOnlyList<GrantChange> changes = plan.ChangesOf(ipv6);
            if (changes.Count == 0)
            {
                continue;
            }

            failures[ipv6 ? 1 : 0] = Apply(ipv6, changes, now);
            if (failures[ipv6 ? 1 : 0] is null)
            {
                _book.Commit(changes);
                _leftovers.ExceptWith(changes.Select(change => change.Key));
            }
            else
            {
                TakeBack(changes, now);
            }
        }

        return plan.Report(ipv6 => failures[ipv6 ? 1 : 0], NamesOf, _log);
    }

    /// <summary>Null, or why nothing was opened. What lets packets through is looked for afterwards: the door opens sooner, and it is not announced before it is certain.</summary>
    private string? Apply(bool ipv6, IReadOnlyList<GrantChange> changes, Moment now)
    {
        StringBuilder script = new();
        foreach (GrantChange change in changes.Where(IsWritten))
        {
            IpsetProgram.AppendAdd(script, IpsetSet.Of(change.Key)!.Name, change.Key, change.After.Due - now.Monotonic);
        }

        bool done = _sets.TryChange(script, out string failure);
        if (!_sets.TryLook(out IReadOnlyDictionary<string, (string Type, int Count)> present, out string error))
        {
            return error;
        }

        string[] damaged = [.. IpsetSet.All.Where(set => set.IsIPv6 == ipv6 && (!present.ContainsKey(set.Name) || (done && IsEmptied(set, present[set.Name].Count, changes, now)))).Select(set => set.Name)];
        if (damaged.Length > 0)
        {
            _log.Warning($"Another program has removed or emptied the set {string.Join(", ", damaged)}: making it again", FirewallEvents.Repaired());
            if (_sets.Replace(ipv6, present, _book.With(changes, except: []), now) is string reason)
            {
                return reason;
            }
        }
        else if (!done)
        {
            return failure;
        }

        return Rules.EnsureStanding(ipv6);
    }

    /// <summary>True when a set has nothing but what has just been added; a single element that was deleted by hand does not come back.</summary>
    private bool IsEmptied(IpsetSet set, int count, IReadOnlyList<GrantChange> changes, Moment now)
    {
        // What is about to end may have ended already.
        TimeSpan soon = now.Monotonic + TimeSpan.FromSeconds(2);
        HashSet<GrantKey> added = [.. changes.Where(IsWritten).Select(change => change.Key).Where(key => IpsetSet.Of(key) == set)];
        return count <= added.Count && _book.Live.Any(grant => IpsetSet.Of(grant.Key) == set && grant.End.Due > soon && !added.Contains(grant.Key));
    }

    private static bool IsWritten(GrantChange change) => !(change.Before?.Due >= change.After.Due);

    /// <summary>What failed may have been done in part: all is made as it was. What cannot be is tried again later; whatever happens it ends at its time.</summary>
    private void TakeBack(IReadOnlyList<GrantChange> changes, Moment now)
    {
        _leftovers.UnionWith(changes.Select(change => change.Key));
        RemoveLeftovers(now);
    }

    private void RemoveLeftovers(Moment now)
    {
        StringBuilder script = new();
        if (!_sets.TryGetNames(out IReadOnlySet<string> names, out string error) || !TryRestoreLeftovers(names, out error))
        {
            _log.Error($"Could not take back what failed, trying again: {error}", FirewallEvents.Failed(error));
            _retry = now.Monotonic + _delay.Take();
            return;
        }

        ForgetLeftovers();

        bool TryRestoreLeftovers(IReadOnlySet<string> present, out string problem)
        {
            foreach (GrantKey key in _leftovers)
            {
                string name = IpsetSet.Of(key)!.Name;
                if (!present.Contains(name))
                {
                    continue;
                }

                if (_book.TryGet(key, out GrantEnd end) && end.Due > now.Monotonic)
                {
                    IpsetProgram.AppendAdd(script, name, key, end.Due - now.Monotonic);
                }
                else
                {
                    IpsetProgram.AppendDelete(script, name, key);
                }
            }

            return _sets.TryChange(script, out problem);
        }
    }

    private void ForgetLeftovers()
    {
        _leftovers.Clear();
        _retry = null;
        _delay.Reset();
    }

    private string? RevokeInSets(GrantKey[] keys)
    {
        if (keys.Length == 0)
        {
            return null;
        }

        if (!_sets.TryGetNames(out IReadOnlySet<string> present, out string error))
        {
            return error;
        }

        StringBuilder script = new();
        foreach (GrantKey key in keys.Where(key => present.Contains(IpsetSet.Of(key)!.Name)))
        {
            IpsetProgram.AppendDelete(script, IpsetSet.Of(key)!.Name, key);
        }

        if (!_sets.TryChange(script, out error))
        {
            return error;
        }

        _book.Remove(keys);
        return null;
    }

    private bool DestroySets()
    {
        ForgetLeftovers();
        return _sets.TryDestroy((name, error) => _log.Error($"Could not remove {name}: {error}", FirewallEvents.Failed(error)));
    }
}
