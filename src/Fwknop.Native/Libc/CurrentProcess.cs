using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>Rights of this process that are a matter of system calls.</summary>
[SupportedOSPlatform("linux")]
public static class CurrentProcess
{
    private const int GetDumpable = 3;
    private const int SetDumpable = 4;

    /// <summary>
    /// Whether the process may be traced and may leave a core dump, which would hold keys. Setting it to false also gives the files of /proc/self to root.
    /// </summary>
    public static bool IsDumpable
    {
        get => LibcFunctions.prctl(GetDumpable, 0, 0, 0, 0) != 0;
        set
        {
            if (LibcFunctions.prctl(SetDumpable, value ? 1u : 0u, 0, 0, 0) != 0)
            {
                throw new IOException("prctl: " + Errno.Last.Text);
            }
        }
    }

    /// <summary>
    /// Marks every descriptor but the standard three to be closed in programs that this process starts: what it inherited itself from a
    /// careless shell is no business of theirs. Kernels before 5.9 cannot; then only what the runtime opens is kept.
    /// </summary>
    public static void KeepDescriptorsFromChildren()
    {
        const uint FirstAfterStandard = 3;
        const int CloseOnExec = 4;
        _ = LibcFunctions.close_range(FirstAfterStandard, uint.MaxValue, CloseOnExec);
    }

    /// <summary>
    /// Tries to become root. True, and the process is root, when that was possible: a confined process must see false and stop otherwise.
    /// The C library applies it to all threads, and ends the process if they disagree.
    /// </summary>
    public static bool TryBecomeRoot()
    {
        bool group = LibcFunctions.setresgid(0, 0, 0) == 0;
        bool user = LibcFunctions.setresuid(0, 0, 0) == 0;
        return group || user;
    }
}
