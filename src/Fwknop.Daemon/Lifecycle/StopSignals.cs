using System.Runtime.InteropServices;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>Turns signals into events (server.md 2.4).</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals(DaemonEvents events) => _registrations =
    [
        Register(PosixSignal.SIGTERM, events, new DaemonEvent.StopAsked("SIGTERM")),
        Register(PosixSignal.SIGINT, events, new DaemonEvent.StopAsked("SIGINT")),
        Register(PosixSignal.SIGHUP, events, new DaemonEvent.ReloadAsked()),
    ];

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private static PosixSignalRegistration Register(PosixSignal signal, DaemonEvents events, DaemonEvent daemonEvent) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            events.Add(daemonEvent);
        });
}
