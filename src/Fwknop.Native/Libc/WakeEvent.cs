using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>
/// Ends the wait of a <see cref="PollSet"/> from another thread or a signal handler's thread. Stays set until <see cref="Reset"/>.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class WakeEvent : IDisposable
{
    private const int CloseOnExecNonBlocking = 0x80800;

    public WakeEvent()
    {
        int fd = LibcFunctions.eventfd(0, CloseOnExecNonBlocking);
        if (fd < 0)
        {
            throw new IOException("eventfd: " + Errno.Last.Text);
        }

        Descriptor = new Descriptor(fd, owned: true);
    }

    /// <summary>Readable while the event is set.</summary>
    public Descriptor Descriptor { get; }

    public unsafe void Set()
    {
        ulong one = 1;
        if (LibcFunctions.write(Descriptor, (byte*)&one, sizeof(ulong)) < 0 && Errno.Last.Code != Errno.TryAgain)
        {
            throw new IOException("eventfd: " + Errno.Last.Text);
        }
    }

    /// <summary>Clears the event. Returns whether it was set.</summary>
    public unsafe bool Reset()
    {
        ulong count;
        return LibcFunctions.read(Descriptor, (byte*)&count, sizeof(ulong)) == sizeof(ulong);
    }

    public void Dispose() => Descriptor.Dispose();
}
