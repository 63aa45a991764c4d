namespace Fwknop.Daemon.Enforcement;

/// <summary>
/// When rules that another program has removed are made again: at once, but not in a race with it, and later and later while it fails. Times are on the
/// monotonic clock.
/// </summary>
internal sealed class RepairSchedule
{
    /// <summary>Our choice: between two repairs, and before the first attempt after a failure.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private TimeSpan _pause = Pause;
    private TimeSpan? _notBefore;

    /// <summary>When to look; null while there is no reason to.</summary>
    public TimeSpan? Due { get; private set; }

    /// <summary>Something may be missing.</summary>
    public void Ask(TimeSpan now) => Due ??= _notBefore > now ? _notBefore : now;

    /// <summary>All is in place, and was not.</summary>
    public void Repaired(TimeSpan now)
    {
        InPlace();
        _notBefore = now + Pause;
    }

    /// <summary>All is in place.</summary>
    public void InPlace() => (Due, _pause) = (null, Pause);

    /// <summary>It could not be made again.</summary>
    public void Failed(TimeSpan now)
    {
        Due = _notBefore = now + _pause;
        _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
    }
}
