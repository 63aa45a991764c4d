using System.Diagnostics;
using System.Runtime.InteropServices;
using Fwknop.Native.Libc;
using Fwknop.Native.Terminal;

namespace Fwknop.Client;

/// <summary>
/// A running command. What would end this process is handed to it. Ctrl-C and Ctrl-\ of a terminal reach it without us: only where
/// there is no terminal they are handed on too.
/// </summary>
internal sealed class StartedCommand : IStartedCommand
{
    private static readonly (PosixSignal Signal, int Number, bool IsFromTerminal)[] Signals =
    [
        (PosixSignal.SIGHUP, 1, false),
        (PosixSignal.SIGINT, 2, true),
        (PosixSignal.SIGQUIT, 3, true),
        (PosixSignal.SIGTERM, 15, false),
    ];

    private readonly Process _process;
    private readonly List<PosixSignalRegistration> _registrations = [];

    public StartedCommand(Process process)
    {
        _process = process;
        bool hasTerminal = !OperatingSystem.IsLinux() || ControllingTerminal.Exists();
        foreach ((PosixSignal signal, int number, bool isFromTerminal) in Signals)
        {
            bool isHandedOn = !(isFromTerminal && hasTerminal);
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                if (isHandedOn && !process.HasExited)
                {
                    HandOn(number);
                }
            }));
        }

        Ended = WaitForEnd();
    }

    public Task<int> Ended { get; }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _process.Dispose();
    }

    // Elsewhere than on Linux the command is ended by force, since only the C library sends signals.
    private void HandOn(int signal)
    {
        if (OperatingSystem.IsLinux())
        {
            ProcessSignal.Send(_process.Id, signal);
        }
        else
        {
            _process.Kill();
        }
    }

    private async Task<int> WaitForEnd()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        return _process.ExitCode;
    }
}
