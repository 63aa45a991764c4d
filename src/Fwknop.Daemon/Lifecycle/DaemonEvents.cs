using System.Collections.Concurrent;
using System.Diagnostics;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>
/// The daemon's one queue. Bounded: a listener that floods it is held up by its own pipe.
/// </summary>
internal sealed class DaemonEvents : IDisposable
{
    private const int Capacity = 1024;

    private readonly BlockingCollection<DaemonEvent> _queue = new(Capacity);

    /// <summary>Adds an event; waits while the queue is full.</summary>
    public void Add(DaemonEvent daemonEvent)
    {
        try
        {
            _queue.Add(daemonEvent);
        }
        catch (ObjectDisposedException)
        {
            // The daemon has stopped; a signal or the end of the listener has nobody to wake.
        }
    }

    /// <summary>Waits for events and takes all that are there.</summary>
    /// <param name="wait">How long at most; null for as long as it takes.</param>
    public IReadOnlyList<DaemonEvent> Take(TimeSpan? wait)
    {
        int milliseconds = wait is { } span ? (int)Math.Min(Math.Ceiling(span.TotalMilliseconds), int.MaxValue) : Timeout.Infinite;
        if (!_queue.TryTake(out DaemonEvent? first, milliseconds))
        {
            return [];
        }

        List<DaemonEvent> taken = [first];
        while (taken.Count < Capacity && _queue.TryTake(out DaemonEvent? next))
        {
            taken.Add(next);
        }

        return taken;
    }

    /// <summary>At the end of the daemon, when only the ends of commands count: takes note of them until no more are waited for.</summary>
    /// <param name="isDone">True then.</param>
    /// <param name="wait">How long at most.</param>
    /// <returns>False when somebody has asked meanwhile that the daemon stops.</returns>
    public bool SettleUntil(Func<bool> isDone, TimeSpan wait)
    {
        long started = Stopwatch.GetTimestamp();
        bool isAsked = false;
        while (!isAsked && !isDone() && wait - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } left)
        {
            foreach (DaemonEvent daemonEvent in Take(left))
            {
                (daemonEvent as DaemonEvent.CommandEnded)?.Settle();
                isAsked |= daemonEvent is DaemonEvent.StopAsked;
            }
        }

        return !isAsked;
    }

    public void Dispose() => _queue.Dispose();
}
