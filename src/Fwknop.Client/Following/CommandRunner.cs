using System.ComponentModel;
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
        Process process = new() { StartInfo = new ProcessStartInfo(path, words.Skip(1)) { UseShellExecute = false } };
        try
        {
            process.Start();
            problem = null;
            return new StartedCommand(process);
        }
        catch (Win32Exception e)
        {
            process.Dispose();
            problem = OperatingSystem.IsWindows() ? e.Message : new Errno(e.NativeErrorCode).Text;
            return null;
        }
    }
}
