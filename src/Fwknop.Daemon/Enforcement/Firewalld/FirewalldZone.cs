using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Programs;
using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement.Firewalld;

/// <summary>
/// Grants as rich rules with a timeout in a zone of firewalld. firewalld ends them whatever becomes of the daemon, to the second;
/// <see cref="Expire"/> makes sure of it.
/// </summary>
internal sealed class FirewalldZone : IFirewall
{
    /// <summary>Our choice: removing so many rules takes some seconds, and then the daemon sees to other things.</summary>
    private const int MaxAtOnce = 250;

    /// <summary>firewalld ends a rule up to a second before or after its time.</summary>
    private static readonly TimeSpan Inexact = TimeSpan.FromSeconds(2);

    private readonly ZoneSettings _settings;
    private readonly IFirewallLog _log;
    private readonly FirewallCmd _command;
    private readonly GrantBook _book = new(doorOf: GrantDoors.Of);

    /// <summary>Rules of grants that failed: they may be there, or come when firewalld gets to it, and must go.</summary>
    private readonly HashSet<RichRule> _leftovers = [];

    private readonly RetryDelay _delay = new();
    private string _zone;
    private TimeSpan? _retryAt;

    public FirewalldZone(ZoneSettings settings, IFirewallLog log)
    {
        _settings = settings;
        _log = log;
        _command = new FirewallCmd(settings.Executable, settings.Timeout, log);
        _zone = settings.Zone ?? "default";
    }

    public string Description => $"firewalld, zone {_zone}";

    public string Name => "firewalld";

    public IEnumerable<KeyValuePair<GrantKey, GrantEnd>> Live => _book.Live;

    public TimeSpan? NextDue => _book.NextDue is { } due && !(_retryAt < due) ? due : _retryAt;

    public void Prepare(Moment now, IReadOnlyCollection<KeyValuePair<GrantKey, GrantEnd>> carried)
    {
        HashSet<RichRule> present = Open();
        _book.Clear();
        foreach ((GrantKey key, GrantEnd end) in carried.Where(grant => grant.Value.Due > now.Monotonic))
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
            _command.TryRemove(_zone, permanent: false, made.Select(rule => rule.ToString()), out _);
            throw Unusable(error);
        }

        RemovePermanent();
        WarnOfInactiveZone();
    }

    public IReadOnlyList<GrantOutcome> Grant(IReadOnlyList<FirewallGrant> batch, Moment now)
    {
        List<GrantOutcome> outcomes = [];
        foreach (IReadOnlyList<FirewallGrant> together in GrantDoors.Parts(batch))
        {
            outcomes.AddRange(GrantTogether(together, now));
        }

        return outcomes;
    }

    public int Expire(Moment now)
    {
        IReadOnlyList<KeyValuePair<GrantKey, GrantEnd>> due = TakeDue(now);
        if (due.Count == 0 && !(_retryAt <= now.Monotonic))
        {
            return 0;
        }

        HashSet<RichRule> ended = [.. due.Select(RuleOf), .. _leftovers];
        ended.ExceptWith(_book.Live.Select(RuleOf));
        if (!_command.TryRemove(_zone, permanent: false, ended.Select(rule => rule.ToString()), out string error))
        {
            _log.Error($"Could not remove expired rules from {_zone}, trying again: {error}", FirewallEvents.Failed(error));
            Postpone(due, now);
            return 0;
        }

        _leftovers.Clear();
        _retryAt = null;
        _delay.Reset();
        foreach ((GrantKey key, GrantEnd end) in due)
        {
            TellEnd(key, end);
        }

        return due.Count;
    }

    public string? Revoke(IReadOnlyCollection<GrantKey> keys, Moment now)
    {
        HashSet<GrantKey> revoked = [.. keys];
        HashSet<RichRule> rules = [.. _book.Live.Where(grant => revoked.Contains(grant.Key)).Select(RuleOf)];
        rules.ExceptWith(_book.Live.Where(grant => !revoked.Contains(grant.Key)).Select(RuleOf));
        string? failure = WhyNotRemoved(rules);
        if (failure is null)
        {
            _book.Remove(keys);
        }

        return failure;
    }

    public bool TearDown()
    {
        _book.Clear();
        return !_settings.FlushesAtExit || TryFlush();
    }

    /// <summary>Nothing to do: firewalld ends the rules by itself.</summary>
    public bool Abandon() => true;

    public void GiveWay(IFirewall successor)
    {
        HashSet<RichRule> unused = [.. _book.Live.Select(RuleOf), .. _leftovers];
        if (successor is FirewalldZone next && next._zone == _zone && next._settings.Executable == _settings.Executable)
        {
            unused.ExceptWith(next._book.Live.Select(next.RuleOf));
        }

        _book.Clear();
        if (!_command.TryRemove(_zone, permanent: false, unused.Select(rule => rule.ToString()), out string error))
        {
            _log.Error($"Could not remove the rules from {_zone} that are not used any more: {error}", FirewallEvents.Failed(error));
        }
    }

    public bool Flush()
    {
        Open();
        return TryFlush();
    }

    public void List(TextWriter output, bool all)
    {
        HashSet<RichRule> present = Open();
        output.Write(all ? "Listing all firewalld rules in applicable tables...\n\n" : $"Listing rules in fwknopd firewalld chains...\n\nzone {_zone}\n");
        if (!all)
        {
            output.Write(string.Concat(present.OrderBy(rule => rule.Priority).Select(rule => $"{rule}\n")));
            return;
        }

        ExternalResult listing = _command.Show(_zone);
        output.Write(listing.Output);
        if (!listing.Succeeded)
        {
            _log.Error(listing.Error);
        }
    }

    public void Dispose()
    {
    }

    private static FirewallException Unusable(string error) => new($"firewalld cannot be used: {error}");

    private RichRule RuleOf(KeyValuePair<GrantKey, GrantEnd> grant) => RuleOf(grant.Key, grant.Value);

    private RichRule RuleOf(GrantKey key, GrantEnd end) => RichRule.Of(key, end.Epoch, _settings.FirstPriority);

    /// <summary>Finds the zone, and what of ours is in it.</summary>
    private HashSet<RichRule> Open()
    {
        string error = "";
        if (_settings.Zone is null && !_command.TryFindDefaultZone(out _zone, out error))
        {
            throw Unusable(error);
        }

        return TryList(out HashSet<RichRule> present, out error) ? present : throw Unusable(error);
    }

    private bool TryList(out HashSet<RichRule> present, out string error)
    {
        bool done = _command.TryList(_zone, permanent: false, out IReadOnlyList<string> lines, out error);
        present = [.. Own(lines)];
        return done;
    }

    private IEnumerable<RichRule> Own(IEnumerable<string> lines) =>
        lines.Select(line => RichRule.TryParse(line, _settings.FirstPriority, out RichRule? rule) ? rule : null).OfType<RichRule>();

    private bool TryEstablish(HashSet<RichRule> present, HashSet<RichRule> wanted, Moment now, out string error)
    {
        error = "";
        if (present.SetEquals(wanted))
        {
            return true;
        }

        if (!_command.TryAdd(_zone, Timed(_book.Live.Where(grant => !present.Contains(RuleOf(grant))), now), out error)
            || !_command.TryRemove(_zone, permanent: false, present.Where(rule => !wanted.Contains(rule)).Select(rule => rule.ToString()), out error)
            || !TryList(out HashSet<RichRule> result, out error))
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
    /// What <c>firewall-cmd --runtime-to-permanent</c> has made of rules of ours: without an end, and back after each <c>--reload</c>.
    /// </summary>
    private void RemovePermanent()
    {
        RichRule[] found = _command.TryList(_zone, permanent: true, out IReadOnlyList<string> lines, out string error) ? [.. Own(lines)] : [];
        if (found.Length == 0 && error.Length == 0)
        {
            return;
        }

        if (error.Length == 0 && _command.TryRemove(_zone, permanent: true, found.Select(rule => rule.ToString()), out error))
        {
            _log.Warning(
                $"Removed {found.Length} rules of fwknopd from the permanent configuration of {_zone}, where they had no end (firewall-cmd --runtime-to-permanent)",
                FirewallEvents.Repaired());
        }
        else
        {
            _log.Error($"Could not see to the permanent configuration of {_zone}: {error}", FirewallEvents.Failed(error));
        }
    }

    /// <summary>In a zone that nothing is in, grants open nothing.</summary>
    private void WarnOfInactiveZone()
    {
        if (_command.TryListActiveZones(out IReadOnlySet<string> active, out _) && !active.Contains(_zone)
            && _command.TryFindDefaultZone(out string standard, out _) && standard != _zone)
        {
            _log.Warning($"No interface and no source is in zone {_zone} of firewalld: what is granted there opens nothing");
        }
    }

    private IReadOnlyList<GrantOutcome> GrantTogether(IReadOnlyList<FirewallGrant> batch, Moment now)
    {
        GrantPlan plan = _book.Plan(batch, now, grant => RichRule.WhyNot(grant.Keys.First()));
        IReadOnlyList<KeyValuePair<GrantKey, GrantEnd>> replaced = GrantDoors.ReplacedBy(plan, _book);
        string? failure = plan.Changes.Count == 0 ? null : Apply(plan, [.. replaced.Select(grant => grant.Key)], now);
        if (failure is null)
        {
            _book.Remove(replaced.Select(grant => grant.Key));
            _book.Commit(plan.Changes);
            foreach ((GrantKey key, GrantEnd end) in replaced)
            {
                TellEnd(key, end, "which a later grant leads elsewhere");
            }
        }

        return plan.Report(_ => failure, RulesOf, _log);
    }

    /// <summary>
    /// Null, or why nothing was opened. A rule that is renewed goes only when the one in its place is there, so that the door is never shut in
    /// between.
    /// </summary>
    private string? Apply(GrantPlan plan, HashSet<GrantKey> replaced, Moment now)
    {
        HashSet<GrantKey> changed = [.. plan.Changes.Select(change => change.Key)];
        HashSet<RichRule> before = [.. _book.Live.Select(RuleOf)];
        KeyValuePair<GrantKey, GrantEnd>[] unchanged = [.. _book.Live.Where(grant => !replaced.Contains(grant.Key) && !changed.Contains(grant.Key))];
        KeyValuePair<GrantKey, GrantEnd>[] made =
            [.. plan.Changes.Where(change => change.Before?.Epoch != change.After.Epoch).Select(change => KeyValuePair.Create(change.Key, change.After))];
        HashSet<RichRule> wanted = [.. unchanged.Select(RuleOf), .. plan.Changes.Select(change => RuleOf(change.Key, change.After))];

        // An end that is a multiple of RichRule.Priorities later is that of the same rule, whose time is not extended.
        RichRule[] same = [.. made.Select(RuleOf).Where(before.Contains)];
        string error = "";
        bool done = _command.TryRemove(_zone, permanent: false, same.Select(rule => rule.ToString()), out error)
            && _command.TryAdd(_zone, Timed(made, now), out error);
        HashSet<RichRule> present = [];
        done = done && TryList(out present, out error);
        if (!done || made.Any(grant => !present.Contains(RuleOf(grant))))
        {
            TakeBack([.. made.Select(RuleOf).Where(rule => !before.Contains(rule))], isKnown: done, now);
            return done ? "firewalld has not taken the rule" : error;
        }

        Repair(unchanged, before, present, now);
        RichRule[] surplus = [.. present.Where(rule => !wanted.Contains(rule))];
        if (!_command.TryRemove(_zone, permanent: false, surplus.Select(rule => rule.ToString()), out error))
        {
            Remember(surplus, now);
        }

        return null;
    }

    /// <summary>
    /// <c>firewall-cmd --reload</c> and a restart of firewalld drop all rules that are not permanent. Whoever does that does not mean to shut out those who have been
    /// granted, so all of them come back.
    /// </summary>
    private void Repair(IReadOnlyCollection<KeyValuePair<GrantKey, GrantEnd>> unchanged, HashSet<RichRule> before, HashSet<RichRule> present, Moment now)
    {
        KeyValuePair<GrantKey, GrantEnd>[] lost =
            [.. unchanged.Where(grant => grant.Value.Due - now.Monotonic > Inexact && before.Contains(RuleOf(grant)) && !present.Contains(RuleOf(grant)))];
        if (lost.Length == 0)
        {
            return;
        }

        _log.Warning(
            $"Another program has removed rules of fwknopd from {_zone} (as firewall-cmd --reload does): making them again", FirewallEvents.Repaired());
        if (!_command.TryAdd(_zone, Timed(lost, now), out string error))
        {
            _log.Error($"Could not make rules in {_zone} again: {error}", FirewallEvents.Failed(error));
        }
    }

    /// <summary>
    /// What failed may have been done for one rule and not for another. Where firewalld does not answer it may even get to it later: then all is removed later, too.
    /// </summary>
    private void TakeBack(RichRule[] made, bool isKnown, Moment now)
    {
        if (!isKnown || !_command.TryRemove(_zone, permanent: false, made.Select(rule => rule.ToString()), out _))
        {
            Remember(made, now);
        }
    }

    /// <summary>So many that it does not take long; the others are due at once.</summary>
    private IReadOnlyList<KeyValuePair<GrantKey, GrantEnd>> TakeDue(Moment now)
    {
        IReadOnlyList<KeyValuePair<GrantKey, GrantEnd>> due = _book.TakeDue(now);
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
    private void Postpone(IEnumerable<KeyValuePair<GrantKey, GrantEnd>> due, Moment now)
    {
        TimeSpan again = now.Monotonic + _delay.Take();
        _retryAt = again;
        foreach ((GrantKey key, GrantEnd end) in due)
        {
            _book.Add(key, end with { Due = again });
        }
    }

    private string? WhyNotRemoved(HashSet<RichRule> rules)
    {
        if (!_command.TryRemove(_zone, permanent: false, rules.Select(rule => rule.ToString()), out string error)
            || !TryList(out HashSet<RichRule> present, out error))
        {
            return error;
        }

        return rules.FirstOrDefault(present.Contains) is { } left ? $"firewalld has not removed '{left}'" : null;
    }

    private bool TryFlush()
    {
        RemovePermanent();
        string? failure = TryList(out HashSet<RichRule> present, out string error) ? WhyNotRemoved(present) : error;
        if (failure is not null)
        {
            _log.Error($"Could not remove the rules of fwknopd from {_zone}: {failure}", FirewallEvents.Failed(failure));
        }

        return failure is null;
    }

    /// <summary>The rules of grants with the time that they have left, in whole seconds.</summary>
    private IEnumerable<KeyValuePair<RichRule, int>> Timed(IEnumerable<KeyValuePair<GrantKey, GrantEnd>> grants, Moment now) =>
        grants.Select(grant => KeyValuePair.Create(
            RuleOf(grant), (int)Math.Clamp(Math.Ceiling((grant.Value.Due - now.Monotonic).TotalSeconds), 1, int.MaxValue)));

    /// <summary>One rule does all that a grant needs.</summary>
    private IEnumerable<(string Name, string Chain)> RulesOf(GrantKey key) => [(key.Translation?.Kind switch
    {
        null => "access",
        NatKind.Local => "local NAT",
        _ => "DNAT",
    }, _zone)];

    private void TellEnd(GrantKey key, GrantEnd end, string? why = null) => EndLine.Tell(_log, key, _zone, end, why);
}
