namespace Fwknop.Daemon.Enforcement;

/// <summary>
/// When rules are looked at because somebody has changed some: at once, but not in a race with a program that does so all the time, and later and later while
/// what is missing cannot be made again. Times are on the monotonic clock.
/// </summary>
internal sealed class RepairSchedule
{
    /// <summary>Our choice: between two looks, and before the first attempt after a failure.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private TimeSpan _pause = Pause;
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
        (Due, _pause) = (null, Pause);
        _notBefore = now + Pause;
    }

    /// <summary>It could not be made again.</summary>
    public void Failed(TimeSpan now)
    {
        Due = _notBefore = now + _pause;
        _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
    }
}
