namespace Fwknop.Client.Tests;

/// <summary>Time that passes only when somebody waits for it, and then at once.</summary>
internal sealed class SteppingClock : TimeProvider
{
    private long _ticks;

    /// <summary>Since the begin.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(Volatile.Read(ref _ticks));

    /// <summary>Called when a wait is over.</summary>
    public Action OnWaited { get; set; } = () => { };

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone { get; } =
        TimeZoneInfo.CreateCustomTimeZone("Test/Zone", new TimeSpan(hours: 5, minutes: 45, seconds: 0), null, null);

    public override long GetTimestamp() => Elapsed.Ticks;

    public override DateTimeOffset GetUtcNow() => ClientHarness.Now + Elapsed;

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Advance(dueTime);
        OnWaited();
        ThreadPool.QueueUserWorkItem(_ => callback(state));
        return new PastTimer();
    }

    private sealed class PastTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => false;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
