using System.Diagnostics;
using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>Waits until one of several descriptors can be read, or has an error, or its other end is gone. For one thread at a time.</summary>
[SupportedOSPlatform("linux")]
public sealed class PollSet : IDisposable
{
    private const short Readable = 0x001;

    private readonly Descriptor[] _descriptors;
    private readonly LibcFunctions.PollEntry[] _entries;

    /// <summary>The set keeps the descriptors from being closed until it is disposed; it does not close them.</summary>
    public PollSet(params ReadOnlySpan<Descriptor> descriptors)
    {
        _descriptors = descriptors.ToArray();
        _entries = new LibcFunctions.PollEntry[descriptors.Length];
        for (int i = 0; i < _descriptors.Length; i++)
        {
            bool referenced = false;
            _descriptors[i].DangerousAddRef(ref referenced);
            _entries[i] = new LibcFunctions.PollEntry { Descriptor = (int)_descriptors[i].DangerousGetHandle(), Events = Readable };
        }
    }

    /// <summary>
    /// Waits without using any time of the processor. <paramref name="timeout"/> may be <see cref="Timeout.InfiniteTimeSpan"/>.
    /// False when the time is over. A signal does not end the wait.
    /// </summary>
    public unsafe bool Wait(TimeSpan timeout)
    {
        long started = Stopwatch.GetTimestamp();
        fixed (LibcFunctions.PollEntry* entries = _entries)
        {
            while (true)
            {
                int ready = LibcFunctions.poll(entries, (nuint)_entries.Length, Remaining(timeout, started));
                if (ready >= 0)
                {
                    return ready > 0;
                }

                if (Errno.Last.Code != Errno.Interrupted)
                {
                    throw new IOException("poll: " + Errno.Last.Text);
                }
            }
        }
    }

    /// <summary>Whether the descriptor at this position has something to be read, an error, or a closed other end.</summary>
    public bool IsReady(int index) => _entries[index].Returned != 0;

    public void Dispose()
    {
        foreach (Descriptor descriptor in _descriptors)
        {
            descriptor.DangerousRelease();
        }

        _descriptors.AsSpan().Clear();
    }

    private static int Remaining(TimeSpan timeout, long started)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            return -1;
        }

        // Rounded up: a wait that ends early would make the caller spin.
        double left = Math.Ceiling((timeout - Stopwatch.GetElapsedTime(started)).TotalMilliseconds);
        return (int)Math.Clamp(left, 0, int.MaxValue);
    }
}
