using Fwknop.Native.FileSystem;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>The PID file and its lock: one daemon for each run directory (server.md 2.3).</summary>
internal sealed class InstanceLock : IDisposable
{
    private readonly string _path;
    private readonly FileLock _held;

    private InstanceLock(string path, FileLock held) => (_path, _held) = (path, held);

    /// <summary>Takes the lock and writes our number.</summary>
    /// <exception cref="StartupException">Another daemon runs, or the file cannot be used.</exception>
    public static InstanceLock Acquire(string path)
    {
        switch (FileLock.TryAcquire(path, out FileLock? held, out int holder, out Errno error))
        {
            case LockOutcome.Acquired:
                if (held!.TryWritePid(Environment.ProcessId, out error))
                {
                    return new InstanceLock(path, held);
                }

                held.Dispose();
                break;
            case LockOutcome.HeldElsewhere:
                throw new StartupException($"[*] An instance of fwknopd is already running: (PID={holder}).");
        }

        throw new StartupException($"[*] PID file error: {path}: {error.Text}");
    }

    /// <summary>True when the path leads to this file. It must not be opened then: closing it again would lose the lock.</summary>
    public bool Covers(string path) => path == _path
        || (FileOwnership.TryGet(path, out FileOwnership file, out _)
            && FileOwnership.TryGet(_path, out FileOwnership own, out _)
            && file.Identity == own.Identity);

    public void Dispose() => _held.Dispose();
}
