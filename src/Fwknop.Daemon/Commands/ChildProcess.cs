using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Fwknop.Native.FileSystem;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Commands;

/// <summary>
/// Runs one command to its end: no shell, a clean environment, no descriptor of ours but standard output and standard error, as another user with that
/// user's groups where one is set, and never longer than its time (server.md 8.0; 13, Q11 to Q13).
/// </summary>
internal static class ChildProcess
{
    /// <summary>Where programs are looked for that are named without a slash.</summary>
    public const string SafePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Starts it and waits.</summary>
    /// <param name="command">At least one word. After its time, it and its children are killed.</param>
    public static CommandResult Run(Command command)
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

        using Process process = new() { StartInfo = Describe(program, command) };
        try
        {
            lock (ProgramGate.Starting)
            {
                process.Start();
            }
        }
        catch (Win32Exception error)
        {
            return CommandResult.NotStarted(new Errno(error.NativeErrorCode).Text);
        }

        // It has nothing to read: at the first attempt it finds the end.
        process.StandardInput.Close();
        if (process.WaitForExit(command.Timeout))
        {
            return CommandResult.Ended(process.ExitCode);
        }

        Kill(process);
        return CommandResult.Killed(command.Timeout);
    }

    /// <summary>
    /// Ends it and its children. Where the right to do so is missing (no CAP_KILL, another user), its lane is held until it ends by itself.
    /// </summary>
    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is AggregateException or Win32Exception or InvalidOperationException)
        {
            // It has ended meanwhile, or may not be ended by us.
        }

        process.WaitForExit();
    }

    /// <summary>By our own path alone: the current directory and the daemon's own folder are not searched.</summary>
    private static string? Find(string name) => name.Contains('/', StringComparison.Ordinal)
        ? Path.GetFullPath(name, "/")
        : ProgramSearch.Find(name, SafePath, out _);

    private static ProcessStartInfo Describe(string program, Command command)
    {
        ProcessStartInfo start = new()
        {
            UseShellExecute = false,
            WorkingDirectory = "/",
            RedirectStandardInput = true,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = SafePath;
        start.FileName = program;
        if (command.User is { } user)
        {
            start.FileName = Setpriv.Program;
            start.ArgumentList.Add(string.Create(CultureInfo.InvariantCulture, $"--reuid={user.Uid}"));
            start.ArgumentList.Add(string.Create(CultureInfo.InvariantCulture, $"--regid={user.Gid}"));
            start.ArgumentList.Add("--init-groups");
            start.ArgumentList.Add("--");
            start.ArgumentList.Add(program);
        }

        foreach (string argument in command.Words.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }
}
