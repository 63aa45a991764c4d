using System.Diagnostics;
using Fwknop.Native.Libc;

namespace Fwknop.Client;

/// <param name="lendDescriptors">The command gets what this program was started with, until the result is disposed of.</param>
internal sealed class CommandRunner(Func<IDisposable?> lendDescriptors) : ICommandRunner
{
    public int Run(string path, IReadOnlyList<string> words, out string? problem)
    {
        if (OperatingSystem.IsLinux())
        {
            using IDisposable? lent = lendDescriptors();
            problem = ProcessImage.Replace(path, words).Text;
            return 0;
        }

        using IStartedCommand? command = Start(path, words, out problem);
        return command?.Ended.GetAwaiter().GetResult() ?? 0;
    }

    public IStartedCommand? Start(string path, IReadOnlyList<string> words, out string? problem)
    {
        using IDisposable? lent = lendDescriptors();
        Process? process = ProgramStart.TryRun(new ProcessStartInfo(path, words.Skip(1)), out problem);
        return process is null ? null : new StartedCommand(process);
    }
}
