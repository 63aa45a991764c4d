namespace Fwknop.Daemon.Enforcement;

/// <summary>
/// When rules are looked at because somebody has changed some: at once, but not in a race with a program that does so all the time, and later and later while
/// what is missing cannot be made again. Times are on the monotonic clock.
/// </summary>
internal sealed class RepairSchedule
{
    /// <summary>Our choice: between two looks.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly RetryDelay _delay = new();
    private TimeSpan? _notBefore;

    /// <summary>When to look; null while there is no reason to.</summary>
    public TimeSpan? Due { get; private set; }

    /// <summary>Something may be missing.</summary>
    public void Ask(TimeSpan now) => Due ??= _notBefore > now ? _notBefore : now;

    /// <summary>Nobody else has changed anything: there was no need to look.</summary>
    public void Dismiss() => Due = null;

    /// <summary>All is in place, whether something was missing or not.</summary>
    public void InPlace(TimeSpan now)
    {
        Due = null;
        _delay.Reset();
        _notBefore = now + Pause;
    }

    /// <summary>It could not be made again.</summary>
    public void Failed(TimeSpan now) => Due = _notBefore = now + _delay.Take();
}
