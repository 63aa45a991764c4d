using System.Globalization;
using Fwknop.Daemon.Programs;
using Fwknop.Native.FileSystem;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Commands;

/// <summary>
/// Runs one command to its end: no shell, a clean environment, no terminal and no descriptor of ours (what it prints is gone: the log is fwknopd's), as another
/// user with that user's groups where one is set, and not waited for longer than its time (server.md 8.0; 13, Q11 to Q13).
/// </summary>
internal static class ChildProcess
{
    /// <summary>Where programs are looked for that are named without a slash.</summary>
    public const string SafePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Our choice: SIGKILL works at once, unless the kernel itself waits for something.</summary>
    private static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Starts it and waits.</summary>
    /// <param name="command">At least one word. After its time, it and its children are killed, and what cannot be killed is left behind.</param>
    /// <param name="stop">Kills them before its time.</param>
    public static CommandResult Run(Command command, CancellationToken stop = default)
    {
        string? program = Find(command.Words[0]);
        if (program is null)
        {
            return CommandResult.NotStarted($"no program of that name in {SafePath}");
        }

        if (command.User is not null && Setpriv.WhyMissing is { } reason)
        {
            return CommandResult.NotStarted(reason);
        }

        // setpriv tells by its exit status alone that there is no such program, as a program might.
        Errno error = command.User is null ? Errno.None : ProgramSearch.WhyNotRunnable(program);
        using ChildProgram? process = error == Errno.None ? ChildProgram.TryStart(Describe(program, command), out error) : null;
        if (process is null)
        {
            return CommandResult.NotStarted(error.Text);
        }

        using CancellationTokenRegistration atStop = stop.Register(() => process.TryKill(command.User?.Uid, out _));
        if (process.WaitForEnd(command.Timeout))
        {
            int status = process.Status!.Value;
            return stop.IsCancellationRequested && status == CommandResult.KilledStatus ? CommandResult.Stopped() : CommandResult.Ended(status);
        }

        process.TryKill(command.User?.Uid, out error);
        return process.WaitForEnd(KillTimeout) ? CommandResult.Killed(command.Timeout) : CommandResult.LeftBehind(command.Timeout, process.Id, error);
    }

    /// <summary>By our own path alone: the current directory and the daemon's own folder are not searched.</summary>
    private static string? Find(string name) => name.Contains('/', StringComparison.Ordinal)
        ? Path.GetFullPath(name, "/")
        : ProgramSearch.Find(name, SafePath, out _);

    private static ChildStart Describe(string program, Command command)
    {
        string[] environment = [$"PATH={SafePath}"];
        IEnumerable<string> arguments = command.Words.Skip(1);
        return command.User is { } user
            ? new ChildStart(Setpriv.Program, [.. AsUser(user), "--", program, .. arguments], environment)
            : new ChildStart(program, [.. arguments], environment);
    }

    private static string[] AsUser(RunAs user) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"--reuid={user.Uid}"),
        string.Create(CultureInfo.InvariantCulture, $"--regid={user.Gid}"),
        "--init-groups",
    ];
}
