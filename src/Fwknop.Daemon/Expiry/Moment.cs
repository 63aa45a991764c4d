namespace Fwknop.Daemon.Expiry;

/// <summary>
/// One instant on both clocks. Intervals are measured on the monotonic one, so setting the machine's clock neither
/// prolongs nor ends a grant; the wall clock is only for the time that is printed.
/// </summary>
/// <param name="Monotonic">Time since the origin of the monotonic clock.</param>
/// <param name="WallClock">The same instant as a date.</param>
internal readonly record struct Moment(TimeSpan Monotonic, DateTimeOffset WallClock)
{
    public static Moment Now(TimeProvider clock) => new(clock.GetElapsedTime(0), clock.GetUtcNow());

    /// <summary>How long it is until a second since 1970, negative when it has passed; at most some 30 years, so that no absurd date overflows.</summary>
    public TimeSpan Until(long epoch) => TimeSpan.FromSeconds(Math.Clamp(epoch - (WallClock.ToUnixTimeMilliseconds() / 1000.0), -1e9, 1e9));
}
