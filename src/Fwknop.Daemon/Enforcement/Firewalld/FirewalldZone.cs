using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Programs;
using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement.Firewalld;

/// <summary>
/// Grants as rich rules with a timeout in a zone of firewalld. firewalld ends them whatever becomes of the daemon, to the second;
/// <see cref="Expire"/> makes sure of it.
/// </summary>
internal sealed class FirewalldZone : IFirewall, IDoorRules
{
    /// <summary>Our choice: removing so many rules takes some seconds, and then the daemon sees to other things.</summary>
    private const int MaxAtOnce = 250;

    /// <summary>firewalld ends a rule up to a second before or after its time.</summary>
    private static readonly TimeSpan Inexact = TimeSpan.FromSeconds(2);

    private readonly ZoneSettings _settings;
    private readonly IFirewallLog _log;
    private readonly ZoneRules _rules;
    private readonly GrantBook _book = new(doorOf: GrantDoors.Of);

    /// <summary>Rules of grants that failed: they may be there, or come when firewalld gets to it, and must go.</summary>
    private readonly HashSet<RichRule> _leftovers = [];

    private readonly RetryDelay _delay = new();
    private TimeSpan? _retryAt;

    public FirewalldZone(ZoneSettings settings, IFirewallLog log)
    {
        _settings = settings;
        _log = log;
        _rules = new ZoneRules(settings, log);
    }

    public string Description => $"firewalld, zone {_rules.Zone}";

    public string Name => "firewalld";

    public IEnumerable<LiveGrant> Live => _book.Live;

    public TimeSpan? NextDue => _book.NextDue is { } due && !(_retryAt < due) ? due : _retryAt;

    public void Prepare(Moment now, IReadOnlyCollection<LiveGrant> carried)
    {
        HashSet<RichRule> present = _rules.Open();
        _book.Clear();
        foreach ((GrantKey key, GrantEnd end) in carried.Where(grant => grant.End.Due > now.Monotonic))
        {
            if (RichRule.WhyNot(key) is { } reason)
            {
                EndLine.TellLeftOut(_log, key, reason);
            }
            else
            {
                _book.Add(key, end);
            }
        }

        if (!_settings.FlushesAtInit)
        {
            Adopt(present, now);
        }

        HashSet<RichRule> wanted = [.. _book.Live.Select(RuleOf)];
        RichRule[] made = [.. wanted.Where(rule => !present.Contains(rule))];
        if (!TryEstablish(present, wanted, now, out string error))
        {
            _rules.TryRemove(made, out _);
            throw ZoneRules.Unusable(error);
        }

        _rules.RemovePermanent();
        _rules.WarnOfInactiveZone();
    }

    public IReadOnlyList<GrantOutcome> Grant(IReadOnlyList<FirewallGrant> batch, Moment now) =>
        GrantDoors.Grant(batch, this, _book, now, _log);

    public int Expire(Moment now)
    {
        IReadOnlyList<LiveGrant> due = TakeDue(now);
        if (due.Count == 0 && !(_retryAt <= now.Monotonic))
        {
            return 0;
        }

        HashSet<RichRule> ended = [.. due.Select(RuleOf), .. _leftovers];
        ended.ExceptWith(_book.Live.Select(RuleOf));
        if (!_rules.TryRemove(ended, out string error))
        {
            _log.Error($"Could not remove expired rules from {_rules.Zone}, trying again: {error}", FirewallEvents.Failed(error));
            Postpone(due, now);
            return 0;
        }

        _leftovers.Clear();
        _retryAt = null;
        _delay.Reset();
        EndLine.Tell(_log, due, RulesOf);
        return due.Count;
    }

    public string? Revoke(IReadOnlyCollection<GrantKey> keys, Moment now)
    {
        HashSet<GrantKey> revoked = [.. keys];
        HashSet<RichRule> rules = [.. _book.Live.Where(grant => revoked.Contains(grant.Key)).Select(RuleOf)];
        rules.ExceptWith(_book.Live.Where(grant => !revoked.Contains(grant.Key)).Select(RuleOf));
        string? failure = _rules.WhyNotRemoved(rules);
        if (failure is null)
        {
            _book.Remove(keys);
        }

        return failure;
    }

    public bool TearDown()
    {
        _book.Clear();
        return !_settings.FlushesAtExit || _rules.TryFlush();
    }

    /// <summary>Nothing to do: firewalld ends the rules by itself.</summary>
    public bool Abandon() => true;

    public void GiveWay(IFirewall successor)
    {
        HashSet<RichRule> unused = [.. _book.Live.Select(RuleOf), .. _leftovers];
        if (successor is FirewalldZone next && next._rules.IsAt(_rules))
        {
            unused.ExceptWith(next._book.Live.Select(next.RuleOf));
        }

        _book.Clear();
        if (!_rules.TryRemove(unused, out string error))
        {
            _log.Error($"Could not remove the rules from {_rules.Zone} that are not used any more: {error}", FirewallEvents.Failed(error));
        }
    }

    public bool Flush()
    {
        _rules.Open();
        return _rules.TryFlush();
    }

    public void List(TextWriter output, bool all)
    {
        HashSet<RichRule> present = _rules.Open();
        output.Write(all ? "Listing all firewalld rules in applicable tables...\n\n" : $"Listing rules in fwknopd firewalld chains...\n\nzone {_rules.Zone}\n");
        if (!all)
        {
            output.Write(string.Concat(present.OrderBy(rule => rule.Priority).Select(rule => $"{rule}\n")));
            return;
        }

        ExternalResult listing = _rules.Show();
        output.Write(listing.Output);
        if (!listing.Succeeded)
        {
            _log.Error(listing.Error);
        }
    }

    /// <inheritdoc/>
    public string? WhyNot(FirewallGrant grant) => RichRule.WhyNot(grant.Keys.First());

    /// <summary>
    /// Null, or why nothing was opened. A rule that is renewed goes only when the one in its place is there, so that the door is never shut in
    /// between.
    /// </summary>
    public string? Apply(GrantPlan plan, IReadOnlySet<GrantKey> replaced, Moment now)
    {
        HashSet<GrantKey> changed = [.. plan.Changes.Select(change => change.Key)];
        HashSet<RichRule> before = [.. _book.Live.Select(RuleOf)];
        LiveGrant[] unchanged = [.. _book.Live.Where(grant => !replaced.Contains(grant.Key) && !changed.Contains(grant.Key))];
        LiveGrant[] made =
            [.. plan.Changes.Where(change => change.Before?.Epoch != change.After.Epoch).Select(change => new LiveGrant(change.Key, change.After))];
        HashSet<RichRule> wanted = [.. unchanged.Select(RuleOf), .. plan.Changes.Select(change => RuleOf(change.Key, change.After))];

        // An end that is a multiple of RichRule.Priorities later is that of the same rule, whose time is not extended.
        RichRule[] same = [.. made.Select(RuleOf).Where(before.Contains)];
        string error = "";
        bool done = _rules.TryRemove(same, out error)
            && _rules.TryAdd(Timed(made, now), out error);
        HashSet<RichRule> present = [];
        done = done && _rules.TryList(out present, out error);
        if (!done || made.Any(grant => !present.Contains(RuleOf(grant))))
        {
            TakeBack([.. made.Select(RuleOf).Where(rule => !before.Contains(rule))], isKnown: done, now);
            return done ? "firewalld has not taken the rule" : error;
        }

        Repair(unchanged, before, present, now);
        RichRule[] surplus = [.. present.Where(rule => !wanted.Contains(rule))];
        if (!_rules.TryRemove(surplus, out error))
        {
            Remember(surplus, now);
        }

        return null;
    }

    /// <summary>One rule does all that a grant needs.</summary>
    public IEnumerable<(string Name, string Chain)> RulesOf(GrantKey key) => [(key.Translation?.Kind switch
    {
        null => "access",
        NatKind.Local => "local NAT",
        _ => "DNAT",
    }, _rules.Zone)];

    public void Dispose()
    {
    }

    private RichRule RuleOf(LiveGrant grant) => RuleOf(grant.Key, grant.End);

    private RichRule RuleOf(GrantKey key, GrantEnd end) => RichRule.Of(key, end.Epoch, _settings.FirstPriority);

    private bool TryEstablish(HashSet<RichRule> present, HashSet<RichRule> wanted, Moment now, out string error)
    {
        error = "";
        if (present.SetEquals(wanted))
        {
            return true;
        }

        if (!_rules.TryAdd(Timed(_book.Live.Where(grant => !present.Contains(RuleOf(grant))), now), out error)
            || !_rules.TryRemove(present.Where(rule => !wanted.Contains(rule)), out error)
            || !_rules.TryList(out HashSet<RichRule> result, out error))
        {
            return false;
        }

        error = wanted.All(result.Contains) ? "" : "it does not take the rules of what is open";
        return error.Length == 0;
    }

    /// <summary>Takes over the rules of an earlier run that have not ended.</summary>
    private void Adopt(IEnumerable<RichRule> present, Moment now)
    {
        int before = _book.Count;
        long second = now.WallClock.ToUnixTimeSeconds();
        long justEnded = (long)Inexact.TotalSeconds;
        foreach (RichRule rule in present)
        {
            long epoch = rule.EndFrom(second - justEnded, _settings.FirstPriority);
            if (epoch > second && RuleOf(rule.Key, new GrantEnd(default, epoch)) == rule)
            {
                _book.Add(rule.Key, new GrantEnd(now.Monotonic + (DateTimeOffset.FromUnixTimeSeconds(epoch) - now.WallClock), epoch));
            }
        }

        if (_book.Count > before)
        {
            _log.Info($"Kept {_book.Count - before} grants of an earlier run");
        }
    }

    /// <summary>
    /// <c>firewall-cmd --reload</c> and a restart of firewalld drop all rules that are not permanent. Whoever does that does not mean to shut out those who have been
    /// granted, so all of them come back.
    /// </summary>
    private void Repair(IReadOnlyCollection<LiveGrant> unchanged, HashSet<RichRule> before, HashSet<RichRule> present, Moment now)
    {
        LiveGrant[] lost =
            [.. unchanged.Where(grant => grant.End.Due - now.Monotonic > Inexact && before.Contains(RuleOf(grant)) && !present.Contains(RuleOf(grant)))];
        if (lost.Length == 0)
        {
            return;
        }

        _log.Warning(
            $"Another program has removed rules of fwknopd from {_rules.Zone} (as firewall-cmd --reload does): making them again", FirewallEvents.Repaired());
        if (!_rules.TryAdd(Timed(lost, now), out string error))
        {
            _log.Error($"Could not make rules in {_rules.Zone} again: {error}", FirewallEvents.Failed(error));
        }
    }

    /// <summary>
    /// What failed may have been done for one rule and not for another. Where firewalld does not answer it may even get to it later: then all is removed later, too.
    /// </summary>
    private void TakeBack(RichRule[] made, bool isKnown, Moment now)
    {
        if (!isKnown || !_rules.TryRemove(made, out _))
        {
            Remember(made, now);
        }
    }

    /// <summary>So many that it does not take long; the others are due at once.</summary>
    private IReadOnlyList<LiveGrant> TakeDue(Moment now)
    {
        IReadOnlyList<LiveGrant> due = _book.TakeDue(now);
        foreach ((GrantKey key, GrantEnd end) in due.Skip(MaxAtOnce))
        {
            _book.Add(key, end);
        }

        return due.Count > MaxAtOnce ? [.. due.Take(MaxAtOnce)] : due;
    }

    private void Remember(IEnumerable<RichRule> rules, Moment now)
    {
        _leftovers.UnionWith(rules);
        _retryAt ??= now.Monotonic + RetryDelay.First;
    }

    /// <summary>What could not be removed is remembered as open, and due again after a while.</summary>
    private void Postpone(IEnumerable<LiveGrant> due, Moment now)
    {
        TimeSpan again = now.Monotonic + _delay.Take();
        _retryAt = again;
        foreach ((GrantKey key, GrantEnd end) in due)
        {
            _book.Add(key, end with { Due = again });
        }
    }

    /// <summary>The rules of grants with the time that they have left, in whole seconds.</summary>
    private IEnumerable<KeyValuePair<RichRule, int>> Timed(IEnumerable<LiveGrant> grants, Moment now) =>
        grants.Select(grant => KeyValuePair.Create(
            RuleOf(grant), (int)Math.Clamp(Math.Ceiling((grant.End.Due - now.Monotonic).TotalSeconds), 1, int.MaxValue)));
}
