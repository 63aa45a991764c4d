using System.Diagnostics.CodeAnalysis;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>
/// -S, -K and -R (server.md 1.3). Only the holder of the PID file's lock is believed to be the daemon: the number in the file may be that of
/// another process by now (server.md 13, Q3).
/// </summary>
/// <param name="pidFile">FWKNOP_PID_FILE.</param>
/// <param name="output">Standard output.</param>
/// <param name="errors">Standard error.</param>
internal sealed class RunningInstance(string pidFile, TextWriter output, TextWriter errors)
{
    private const int HangUp = 1;
    private const int KillAtOnce = 9;
    private const int Terminate = 15;

    /// <summary>Where there is no daemon to ask or to end.</summary>
    public const string NoneRuns = "No running fwknopd detected.";

    /// <summary>How long after each of two SIGTERMs: the reference waits as long after its one.</summary>
    private static readonly TimeSpan TerminateTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(1);

    /// <summary>-S.</summary>
    /// <returns>The exit status: 0 when one runs.</returns>
    public int ShowStatus() => TryShow(out _) ? 0 : 1;

    /// <summary>The daemon, if one runs, and the line that says so.</summary>
    /// <param name="id">Its process number.</param>
    public bool TryShow(out int id)
    {
        bool isRunning = TryFind(out id);
        output.Write(isRunning ? $"Detected fwknopd is running (pid={id}).\n" : $"{NoneRuns}\n");
        return isRunning;
    }

    /// <summary>-R.</summary>
    /// <returns>The exit status: 0 when the signal was sent.</returns>
    public int Restart()
    {
        if (!TryOpen(out ProcessWatch? daemon, out int id, out Errno error))
        {
            return FailToOpen("Unable to send signal to fwknop", error, output);
        }

        using (daemon)
        {
            if (!daemon.TrySend(HangUp, out error))
            {
                return Fail("Unable to send signal to fwknop", error);
            }
        }

        output.Write($"Sent restart signal to fwknopd (pid={id})\n");
        return 0;
    }

    /// <summary>-K: SIGTERM, another one after two seconds, on which the daemon waits for its commands no longer, and SIGKILL after four.</summary>
    /// <returns>The exit status: 0 when it has ended.</returns>
    public int Kill()
    {
        if (!TryOpen(out ProcessWatch? daemon, out int id, out Errno error))
        {
            return FailToOpen("Unable to kill fwknop", error, errors);
        }

        using (daemon)
        {
            if (!daemon.TrySend(Terminate, out error))
            {
                return Fail("Unable to kill fwknop", error);
            }

            if (daemon.WaitForEnd(TimeSpan.Zero))
            {
                return Killed(id, "");
            }

            if (daemon.WaitForEnd(TerminateTimeout) || Repeat(Terminate, TerminateTimeout))
            {
                return Killed(id, " via SIGTERM");
            }

            if (Repeat(KillAtOnce, KillTimeout))
            {
                return Killed(id, " via SIGKILL");
            }
        }

        return Fail("Unable to kill fwknop", error);

        // It may have ended just before the signal.
        bool Repeat(int signal, TimeSpan wait)
        {
            daemon.TrySend(signal, out error);
            return daemon.WaitForEnd(wait);
        }
    }

    private int Killed(int id, string how)
    {
        output.Write($"Killed fwknopd (pid={id}){how}\n");
        return 0;
    }

    /// <summary>The reference tells of a daemon that does not run in different places (server.md 1.3).</summary>
    private int FailToOpen(string what, Errno error, TextWriter ifNoneRuns)
    {
        if (error != Errno.None)
        {
            return Fail(what, error);
        }

        ifNoneRuns.Write($"{NoneRuns}\n");
        return 1;
    }

    private int Fail(string what, Errno error)
    {
        errors.Write($"{what}: : {(error == Errno.None ? "it does not end" : error.Text)}\n");
        return 1;
    }

    /// <summary>Asked again after opening: between the two the number may have been given to another process, which does not hold the lock.</summary>
    private bool TryOpen([NotNullWhen(true)] out ProcessWatch? daemon, out int id, out Errno error)
    {
        daemon = null;
        error = Errno.None;
        if (!TryFind(out id) || !ProcessWatch.TryOpen(id, out daemon, out error))
        {
            return false;
        }

        if (TryFind(out int holder) && holder == id)
        {
            return true;
        }

        daemon.Dispose();
        return false;
    }

    /// <summary>The daemon, if one runs. A PID file that cannot be read is told.</summary>
    /// <param name="id">Its process number; 0 for a holder in a namespace of processes that we cannot see.</param>
    public bool TryFind(out int id)
    {
        bool isHeld = FileLock.IsHeld(pidFile, out id, out Errno error);
        if (error != Errno.None)
        {
            errors.Write($"[*] PID file error: {pidFile}: {error.Text}\n");
        }

        return isHeld;
    }
}
