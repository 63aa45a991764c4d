using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>
/// Another program as a child of this one, in a session of its own: it has no controlling terminal, and so cannot put words into the mouth of whoever sits at
/// ours. It begins in the folder <c>/</c>, with no signal ignored or held back, and with no descriptor but those it is given.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class ChildProgram : IDisposable
{
    /// <summary>The number under which the child finds the first descriptor that it is lent; the others follow.</summary>
    public const int FirstLent = 3;

    private const int ById = 1; // P_PID
    private const int Ended = 4; // WEXITED
    private const int LeaveWaitable = 0x0100_0000; // WNOWAIT
    private const int SignalInfoSize = 128;
    private const int ByKill = 9; // SIGKILL
    private const int StatusOfSignals = 128;

    private readonly Lock _guard = new();
    private readonly ManualResetEventSlim _hasEnded = new();
    private readonly ChildPipes? _pipes;
    private int _status;

    private ChildProgram(int id, ChildPipes? pipes)
    {
        Id = id;
        _pipes = pipes;
        new Thread(AwaitEnd) { IsBackground = true, Name = "end of a child" }.Start();
    }

    /// <summary>Its number, which is that of its session and process group as well.</summary>
    public int Id { get; }

    /// <summary>What it reads. Closing it is the end of its input.</summary>
    public Stream Input => _pipes?.Input ?? Stream.Null;

    /// <summary>What it writes.</summary>
    public Stream Output => _pipes?.Output ?? Stream.Null;

    /// <summary>What it writes to standard error.</summary>
    public Stream Errors => _pipes?.Errors ?? Stream.Null;

    /// <summary>Its exit status, or 128 and the number of the signal that ended it; null while it runs.</summary>
    public int? Status => _hasEnded.IsSet ? _status : null;

    /// <summary>Starts a program.</summary>
    /// <param name="start">What with.</param>
    /// <param name="error">Why it cannot be started.</param>
    /// <exception cref="ArgumentException">A word holds a zero byte.</exception>
    public static ChildProgram? TryStart(ChildStart start, out Errno error)
    {
        ArgumentNullException.ThrowIfNull(start);
        error = Errno.None;
        ChildPipes? pipes = start.HasPipes ? ChildPipes.TryOpen(out error) : null;
        if (error != Errno.None)
        {
            return null;
        }

        using SpawnRequest request = new(start, pipes);
        error = request.Run(out int id);
        pipes?.CloseEndsOfChild();
        if (error == Errno.None)
        {
            return new ChildProgram(id, pipes);
        }

        pipes?.Dispose();
        return null;
    }

    /// <summary>Waits for its end; what it has started itself may go on.</summary>
    /// <returns>False when it still runs.</returns>
    public bool WaitForEnd(TimeSpan timeout) => _hasEnded.Wait(timeout);

    /// <summary>Kills it, its process group, its session and its descendants. Returns at once; nothing happens when it has ended.</summary>
    /// <param name="user">Whom it runs as; tried as that user where we may not kill it ourselves.</param>
    /// <param name="error">Why it cannot be killed.</param>
    /// <returns>False when it may not be killed.</returns>
    public bool TryKill(uint? user, out Errno error)
    {
        // Until its status is asked for, nobody else gets its number.
        lock (_guard)
        {
            error = Errno.None;
            if (_hasEnded.IsSet)
            {
                return true;
            }

            IReadOnlyList<ProcessWatch> family = ProcessFamily.Open(Id);
            error = Kill(family);
            if (error.Code == Errno.NotPermitted && user is { } other)
            {
                Errno asUser = error;
                EffectiveUser.Run(other, () => asUser = Kill(family));
                error = asUser;
            }

            foreach (ProcessWatch member in family)
            {
                member.Dispose();
            }

            return error == Errno.None;
        }
    }

    /// <summary>Closes our ends of its pipes. It goes on.</summary>
    public void Dispose() => _pipes?.Dispose();

    private Errno Kill(IReadOnlyList<ProcessWatch> family)
    {
        Errno error = LibcFunctions.kill(-Id, ByKill) == 0 ? Errno.None : Errno.Last;
        foreach (ProcessWatch member in family)
        {
            member.TrySend(ByKill, out _);
        }

        return error;
    }

    private void AwaitEnd()
    {
        byte* info = stackalloc byte[SignalInfoSize];
        while (LibcFunctions.waitid(ById, Id, info, Ended | LeaveWaitable) != 0 && Errno.Last.Code == Errno.Interrupted)
        {
        }

        lock (_guard)
        {
            int status = 0;
            int found = LibcFunctions.waitpid(Id, &status, 0);

            // Low 7 bits: the signal. Next byte: the status.
            _status = found != Id ? -1 : (status & 0x7f) == 0 ? (status >> 8) & 0xff : StatusOfSignals + (status & 0x7f);
            _hasEnded.Set();
        }
    }
}
