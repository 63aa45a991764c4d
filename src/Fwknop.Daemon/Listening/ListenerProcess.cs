using Fwknop.Configuration.Server;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Listening;

/// <summary>The child that reads packets. Its messages are frames on its standard output (<see cref="GrantFrame"/>).</summary>
internal sealed class ListenerProcess : IListener
{
    private const string Name = "fwknopd-listener";
    private const int FirstUnprivilegedPort = 1024;

    private readonly int _generation;
    private readonly ConfinedProcess _process;
    private readonly PassedCapture _passed;
    private readonly DaemonEvents _events;

    private ListenerProcess(int generation, ConfinedProcess process, PassedCapture passed, DaemonEvents events)
    {
        _generation = generation;
        _process = process;
        _passed = passed;
        _events = events;
    }

    /// <summary>
    /// Starts it and hands it the setup, and the descriptors that the setup names. Its messages arrive at <paramref name="events"/>, its lines in the log.
    /// </summary>
    /// <exception cref="StartupException">It cannot be started, or not be confined as it is to be.</exception>
    public static ListenerProcess Start(
        int generation,
        ServerConfig config,
        ListenerIdentity identity,
        ListenerSetup setup,
        PassedCapture passed,
        IReadOnlyList<Descriptor> decryptors,
        DaemonEvents events,
        DaemonLog log)
    {
        ConfinedRights rights = new(identity.Uid, identity.Gid, [.. Capabilities(setup)]);
        IReadOnlyList<Descriptor> inherited = passed.Descriptor is { } capture ? [capture, .. decryptors] : decryptors;
        ListenerProcess listener = new(generation, ConfinedProcess.Start(Name, config, rights, inherited, setup.Write, log), passed, events);
        new Thread(listener.ReadFrames) { IsBackground = true, Name = "listener messages" }.Start();
        return listener;
    }

    public void TellToFinish() => _process.TellToFinish();

    public void Dispose() => _process.Dispose();

    /// <summary>What the listener cannot do without, by setpriv's names.</summary>
    private static IEnumerable<string> Capabilities(ListenerSetup setup)
    {
        if (setup.Capture == CaptureMode.Pcap)
        {
            yield return "net_raw";
        }

        if (setup.TcpPort is > 0 and < FirstUnprivilegedPort)
        {
            yield return "net_bind_service";
        }
    }

    private void ReadFrames()
    {
        Stream output = _process.Output;
        byte[] frame = new byte[GrantFrame.Size];
        try
        {
            while (output.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) is var length and > 0)
            {
                if (!GrantFrame.TryRead(frame.AsSpan(0, length), out ListenerMessage? message))
                {
                    _events.Add(new DaemonEvent.ListenerFailed("fwknopd-listener sent something that is no message", Generation: _generation));
                    return;
                }

                // At once, for the packet waits; without a queue it is a message out of turn.
                if (message is ListenerMessage.Verdict verdict && _passed.TryGiveVerdict(verdict))
                {
                    continue;
                }

                _events.Add(new DaemonEvent.Received(message, _generation));
            }

            ConfinedEnd end = _process.WaitForEnd();
            _events.Add(new DaemonEvent.ListenerFailed(end.Reason, end.IsExplained, _generation));
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            _events.Add(new DaemonEvent.ListenerFailed($"fwknopd-listener cannot be read: {error.Message}", Generation: _generation));
        }
    }
}
