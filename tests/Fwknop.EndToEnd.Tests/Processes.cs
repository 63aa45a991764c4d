using System.Diagnostics;

namespace Fwknop.EndToEnd.Tests;

internal static class Processes
{
    /// <summary>kill -9; no error when it has ended already.</summary>
    public static void Kill(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // There is no such process any more.
        }
    }
}
