using System.Runtime.InteropServices;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>Turns signals into events (server.md 2.4).</summary>
internal sealed class StopSignals : IDisposable
{
    private const int HangUp = 1;
    private const int Interrupt = 2;
    private const int Quit = 3;
    private const int Usr1 = 10;
    private const int Usr2 = 12;
    private const int Alarm = 14;
    private const int Terminate = 15;
    private const int ChildEnded = 17;

    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals(DaemonEvents events)
    {
        _registrations =
        [
            Register(PosixSignal.SIGTERM, events, new DaemonEvent.StopAsked("Got SIGTERM. Exiting...")),
            Register(PosixSignal.SIGINT, events, new DaemonEvent.StopAsked("Got SIGINT. Exiting...")),
            Register(PosixSignal.SIGQUIT, events, new DaemonEvent.StopAsked("Got signal 3. No defined action but to exit.")),
            Register((PosixSignal)Alarm, events, new DaemonEvent.StopAsked($"Got signal {Alarm}. No defined action but to exit.")),
            Register(PosixSignal.SIGHUP, events, new DaemonEvent.ReloadAsked()),
            Ignore((PosixSignal)Usr1),
            Ignore((PosixSignal)Usr2),
        ];
    }

    /// <summary>
    /// Nobody may have made us deaf to the signals that stop us or let us read the configuration again, nor to the ends of our children: their status would be
    /// lost.
    /// </summary>
    public static void StopIgnoring()
    {
        foreach (int signal in (ReadOnlySpan<int>)[HangUp, Interrupt, Quit, Alarm, Terminate, ChildEnded])
        {
            SignalDisposition.StopIgnoring(signal);
        }
    }

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

    private static PosixSignalRegistration Ignore(PosixSignal signal) => PosixSignalRegistration.Create(signal, context => context.Cancel = true);
}
