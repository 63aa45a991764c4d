namespace Fwknop.Listener.Dispatch;

/// <summary>
/// How many lines strangers may cause: a bucket that holds <see cref="Burst"/> and gains <see cref="PerSecond"/>. What did not fit is
/// counted and told once room is back, so that a flood leaves a trace but does not fill the disk.
/// </summary>
internal sealed class NoiseLimit(TimeProvider clock)
{
    /// <summary>Lines that may come at once (our choice).</summary>
    public const int Burst = 200;

    /// <summary>Lines per second after that (our choice).</summary>
    public const int PerSecond = 20;

    private double _room = Burst;
    private long _last = clock.GetTimestamp();
    private long _suppressed;

    /// <summary>Takes room for one line.</summary>
    /// <param name="suppressed">Lines that were kept back since the last one that had room.</param>
    public bool TryTake(out long suppressed)
    {
        long now = clock.GetTimestamp();
        _room = Math.Min(Burst, _room + (clock.GetElapsedTime(_last, now).TotalSeconds * PerSecond));
        _last = now;
        suppressed = 0;
        if (_room < 1)
        {
            _suppressed++;
            return false;
        }

        _room--;
        suppressed = _suppressed;
        _suppressed = 0;
        return true;
    }
}
