using System.Diagnostics;
using Fwknop.Native.Libc;

namespace Fwknop.Native.Tests.Libc;

public sealed class PollSetTests
{
    [Fact]
    public void It_tells_which_descriptor_is_ready()
    {
        using var first = new WakeEvent();
        using var second = new WakeEvent();
        using var set = new PollSet(first.Descriptor, second.Descriptor);
        Assert.False(set.Wait(TimeSpan.Zero));

        second.Set();
        Assert.True(set.Wait(Timeout.InfiniteTimeSpan));
        Assert.Equal((false, true), (set.IsReady(0), set.IsReady(1)));

        Assert.True(second.Reset());
        Assert.False(set.Wait(TimeSpan.Zero));
        Assert.False(set.IsReady(1));
    }

    [Fact]
    public void An_event_set_twice_is_reset_once()
    {
        using var wake = new WakeEvent();
        wake.Set();
        wake.Set();
        Assert.True(wake.Reset());
        Assert.False(wake.Reset());
    }

    [Fact]
    public void A_wait_lasts_no_less_than_its_time()
    {
        using var wake = new WakeEvent();
        using var set = new PollSet(wake.Descriptor);
        var started = Stopwatch.GetTimestamp();
        Assert.False(set.Wait(TimeSpan.FromMilliseconds(30.5)));
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(30.5));
    }

    [Fact]
    public void A_descriptor_disposed_meanwhile_stays_open_until_the_set_is_gone()
    {
        var wake = new WakeEvent();
        using var set = new PollSet(wake.Descriptor);
        wake.Dispose();
        Assert.False(set.Wait(TimeSpan.Zero));
    }
}
