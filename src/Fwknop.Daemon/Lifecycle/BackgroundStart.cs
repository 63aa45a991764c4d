using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>
/// Starts the daemon in the background and waits until it is ready (server.md 13, Q20). .NET cannot fork: the program starts itself again, with
/// the same words. What that process has to say until it is ready it says on our standard error.
/// </summary>
internal static class BackgroundStart
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Starts it.</summary>
    /// <param name="program">Our own file.</param>
    /// <param name="arguments">Our command line.</param>
    /// <returns>The exit status: 0 when the daemon is ready.</returns>
    /// <exception cref="StartupException">The program cannot be started once more.</exception>
    public static int Run(string program, IReadOnlyList<string> arguments)
    {
        CurrentProcess.KeepDescriptorsFromChildren();
        ProcessStartInfo start = new(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment[BackgroundChild.Variable] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        try
        {
            using Process daemon = Process.Start(start)!;
            return WaitUntilReady(daemon) ? 0 : 1;
        }
        catch (Win32Exception error)
        {
            throw new StartupException($"[*] {program} cannot be started: {error.Message}");
        }
    }

    private static bool WaitUntilReady(Process daemon)
    {
        // Ctrl-C ends the daemon, which notices that its input ends, and then us.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, GiveUp);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, GiveUp);
        using PosixSignalRegistration hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, GiveUp);
        Span<byte> answer = stackalloc byte[BackgroundChild.ReadyLine.Length];
        int length = daemon.StandardOutput.BaseStream.ReadAtLeast(answer, answer.Length, throwOnEndOfStream: false);
        if (answer[..length].SequenceEqual(BackgroundChild.ReadyLine))
        {
            return true;
        }

        if (!daemon.WaitForExit(EndTimeout))
        {
            daemon.Kill();
            daemon.WaitForExit();
        }

        return false;

        void GiveUp(PosixSignalContext context)
        {
            context.Cancel = true;
            daemon.StandardInput.BaseStream.Close();
        }
    }
}
