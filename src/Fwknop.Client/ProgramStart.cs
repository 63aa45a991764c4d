using System.ComponentModel;
using System.Diagnostics;
using Fwknop.Native.FileSystem;
using Fwknop.Native.Libc;

namespace Fwknop.Client;

/// <summary>Starts programs without a shell.</summary>
internal static class ProgramStart
{
    /// <param name="start">What to run; its file as <see cref="ProgramSearch"/> found it.</param>
    /// <param name="problem">Why it could not be started, in the words of the operating system; null otherwise.</param>
    /// <returns>Null when it could not be started. Where its input is redirected, it is closed: what stands in ours may be keys.</returns>
    public static Process? TryRun(ProcessStartInfo start, out string? problem)
    {
        Process process = new() { StartInfo = start };
        start.UseShellExecute = false;
        try
        {
            process.Start();
            problem = null;
        }
        catch (Win32Exception e)
        {
            process.Dispose();
            problem = OperatingSystem.IsWindows() ? e.Message : new Errno(e.NativeErrorCode).Text;
            return null;
        }

        if (start.RedirectStandardInput)
        {
            process.StandardInput.Close();
        }

        return process;
    }
}
