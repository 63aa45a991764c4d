namespace Fwknop.TestSupport;

/// <summary>What a program that has ended left behind.</summary>
/// <param name="ExitCode">Exit status; 128 + signal number when a signal ended it.</param>
/// <param name="Output">Standard output, lines joined by '\n'.</param>
/// <param name="Errors">Standard error, likewise.</param>
public sealed record ProcessRun(int ExitCode, string Output, string Errors)
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Runs a program to its end. Throws <see cref="TimeoutException"/> (and kills it) when it takes too long.</summary>
    public static ProcessRun Run(string program, params IReadOnlyList<string> arguments) =>
        Run(new ProcessCommand(program, arguments));

    public static ProcessRun Run(ProcessCommand command, TimeSpan? timeout = null)
    {
        using RunningProcess process = RunningProcess.Start(command);
        int exitCode = process.WaitForExit(timeout ?? DefaultTimeout);
        return new ProcessRun(exitCode, process.Output, process.Errors);
    }

    /// <summary>The same, for set-up steps that have to succeed.</summary>
    public static ProcessRun RunChecked(ProcessCommand command, TimeSpan? timeout = null)
    {
        ProcessRun run = Run(command, timeout);
        return run.ExitCode == 0
            ? run
            : throw new InvalidOperationException($"{command} ended with {run.ExitCode}: {run.Errors}{run.Output}");
    }
}
