using Fwknop.Daemon.Expiry;

namespace Fwknop.Daemon.Enforcement;

/// <summary>
/// What only one grant can have: the way that connections to an address and port take. Of two grants that lead the same connections to different places, the
/// later one takes the place of the earlier.
/// </summary>
internal static class GrantDoors
{
    /// <summary>Opens the grants of a batch, and tells what becomes of them and of those that they replace.</summary>
    public static IReadOnlyList<GrantOutcome> Grant(
        IEnumerable<FirewallGrant> batch, IDoorRules rules, GrantBook book, Moment now, IFirewallLog log)
    {
        List<GrantOutcome> outcomes = [];
        foreach (IReadOnlyList<FirewallGrant> together in Parts(batch))
        {
            GrantPlan plan = book.Plan(together, now, rules.WhyNot);
            IReadOnlyList<LiveGrant> replaced = ReplacedBy(plan, book);
            HashSet<GrantKey> keys = [.. replaced.Select(grant => grant.Key)];
            string? failure = plan.Changes.Count == 0 ? null : rules.Apply(plan, keys, now);
            if (failure is null)
            {
                book.Remove(keys);
                book.Commit(plan.Changes);
                TellReplaced(replaced, rules, log);
            }

            outcomes.AddRange(plan.Report(_ => failure, rules.RulesOf, log));
        }

        return outcomes;
    }

    /// <summary>Tells that grants have ended before their time.</summary>
    public static void TellReplaced(IEnumerable<LiveGrant> replaced, IDoorRules rules, IFirewallLog log) =>
        EndLine.Tell(log, replaced, rules.RulesOf, "which a later grant leads elsewhere");

    /// <summary>The batch in the parts that can be done together: usually one.</summary>
    public static IReadOnlyList<IReadOnlyList<FirewallGrant>> Parts(IEnumerable<FirewallGrant> batch)
    {
        List<List<FirewallGrant>> parts = [[]];
        Dictionary<GrantKey, GrantKey> doors = [];
        foreach (FirewallGrant grant in batch)
        {
            // What is led elsewhere has one range of ports.
            GrantKey key = grant.Keys.First();
            if (Of(key) is { } door && !doors.TryAdd(door, key) && doors[door] != key)
            {
                parts.Add([]);
                doors.Clear();
                doors.Add(door, key);
            }

            parts[^1].Add(grant);
        }

        return parts;
    }

    /// <summary>The open grants whose connections a plan leads elsewhere; of a book of these doors.</summary>
    private static IReadOnlyList<LiveGrant> ReplacedBy(GrantPlan plan, GrantBook book)
    {
        List<LiveGrant> replaced = [];
        foreach (GrantChange change in plan.Changes)
        {
            if (Of(change.Key) is { } door && book.TryGetByDoor(door, out GrantKey? holder) && holder != change.Key
                && book.TryGet(holder, out GrantEnd end))
            {
                replaced.Add(new LiveGrant(holder, end));
            }
        }

        return replaced;
    }

    /// <summary>The door of a grant; null where connections go on to where they went anyway.</summary>
    public static GrantKey? Of(GrantKey key) =>
        key.Translation is { ChangesDestination: true } ? key with { Translation = null } : null;
}
