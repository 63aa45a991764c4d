using Fwknop.Listener.Dispatch;

namespace Fwknop.Listener.Tests.Dispatch;

/// <summary>Strangers fill no disk, and what was left out is counted.</summary>
public sealed class NoiseLimitTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void Lets_a_burst_through_and_no_more()
    {
        NoiseLimit limit = new(_clock);
        Assert.Equal(NoiseLimit.Burst, Take(limit, 10_000));
        Assert.False(limit.TryTake(out long suppressed));
        Assert.Equal(0, suppressed);
    }

    [Fact]
    public void Counts_what_it_keeps_back_and_tells_it_once()
    {
        NoiseLimit limit = new(_clock);
        Take(limit, NoiseLimit.Burst + 300);
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.True(limit.TryTake(out long suppressed));
        Assert.Equal(300, suppressed);
        Assert.True(limit.TryTake(out suppressed));
        Assert.Equal(0, suppressed);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(49, 0)]
    [InlineData(50, 1)]
    [InlineData(1000, NoiseLimit.PerSecond)]
    [InlineData(3000, 3 * NoiseLimit.PerSecond)]
    [InlineData(3_600_000, NoiseLimit.Burst)]
    public void Gains_room_with_time(int milliseconds, int room)
    {
        NoiseLimit limit = new(_clock);
        Take(limit, NoiseLimit.Burst);
        _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        Assert.Equal(room, Take(limit, 1000));
    }

    [Fact]
    public void Gains_no_more_by_being_asked_often()
    {
        NoiseLimit limit = new(_clock);
        Take(limit, NoiseLimit.Burst);
        int taken = 0;
        for (int i = 0; i < 1001; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            taken += Take(limit, 5);
        }

        Assert.InRange(taken, NoiseLimit.PerSecond - 1, NoiseLimit.PerSecond + 1);
    }

    private static int Take(NoiseLimit limit, int times) => Enumerable.Range(0, times).Count(_ => limit.TryTake(out long _));
}
