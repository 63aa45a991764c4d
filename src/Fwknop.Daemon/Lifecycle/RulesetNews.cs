using Fwknop.Daemon.Enforcement;
using Fwknop.Native.Libc;
using Fwknop.Native.LibNftables;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>Puts changes of nftables rules into the daemon's queue: one event at a time, however many changes there are.</summary>
internal sealed class RulesetNews : IDisposable
{
    private readonly DaemonEvents _events;
    private readonly RulesetWatch? _watch;
    private int _isWaiting;

    /// <param name="events">Where to.</param>
    /// <param name="log">Told when changes cannot be seen.</param>
    public RulesetNews(DaemonEvents events, IFirewallLog log)
    {
        _events = events;
        if (!RulesetWatch.TryStart(Tell, out _watch, out Errno error))
        {
            log.Warning($"Rules that other programs remove are only made again with the next grant: {error.Text}");
        }
    }

    public void Dispose() => _watch?.Dispose();

    private void Tell()
    {
        if (Interlocked.Exchange(ref _isWaiting, 1) == 0)
        {
            _events.Add(new DaemonEvent.RulesetChanged(() => Volatile.Write(ref _isWaiting, 0)));
        }
    }
}
