namespace Fwknop.Daemon.Commands;

/// <summary>A program to run, without a shell.</summary>
/// <param name="Words">The program, a path or a name to look for along <see cref="ChildProcess.SafePath"/>, and its arguments.</param>
/// <param name="Timeout">How long it may run (CMD_EXEC_TIMEOUT).</param>
/// <param name="User">Who runs it; null for the daemon's own user.</param>
internal sealed record Command(IReadOnlyList<string> Words, TimeSpan Timeout, RunAs? User = null)
{
    /// <summary>The words with blanks between them, for the log.</summary>
    public override string ToString() => string.Join(' ', Words);
}
