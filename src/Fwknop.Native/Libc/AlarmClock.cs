using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>A point on the monotonic clock that can be waited for like a descriptor (timerfd_create(2)).</summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class AlarmClock : IDisposable
{
    private const int Monotonic = 1;
    private const int CloseOnExecNonBlocking = 0x80800;

    public AlarmClock()
    {
        int fd = LibcFunctions.timerfd_create(Monotonic, CloseOnExecNonBlocking);
        if (fd < 0)
        {
            throw new IOException("timerfd_create: " + Errno.Last.Text);
        }

        Descriptor = new Descriptor(fd, owned: true);
    }

    /// <summary>Readable from the time that was set until another one is.</summary>
    public Descriptor Descriptor { get; }

    /// <summary>Goes off after this time, at once when it is not positive; never for <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public void Set(TimeSpan delay)
    {
        // struct itimerspec: interval (seconds, nanoseconds), value (the same). All zeroes turn it off.
        long nanoseconds = delay == Timeout.InfiniteTimeSpan ? 0 : Math.Max(1, delay.Ticks * TimeSpan.NanosecondsPerTick);
        long* times = stackalloc long[4] { 0, 0, nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000 };
        if (LibcFunctions.timerfd_settime(Descriptor, 0, times, null) != 0)
        {
            throw new IOException("timerfd_settime: " + Errno.Last.Text);
        }
    }

    public void Dispose() => Descriptor.Dispose();
}
