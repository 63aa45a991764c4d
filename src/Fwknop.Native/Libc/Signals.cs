namespace Fwknop.Native.Libc;

/// <summary>Signals to other processes.</summary>
public static class Signals
{
    /// <summary>Asks only whether the process exists and may be signalled.</summary>
    public const int None = 0;
    public const int Hangup = 1;
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>Sends to one process. Zero and negative numbers, which mean groups of processes, are misuse.</summary>
    public static bool TrySend(int pid, int signal, out Errno error)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pid, 1);
        var done = LibcFunctions.kill(pid, signal) == 0;
        error = done ? Errno.None : Errno.Last;
        return done;
    }
}
