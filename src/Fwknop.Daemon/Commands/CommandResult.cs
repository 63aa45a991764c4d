using System.Globalization;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Commands;

/// <summary>How a command ended.</summary>
/// <param name="Status">Its exit status, or 128 and the number of the signal that ended it; null when it was not started or did not end in time.</param>
/// <param name="Problem">Why there is no status; else empty.</param>
/// <param name="Started">False when nothing of it has run.</param>
internal readonly record struct CommandResult(int? Status, string Problem, bool Started)
{
    /// <summary>The status of what SIGKILL has ended.</summary>
    public const int KilledStatus = 137;

    /// <summary>True for status 0.</summary>
    public bool IsSuccess => Status == 0;

    public static CommandResult Ended(int status) => new(status, "", Started: true);

    public static CommandResult NotStarted(string problem) => new(null, problem, Started: false);

    public static CommandResult Killed(TimeSpan timeout) =>
        new(null, string.Create(CultureInfo.InvariantCulture, $"did not end within {timeout.TotalSeconds:0.#} s and was killed"), Started: true);

    /// <summary>The daemon ends, and what it has started with it.</summary>
    public static CommandResult Stopped() => new(null, "was killed, for fwknopd ends", Started: true);

    /// <summary>It was to be killed and goes on: nobody waits for it any more.</summary>
    /// <param name="timeout">Its time.</param>
    /// <param name="process">Its number.</param>
    /// <param name="error">Why it cannot be killed; none when the kernel does not let it end.</param>
    public static CommandResult LeftBehind(TimeSpan timeout, int process, Errno error) => new(
        null,
        string.Create(
            CultureInfo.InvariantCulture,
            $"did not end within {timeout.TotalSeconds:0.#} s and {(error == Errno.None ? "does not end when killed" : $"cannot be killed ({error.Text})")}; it goes on (pid={process}), and the next one runs beside it"),
        Started: true);

    /// <summary>For the log, after the name of the command: <c>returned 1</c>.</summary>
    public override string ToString() => Status is { } status ? string.Create(CultureInfo.InvariantCulture, $"returned {status}")
        : Started ? Problem
        : $"was not run: {Problem}";
}
