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
    /// careless shell is no business of theirs. What is opened later is not concerned. Kernels before 5.9 cannot; then only what the runtime opens is kept.
    /// </summary>
    public static void KeepDescriptorsFromChildren()
    {
        const uint FirstAfterStandard = 3;
        const int CloseOnExec = 4;
        _ = LibcFunctions.close_range(FirstAfterStandard, uint.MaxValue, CloseOnExec);
    }

    /// <summary>The process that started this one; 1, or another that takes in orphans, once that has ended.</summary>
    public static int ParentId => LibcFunctions.getppid();

    /// <summary>The user that this process was started by.</summary>
    public static uint UserId => LibcFunctions.getuid();

    /// <summary>Leaves the terminal and the process group: a session of its own. False when it has one already.</summary>
    public static bool TryStartSession() => LibcFunctions.setsid() >= 0;

    /// <summary>What others may never do with files that this process makes.</summary>
    public static void SetFileMask(UnixFileMode denied) => _ = LibcFunctions.umask((uint)denied);

    /// <summary>The language of the C library's texts, such as those of error numbers. Numbers and dates stay as they are.</summary>
    /// <returns>False when the system does not have it.</returns>
    public static unsafe bool TrySetMessageLocale(string name)
    {
        const int messages = 5; // LC_MESSAGES
        fixed (byte* text = Descriptor.ToCString(name))
        {
            return LibcFunctions.setlocale(messages, text) != 0;
        }
    }

    /// <summary>
    /// Puts /dev/null in the place of standard input, output and error, with the copies that the runtime has made of them: what they were connected to
    /// is let go of, and their numbers are not taken by something else.
    /// </summary>
    public static void DetachStandardStreams()
    {
        foreach (int number in (ReadOnlySpan<int>)[0, 1, 2])
        {
            Descriptor.Borrow(number).Discard(withFiles: true);
        }
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
