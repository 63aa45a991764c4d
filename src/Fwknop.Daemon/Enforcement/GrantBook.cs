using System.Diagnostics.CodeAnalysis;
using Fwknop.Daemon.Expiry;

namespace Fwknop.Daemon.Enforcement;

/// <summary>The grants that are open now, and their ends. It plans and remembers; what is done about it is the back end's.</summary>
/// <param name="maxLive">How many grants may be open at a time: few enough that the firewall can still be listed and stopped.</param>
/// <param name="doorOf">What only one grant can have, or null where there is nothing like that.</param>
internal sealed class GrantBook(int maxLive = GrantBook.MaxListed, Func<GrantKey, GrantKey?>? doorOf = null)
{
    /// <summary>Our choice, where rules are listed when one of them ends: each grant is one or several.</summary>
    private const int MaxListed = 16_384;

    /// <summary>Our choice, where the kernel ends grants by itself: more than any site opens at once.</summary>
    public const int MaxTimed = 65_536;

    private readonly ExpiryQueue<GrantKey> _queue = new();
    private readonly Dictionary<GrantKey, (long Epoch, GrantHolder? Holder)> _details = [];

    private readonly Dictionary<GrantKey, GrantKey> _byDoor = [];

    public int Count => _queue.Count;

    public TimeSpan? NextDue => _queue.NextDue;

    public IEnumerable<LiveGrant> Live =>
        _details.Select(entry => new LiveGrant(entry.Key, EndAt(DueOf(entry.Key), entry.Value)));

    public bool TryGet(GrantKey key, out GrantEnd end)
    {
        bool found = _queue.TryGetDue(key, out TimeSpan due);
        end = found ? EndAt(due, _details[key]) : default;
        return found;
    }

    /// <summary>The grant that has a door.</summary>
    public bool TryGetByDoor(GrantKey door, [NotNullWhen(true)] out GrantKey? key) => _byDoor.TryGetValue(door, out key);

    /// <summary>Works out what a batch changes; nothing is remembered before <see cref="Commit"/>.</summary>
    /// <param name="batch">The grants.</param>
    /// <param name="now">When.</param>
    /// <param name="refuse">Why this firewall cannot make a grant, or null.</param>
    public GrantPlan Plan(IReadOnlyList<FirewallGrant> batch, Moment now, Func<FirewallGrant, string?> refuse)
    {
        string?[] refusals = new string?[batch.Count];
        List<(int, GrantKey, bool)> requests = [];
        Dictionary<GrantKey, GrantChange> changes = [];
        int live = _details.Count;
        for (int i = 0; i < batch.Count; i++)
        {
            FirewallGrant grant = batch[i];
            int added = grant.Keys.Count(key => !changes.ContainsKey(key) && !_details.ContainsKey(key));
            refusals[i] = MixedFamilies(grant) ?? refuse(grant) ?? (added > 0 ? TooMany(live + added) : null);
            if (refusals[i] is not null)
            {
                continue;
            }

            live += added;
            GrantEnd until = End(grant.Duration, now);
            foreach (GrantKey key in grant.Keys)
            {
                GrantEnd? before = changes.TryGetValue(key, out GrantChange? earlier) ? earlier.Before : Open(key, now);
                GrantEnd? present = earlier?.After ?? before;
                GrantEnd asked = until with { Holder = grant.Holder?.After(present?.Holder) };
                requests.Add((i, key, present is null));
                changes[key] = new GrantChange(key, before, present is GrantEnd end && end.Due >= asked.Due ? end : asked);
            }
        }

        return new GrantPlan(batch, refusals, requests, changes);
    }

    /// <summary>What is open when changes are done.</summary>
    /// <param name="changes">Each key once.</param>
    /// <param name="except">What goes.</param>
    public IReadOnlyCollection<LiveGrant> With(IReadOnlyCollection<GrantChange> changes, IEnumerable<GrantKey> except)
    {
        HashSet<GrantKey> gone = [.. except, .. changes.Select(change => change.Key)];
        return [.. Live.Where(grant => !gone.Contains(grant.Key)), .. changes.Select(change => new LiveGrant(change.Key, change.After))];
    }

    /// <summary>Remembers what has been done.</summary>
    public void Commit(IEnumerable<GrantChange> changes)
    {
        foreach (GrantChange change in changes)
        {
            Add(change.Key, change.After);
        }
    }

    /// <summary>Remembers an open grant; of two ends of one key, the later.</summary>
    public void Add(GrantKey key, GrantEnd end)
    {
        if (!TryGet(key, out GrantEnd present) || end.Due > present.Due)
        {
            _queue.ExtendTo(key, end.Due);
            _details[key] = (end.Epoch, end.Holder);
            if (doorOf?.Invoke(key) is { } door)
            {
                _byDoor[door] = key;
            }
        }
    }

    public IReadOnlyList<LiveGrant> TakeDue(Moment now)
    {
        List<LiveGrant> due = [];
        foreach (GrantKey key in _queue.TakeDue(now.Monotonic))
        {
            _details.Remove(key, out (long Epoch, GrantHolder? Holder) details);
            LeaveDoor(key);
            due.Add(new LiveGrant(key, EndAt(now.Monotonic, details)));
        }

        return due;
    }

    /// <summary>Forgets grants that have been removed before their time.</summary>
    public void Remove(IEnumerable<GrantKey> keys)
    {
        foreach (GrantKey key in keys)
        {
            _queue.Remove(key);
            _details.Remove(key);
            LeaveDoor(key);
        }
    }

    public void Clear()
    {
        _queue.Clear();
        _details.Clear();
        _byDoor.Clear();
    }

    public static GrantEnd End(TimeSpan duration, Moment now) =>
        new(now.Monotonic + duration, (now.WallClock + duration).ToUnixTimeSeconds());

    private static GrantEnd EndAt(TimeSpan due, (long Epoch, GrantHolder? Holder) details) =>
        new(due, details.Epoch) { Holder = details.Holder };

    /// <summary>What is due but has not been collected yet counts as shut: the kernel may have removed it.</summary>
    private GrantEnd? Open(GrantKey key, Moment now) =>
        TryGet(key, out GrantEnd end) && end.Due > now.Monotonic ? end : null;

    private void LeaveDoor(GrantKey key)
    {
        if (doorOf?.Invoke(key) is { } door && _byDoor.TryGetValue(door, out GrantKey? holder) && holder == key)
        {
            _byDoor.Remove(door);
        }
    }

    private TimeSpan DueOf(GrantKey key) => _queue.TryGetDue(key, out TimeSpan due) ? due : default;

    private string? TooMany(int live) => live <= maxLive ? null : $"{maxLive} grants are open already";

    private static string? MixedFamilies(FirewallGrant grant)
    {
        GrantKey key = grant.Keys.First();
        return key.IsOfOneFamily ? null
            : key.TranslatesWithinFamily ? "source and destination are of different address families"
            : "addresses of another family cannot be put in place of it";
    }
}
