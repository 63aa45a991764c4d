using System.Globalization;
using System.Runtime.Versioning;
using System.Text;

namespace Fwknop.Native.Libc;

/// <summary>
/// The lock over a PID file, as the reference takes it (server.md 2.3: <c>lockf(F_TLOCK)</c>), so that each sees the other's. The lock belongs to the
/// process: it is lost when the process closes ANY descriptor of that file, so nothing else in the process that holds it may open it.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class FileLock : IDisposable
{
    private const int WriteOnly = 0x1;
    private const int ReadWrite = 0x2;
    private const int Create = 0x40;
    private const int NonBlocking = 0x800;
    private const int GetLock = 5;
    private const int SetLock = 6;
    private const short WriteLock = 1;
    private const short Unlocked = 2;

    private readonly Descriptor _file;

    private FileLock(Descriptor file)
    {
        _file = file;
    }

    /// <summary>
    /// Opens (or creates, mode 0600) the file and takes the lock without waiting. <paramref name="holder"/> is the pid of the process that
    /// has it, or 0 when it cannot be told (another pid namespace).
    /// </summary>
    public static LockOutcome TryAcquire(string path, out FileLock? acquired, out int holder, out Errno error)
    {
        acquired = null;
        holder = 0;
        Descriptor? file = Descriptor.Open(path, ReadWrite | Create | NonBlocking, 0x180, out error);
        if (file is null)
        {
            return LockOutcome.Failed;
        }

        LockOutcome outcome = Lock(file, out holder, out error);
        if (outcome != LockOutcome.Acquired)
        {
            file.Dispose();
            return outcome;
        }

        acquired = new FileLock(file);
        return outcome;
    }

    /// <summary>
    /// Whether another process holds the lock, and which. Not to be called by the process that holds it (it would lose it).
    /// False with no error: not locked, or no such file.
    /// </summary>
    public static unsafe bool IsHeld(string path, out int holder, out Errno error)
    {
        holder = 0;
        using Descriptor? file = Descriptor.Open(path, WriteOnly | NonBlocking, 0, out error);
        if (file is null)
        {
            error = error.Code == Errno.NoSuchFile ? Errno.None : error;
            return false;
        }

        LibcFunctions.FileLockRange range = new() { Type = WriteLock };
        if (LibcFunctions.fcntl(file, GetLock, &range) != 0)
        {
            error = Errno.Last;
            return false;
        }

        holder = Math.Max(range.Pid, 0);
        return range.Type != Unlocked;
    }

    /// <summary>Makes the file's whole content "&lt;pid&gt;\n".</summary>
    public unsafe bool TryWritePid(int pid, out Errno error)
    {
        byte[] text = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{pid}\n"));
        fixed (byte* bytes = text)
        {
            bool done = LibcFunctions.ftruncate(_file, 0) == 0 && LibcFunctions.pwrite(_file, bytes, (nuint)text.Length, 0) == text.Length;
            error = done ? Errno.None : Errno.Last;
            return done;
        }
    }

    /// <summary>Lets go of the lock. The file stays.</summary>
    public void Dispose() => _file.Dispose();

    private static unsafe LockOutcome Lock(Descriptor file, out int holder, out Errno error)
    {
        holder = 0;
        error = Errno.None;
        LibcFunctions.FileLockRange range = new() { Type = WriteLock };
        if (LibcFunctions.fcntl(file, SetLock, &range) == 0)
        {
            return LockOutcome.Acquired;
        }

        error = Errno.Last;
        if (error.Code is not (Errno.TryAgain or Errno.AccessDenied))
        {
            return LockOutcome.Failed;
        }

        range = new LibcFunctions.FileLockRange { Type = WriteLock };
        if (LibcFunctions.fcntl(file, GetLock, &range) == 0 && range.Type != Unlocked)
        {
            holder = Math.Max(range.Pid, 0);
        }

        return LockOutcome.HeldElsewhere;
    }
}
