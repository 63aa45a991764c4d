using System.Diagnostics;
using Fwknop.Native.Libc;

namespace Fwknop.Client;

internal sealed class CommandRunner : ICommandRunner
{
    public int Run(string path, IReadOnlyList<string> words, out string? problem)
    {
        if (OperatingSystem.IsLinux())
        {
            problem = ProcessImage.Replace(path, words).Text;
            return 0;
        }

        using IStartedCommand? command = Start(path, words, out problem);
        return command?.Ended.GetAwaiter().GetResult() ?? 0;
    }

    public IStartedCommand? Start(string path, IReadOnlyList<string> words, out string? problem)
    {
        Process? process = ProgramStart.TryRun(new ProcessStartInfo(path, words.Skip(1)), out problem);
        return process is null ? null : new StartedCommand(process);
    }
}
