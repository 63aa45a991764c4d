using Fwknop.Daemon.Listening;

namespace Fwknop.Daemon.Tests.Listening;

/// <summary>A decryptor that somebody keeps killing must not make the daemon spin.</summary>
public sealed class RestartPauseTests
{
    [Fact]
    public void Grows_up_to_a_minute()
    {
        RestartPause pause = new();
        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], Enumerable.Range(0, 8).Select(_ => pause.After(TimeSpan.FromSeconds(59)).TotalSeconds));
    }

    [Fact]
    public void Is_short_again_after_work()
    {
        RestartPause pause = new();
        pause.After(TimeSpan.Zero);
        pause.After(TimeSpan.Zero);
        Assert.Equal(1, pause.After(TimeSpan.FromSeconds(60)).TotalSeconds);
        Assert.Equal(2, pause.After(TimeSpan.Zero).TotalSeconds);
    }
}
