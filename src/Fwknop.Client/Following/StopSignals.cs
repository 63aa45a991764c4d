using System.Runtime.InteropServices;

namespace Fwknop.Client;

/// <summary>SIGINT and SIGTERM as a request to end, until it is disposed of.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;

    /// <param name="stop">Called once for each signal, on another thread.</param>
    public StopSignals(Action stop)
    {
        void Handle(PosixSignalContext context)
        {
            context.Cancel = true;
            stop();
        }

        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        ];
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
    }
}
