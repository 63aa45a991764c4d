using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>
/// What the runtime changes in this process when it starts, and the programs that this process starts would inherit: it raises the
/// number of files that may be open to the most that is allowed, and ignores SIGPIPE.
/// </summary>
[SupportedOSPlatform("linux")]
public static class ChildDefaults
{
    private const int Self = 0;
    private const int OpenFiles = 7; // RLIMIT_NOFILE
    private const int BrokenPipe = 13;

    // What kernel and systemd start programs with; programs that use select(2) depend on it.
    private const ulong UsualOpenFiles = 1024;

    // Our choice: what this program itself gets by with.
    private const ulong LeastOpenFiles = 256;

    /// <summary>Undoes both; to be called before any program is started.</summary>
    public static void Restore()
    {
        RestoreOpenFiles();
        CatchBrokenPipe();
    }

    // What this process was started with is not known any more. Our parent has the same limits, unless they were set on the way to us: then
    // the hard one will differ as well.
    private static unsafe void RestoreOpenFiles()
    {
        LibcFunctions.ResourceLimit own;
        LibcFunctions.ResourceLimit parent;
        if (LibcFunctions.prlimit(Self, OpenFiles, null, &own) != 0)
        {
            return;
        }

        bool isKnown = LibcFunctions.prlimit(LibcFunctions.getppid(), OpenFiles, null, &parent) == 0 && parent.Hard == own.Hard;
        own.Soft = Math.Min(Math.Max(isKnown ? parent.Soft : UsualOpenFiles, LeastOpenFiles), own.Hard);
        _ = LibcFunctions.prlimit(Self, OpenFiles, &own, null);
    }

    // Who ignores a signal hands that on, who handles it does not. Any function of the C library that takes a number and has no effect will do
    // as a handler; managed code must not run in one. Writing to a pipe that nobody reads goes on failing with EPIPE.
    private static void CatchBrokenPipe() =>
        _ = LibcFunctions.signal(BrokenPipe, NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "abs"));
}
