using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>Notices that nobody reads standard output any more, without writing to it.</summary>
[SupportedOSPlatform("linux")]
public static class ReaderWatch
{
    private const int Output = 1;
    private const short Readable = 0x001;

    /// <summary>Waits until the reader is gone, or for the token. While it waits, standard output stays open though it be closed. A file never loses its reader.</summary>
    public static unsafe void Run(CancellationToken cancel)
    {
        using Descriptor output = Descriptor.BorrowStandard(Output);
        using WakeEvent end = new();
        using CancellationTokenRegistration registration = cancel.Register(end.Set);

        // Errors and hang-ups are always reported; a descriptor of -1 is passed over.
        LibcFunctions.PollEntry* entries = stackalloc LibcFunctions.PollEntry[2];
        entries[0] = new LibcFunctions.PollEntry { Descriptor = (int)output.DangerousGetHandle() };
        entries[1] = new LibcFunctions.PollEntry { Descriptor = (int)end.Descriptor.DangerousGetHandle(), Events = Readable };
        while (LibcFunctions.poll(entries, 2, Timeout.Infinite) < 0 && Errno.Last.Code == Errno.Interrupted)
        {
        }
    }
}
