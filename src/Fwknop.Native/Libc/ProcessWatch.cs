using System.Diagnostics.CodeAnalysis;
using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>
/// Another process, by a descriptor (pidfd): a signal never reaches a process that was given the number later, and the end of it can be
/// waited for. It need not be a child.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class ProcessWatch : IDisposable
{
    // The same numbers on every architecture.
    private const int PidfdOpen = 434;
    private const int PidfdSendSignal = 424;

    private readonly Descriptor _process;
    private readonly PollSet _end;

    private ProcessWatch(Descriptor process)
    {
        _process = process;
        _end = new PollSet(process);
    }

    /// <summary>Opens a process.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="opened">The process, to be disposed.</param>
    /// <param name="error">Why not: there is none (ESRCH), or the kernel is older than 5.3.</param>
    public static bool TryOpen(int id, [NotNullWhen(true)] out ProcessWatch? opened, out Errno error)
    {
        nint fd = LibcFunctions.syscall(PidfdOpen, id, 0, 0, 0);
        error = fd < 0 ? Errno.Last : Errno.None;
        opened = fd < 0 ? null : new ProcessWatch(new Descriptor((int)fd, owned: true));
        return opened is not null;
    }

    /// <summary>Sends a signal by its number.</summary>
    public bool TrySend(int signal, out Errno error)
    {
        bool done = LibcFunctions.syscall(PidfdSendSignal, _process.DangerousGetHandle(), signal, 0, 0) == 0;
        error = done ? Errno.None : Errno.Last;
        return done;
    }

    /// <summary>Waits for its end; a process that nobody has asked for its status yet counts as ended.</summary>
    public bool WaitForEnd(TimeSpan timeout) => _end.Wait(timeout);

    public void Dispose()
    {
        _end.Dispose();
        _process.Dispose();
    }
}
