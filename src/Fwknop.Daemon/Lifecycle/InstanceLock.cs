using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>The PID file and its lock: one daemon for each run directory (server.md 2.3).</summary>
internal static class InstanceLock
{
    /// <summary>Takes the lock and writes our number.</summary>
    /// <exception cref="StartupException">Another daemon runs, or the file cannot be used.</exception>
    public static FileLock Acquire(string path)
    {
        switch (FileLock.TryAcquire(path, out FileLock? held, out int holder, out Errno error))
        {
            case LockOutcome.Acquired:
                if (held!.TryWritePid(Environment.ProcessId, out error))
                {
                    return held;
                }

                held.Dispose();
                break;
            case LockOutcome.HeldElsewhere:
                throw new StartupException($"[*] An instance of fwknopd is already running: (PID={holder}).");
        }

        throw new StartupException($"[*] PID file error: {path}: {error.Text}");
    }
}
