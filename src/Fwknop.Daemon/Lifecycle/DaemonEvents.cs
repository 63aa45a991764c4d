using System.Collections.Concurrent;

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

    public void Dispose() => _queue.Dispose();
}
