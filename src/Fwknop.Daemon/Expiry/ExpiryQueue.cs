namespace Fwknop.Daemon.Expiry;

/// <summary>
/// What ends when, the earliest first. It has no clock and no timer: the daemon's loop waits until <see cref="NextDue"/>.
/// Deadlines are on the monotonic clock.
/// </summary>
/// <remarks>
/// A deadline is only ever moved later, so each key has one place in the heap, possibly too early; it is put right when it
/// comes to the front. A thousand renewals of one key therefore cost nothing but a dictionary write each.
/// </remarks>
internal sealed class ExpiryQueue<TKey>
    where TKey : notnull
{
    private readonly Dictionary<TKey, TimeSpan> _deadlines = [];
    private readonly PriorityQueue<TKey, TimeSpan> _heap = new();

    public int Count => _deadlines.Count;

    /// <summary>The earliest deadline, exactly; null if there is none.</summary>
    public TimeSpan? NextDue
    {
        get
        {
            SettleFront();
            return _heap.TryPeek(out _, out TimeSpan due) ? due : null;
        }
    }

    public bool TryGetDue(TKey key, out TimeSpan due) => _deadlines.TryGetValue(key, out due);

    /// <summary>Adds a key, or moves its deadline later; an earlier deadline changes nothing.</summary>
    public void ExtendTo(TKey key, TimeSpan due)
    {
        if (!_deadlines.TryGetValue(key, out TimeSpan present))
        {
            _deadlines.Add(key, due);
            _heap.Enqueue(key, due);
        }
        else if (due > present)
        {
            _deadlines[key] = due;
        }
    }

    public bool Remove(TKey key)
    {
        if (!_deadlines.Remove(key))
        {
            return false;
        }

        _heap.Remove(key, out _, out _);
        return true;
    }

    public void Clear()
    {
        _deadlines.Clear();
        _heap.Clear();
    }

    /// <summary>Takes out everything whose deadline is not after <paramref name="now"/>, the earliest first.</summary>
    public IReadOnlyList<TKey> TakeDue(TimeSpan now)
    {
        List<TKey> due = [];
        while (NextDue <= now)
        {
            TKey key = _heap.Dequeue();
            _deadlines.Remove(key);
            due.Add(key);
        }

        return due;
    }

    private void SettleFront()
    {
        while (_heap.TryPeek(out TKey? key, out TimeSpan place) && _deadlines[key] is TimeSpan due && due > place)
        {
            _heap.DequeueEnqueue(key, due);
        }
    }
}
