namespace Fwknop.TestSupport;

/// <summary>An fwknop client, ours or the reference, run in a namespace without any file of the user's.</summary>
/// <param name="Program">Path of the program.</param>
/// <param name="Namespace">Where it runs.</param>
public sealed record SpaClient(string Program, NetworkNamespace Namespace)
{
    public ProcessRun Run(params IReadOnlyList<string> arguments) => ProcessRun.Run(
        new ProcessCommand(Program, ["--no-rc-file", "--no-save-args", .. arguments])
        {
            Namespace = Namespace,
            // The user name in the packet; the reference asks the environment first.
            Environment = new Dictionary<string, string?> { ["SPOOF_USER"] = null, ["LOGNAME"] = "tester", ["HOME"] = "/nonexistent" },
        });

    /// <summary>The same for knocks that must be sent.</summary>
    public void Knock(params IReadOnlyList<string> arguments)
    {
        ProcessRun run = Run(arguments);
        if (run.ExitCode != 0)
        {
            throw new InvalidOperationException($"{Program} {string.Join(' ', arguments)}: {run.ExitCode}\n{run.Output}\n{run.Errors}");
        }
    }
}
