namespace Fwknop.Client;

/// <summary>Runs the command of <c>--exec</c>, with our input, output, terminal and environment, without a shell.</summary>
internal interface ICommandRunner
{
    /// <summary>Runs a command to its end. Where the system can, the command replaces this process and the call does not return.</summary>
    /// <param name="path">The program's file.</param>
    /// <param name="words">The command, its name first.</param>
    /// <param name="problem">Why it could not be started, or null.</param>
    /// <returns>The exit status; 128 + n when signal n ended it.</returns>
    int Run(string path, IReadOnlyList<string> words, out string? problem);

    /// <summary>Starts a command and goes on; signals that would end us are handed to it until it is disposed of.</summary>
    /// <returns>Null when it cannot be started.</returns>
    IStartedCommand? Start(string path, IReadOnlyList<string> words, out string? problem);
}
