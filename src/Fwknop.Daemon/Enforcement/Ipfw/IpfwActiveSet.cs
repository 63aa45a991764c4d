using Fwknop.Configuration.Server;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Programs;
using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement.Ipfw;

/// <summary>The set whose rules let connections in: what is in it, and how that is changed.</summary>
internal sealed class IpfwActiveSet(IpfwSettings settings, IpfwProgram program, IpfwExpireSet expireSet, IFirewallLog log)
{
    private bool _isToBeHealed;

    public string Name => $"set {settings.ActiveSet}";

    public IpfwRules Rules { get; } = new(settings);

    public void Forget()
    {
        Rules.Clear();
        _isToBeHealed = false;
    }

    /// <summary>
    /// Finds out what is there before anything is added: the numbers that are taken, and what other programs have done to our rules, which is mended.
    /// </summary>
    public bool TryLook(out string error)
    {
        ExternalResult listing = program.ListEverything();
        error = listing.Error;
        if (!listing.Succeeded)
        {
            return false;
        }

        IReadOnlyList<ListedRule> listed = IpfwListing.Read(listing.Output);
        Rules.SetTaken(listed.Select(rule => rule.Number));
        ListedRule[] own = [.. listed.Where(rule => rule.Set == settings.ActiveSet)];
        if (own.Any(rule => rule.IsDisabled))
        {
            Warn($"Another program has disabled the {Name}: enabling it again");
            ExternalResult result = program.EnableActiveSet();
            error = result.Error;
            if (!result.Succeeded)
            {
                return false;
            }
        }

        if (expireSet.IsUsed && listed.Any(rule => rule.Set == settings.ExpireSet && !rule.IsDisabled))
        {
            expireSet.Repair();
        }

        return TryEnsureCheckState(own, out error) && TryHeal(own, out error);
    }

    /// <summary>IPFW_ADD_CHECK_STATE: the rule that looks for connections comes first.</summary>
    public bool TryEnsureCheckState(IReadOnlyList<ListedRule> present, out string error)
    {
        error = "";
        int number = settings.StartRule;
        if (!settings.AddsCheckState || present.Any(rule => rule.IsCheckState && rule.Number == number))
        {
            return true;
        }

        ExternalResult result = program.AddCheckState(number);
        error = result.Error;
        if (result.Succeeded)
        {
            log.Info($"Added check-state rule {number} to {Name}");
        }

        return result.Succeeded;
    }

    /// <summary>Takes over the rules of an earlier run. Those whose time was up meanwhile are due.</summary>
    /// <param name="present">What is in the set.</param>
    /// <param name="now">When.</param>
    /// <param name="wanted">The grants that may stay; null for all.</param>
    /// <returns>The grants that are open by them.</returns>
    public IEnumerable<LiveGrant> Adopt(IReadOnlyList<ListedRule> present, Moment now, HashSet<GrantKey>? wanted)
    {
        foreach (IGrouping<int, ListedRule> rules in present.Where(rule => rule.Epoch is not null).GroupBy(rule => rule.Number))
        {
            long epoch = rules.Min(rule => rule.Epoch!.Value);
            GrantKey[] keys = [.. rules.Select(rule => IpfwRuleText.KeyOf(rule.Text)).OfType<GrantKey>().Distinct()];
            bool isOver = now.Until(epoch) <= TimeSpan.Zero || (wanted is not null && !keys.Any(wanted.Contains));
            GrantEnd end = new(isOver ? now.Monotonic : now.Monotonic + now.Until(epoch), epoch);
            Rules.Add(new IpfwRule(rules.Key, epoch, isOver ? [] : keys), end.Due);
            foreach (GrantKey key in isOver ? [] : keys)
            {
                yield return new LiveGrant(key, end);
            }
        }
    }

    /// <summary>Makes the rules of one packet, and lets those go that they replace.</summary>
    /// <param name="changes">The grants.</param>
    /// <param name="now">When.</param>
    /// <param name="isBroken">True when the program did not answer at all, so that nothing else has to be tried.</param>
    /// <returns>Null, or why nothing was opened.</returns>
    public string? Open(IReadOnlyCollection<GrantChange> changes, Moment now, out bool isBroken)
    {
        isBroken = false;
        List<int> made = [];
        foreach (IGrouping<long, GrantChange> packet in changes.Where(IsMissing).GroupBy(change => change.After.Epoch).ToArray())
        {
            IpfwRule? rule = NewRule(packet.Key, [.. packet.Select(change => change.Key)]);
            if (TryAdd(rule, packet.Max(change => change.After.Due), made, out isBroken) is { } failure)
            {
                TakeBack(made, now, isBroken);
                return failure;
            }
        }

        foreach (IpfwRule replaced in Rules.Replaced(changes.Select(change => change.Key)))
        {
            // One that stays has no more than the time that it was given.
            TryRetire(replaced, now, out _);
        }

        return null;
    }

    /// <summary>Takes rules out of force whose time is up.</summary>
    /// <param name="due">Them; those that could not be are left in it.</param>
    /// <param name="now">When.</param>
    /// <param name="error">Why not.</param>
    public bool TryRetire(List<IpfwRule> due, Moment now, out string error)
    {
        if (!TryFind(due, program.ListActive(), out List<IpfwRule> missing, out error)
            || (missing.Count > 0 && !TryFind(missing, program.ListEverything(), out missing, out error)))
        {
            return false;
        }

        due.RemoveAll(missing.Contains);
        while (due.Count > 0 && TryRetire(due[0], now, out error))
        {
            due.RemoveAt(0);
        }

        return due.Count == 0;
    }

    /// <summary>Ends grants before their time; the others that share a rule with them keep theirs.</summary>
    public bool TryLeaveOut(IpfwRule rule, IReadOnlyCollection<GrantKey> keys, Moment now, out string error)
    {
        GrantKey[] others = [.. rule.Keys.Except(keys)];
        error = "";
        List<int> made = [];
        if (others.Length > 0 && TryAdd(NewRule(rule.Epoch, others), Rules.DueOf(rule), made, out bool isBroken) is { } failure)
        {
            TakeBack(made, now, isBroken);
            error = failure;
            return false;
        }

        return TryRetire(rule, now, out error);
    }

    /// <summary>Deletes all rules in it, as the reference does.</summary>
    public bool TryEmpty(out string error)
    {
        ExternalResult result = program.ListActive();
        if (result.Succeeded && result.Output.Length > 0)
        {
            result = program.DeleteActive();
        }

        error = result.Error;
        return result.Succeeded;
    }

    /// <summary>Looks for rules. Those of a disabled set are listed only with all others, and would be in force again with the set.</summary>
    private bool TryFind(IReadOnlyList<IpfwRule> rules, ExternalResult listing, out List<IpfwRule> missing, out string error)
    {
        HashSet<(int, long?)> present =
        [
            .. IpfwListing.Read(listing.Output, settings.ActiveSet).Where(rule => rule.Set == settings.ActiveSet).Select(rule => (rule.Number, rule.Epoch)),
        ];
        missing = [.. rules.Where(rule => !present.Contains((rule.Number, rule.Epoch)))];
        error = listing.Error;
        return listing.Succeeded;
    }

    private bool IsMissing(GrantChange change) => !Rules.Of(change.Key).Any(rule => rule.Epoch == change.After.Epoch);

    private IpfwRule? NewRule(long epoch, IReadOnlyList<GrantKey> keys) => Rules.FreeNumber() is int number ? new IpfwRule(number, epoch, keys) : null;

    /// <summary>Null, or why not all of it was added.</summary>
    private string? TryAdd(IpfwRule? rule, TimeSpan due, List<int> made, out bool isBroken)
    {
        isBroken = false;
        if (rule is null)
        {
            log.Warning("Access request rejected: Maximum allowed number of rules has been reached.");
            return $"no number is free ({settings.MaxRules} from {settings.StartRule} on)";
        }

        foreach (GrantKey key in rule.Keys)
        {
            ExternalResult result = program.Add(rule.Number, key, rule.Epoch);
            isBroken = result.Status is null;
            if (!result.Succeeded)
            {
                // A program that was killed may have done it before.
                if (isBroken || key != rule.Keys[0])
                {
                    made.Add(rule.Number);
                    Rules.Add(rule with { Keys = [] }, due);
                }

                return result.Error;
            }
        }

        made.Add(rule.Number);
        Rules.Add(rule, due);
        return null;
    }

    /// <summary>What cannot be taken back now is due again soon.</summary>
    private void TakeBack(List<int> made, Moment now, bool isBroken)
    {
        foreach (IpfwRule rule in Rules.All.Where(rule => made.Contains(rule.Number)).ToArray())
        {
            Rules.Remove(rule.Number);
            if (isBroken || !program.Delete(rule.Number).Succeeded)
            {
                Rules.Add(rule with { Keys = [] }, now.Monotonic + RetryDelay.First);
            }
        }
    }

    private bool TryRetire(IpfwRule rule, Moment now, out string error)
    {
        ExternalResult result = expireSet.IsUsed ? program.Move(rule.Number) : program.Delete(rule.Number);
        error = result.Error;
        if (!result.Succeeded)
        {
            return false;
        }

        Rules.Remove(rule.Number);
        LogEvent? about = rule.Keys.Count == 0 ? null : About(rule);
        if (expireSet.IsUsed)
        {
            expireSet.Add(rule.Number, now);
            log.Info($"Moved rule {rule.Number} with expire time of {rule.Epoch} to {expireSet.Name}.", about);
        }
        else
        {
            log.Info($"Removed rule {rule.Number} from {Name} with expire time of {rule.Epoch}", about);
        }

        return true;
    }

    private LogEvent About(IpfwRule rule) => new LogEvent(LogEventKind.GrantClosed)
        .With(LogField.Allow, rule.Keys[0].SourceText)
        .With(LogField.Destination, rule.Keys[0].Destination)
        .With(LogField.Ports, [.. rule.Keys.Select(key => key.Ports)])
        .With(LogField.Chain, Name)
        .With(LogField.Expires, LogField.TimeText(rule.Epoch));

    /// <summary>
    /// Whoever emptied the set did not mean to shut out those who have been granted, so all of them come back; a single rule that was deleted by hand does not.
    /// </summary>
    private bool TryHeal(IReadOnlyList<ListedRule> present, out string error)
    {
        error = "";
        HashSet<(int, long?)> there = [.. present.Select(rule => (rule.Number, rule.Epoch))];
        IpfwRule[] missing = [.. Rules.All.Where(rule => !there.Contains((rule.Number, rule.Epoch)))];
        if (!_isToBeHealed && missing.Length > 0 && missing.Length == Rules.All.Count)
        {
            _isToBeHealed = true;
            Warn($"Another program has emptied the {Name}: making its rules again");
        }

        foreach (IpfwRule rule in missing)
        {
            TimeSpan due = Rules.DueOf(rule);
            Rules.Remove(rule.Number);
            if (_isToBeHealed && rule.Keys.Count > 0 && TryAdd(NewRule(rule.Epoch, rule.Keys), due, [], out _) is { } failure)
            {
                Rules.Add(rule, due);
                error = failure;
                return false;
            }
        }

        _isToBeHealed = false;
        return true;
    }

    private void Warn(string text) => log.Warning(text, FirewallEvents.Repaired());
}
