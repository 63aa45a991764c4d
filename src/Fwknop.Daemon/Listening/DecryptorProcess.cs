using Fwknop.Configuration.Server;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Listening;

/// <summary>
/// The child that runs gpg for the listener, as the user whom the keyrings belong to and without capabilities. The two talk over a socket of their own; what
/// they say does not pass the daemon.
/// </summary>
internal sealed class DecryptorProcess : IDisposable
{
    private const string Name = "fwknopd-listener --decrypt";

    private readonly int _generation;
    private readonly ConfinedProcess _process;
    private readonly DaemonEvents _events;

    private DecryptorProcess(int generation, ConfinedProcess process, DaemonEvents events)
    {
        _generation = generation;
        _process = process;
        _events = events;
    }

    /// <summary>Starts it. That it has failed arrives at <paramref name="events"/>.</summary>
    /// <param name="generation">For which listener.</param>
    /// <param name="config">Whether it is confined.</param>
    /// <param name="plan">Whose keyrings, and which; disposed when they are handed over.</param>
    /// <param name="socket">To the listener.</param>
    /// <param name="events">The daemon's queue.</param>
    /// <param name="log">Where its lines go.</param>
    /// <exception cref="StartupException">It cannot be started.</exception>
    public static DecryptorProcess Start(int generation, ServerConfig config, KeyringPlan plan, Descriptor socket, DaemonEvents events, DaemonLog log)
    {
        DecryptorSetup setup = new() { Descriptor = ChildProgram.FirstLent, Verbosity = config.Verbosity, Keyrings = plan.Keyrings };
        ConfinedRights rights = new(plan.Uid, plan.Gid, [], "--decrypt");
        ConfinedProcess process = ConfinedProcess.Start(Name, config, rights, [socket], HandOver, log);
        DecryptorProcess decryptor = new(generation, process, events);
        new Thread(decryptor.WaitForEnd) { IsBackground = true, Name = "decryptor end" }.Start();
        return decryptor;

        void HandOver(Stream input)
        {
            using (plan)
            {
                setup.Write(input);
            }
        }
    }

    /// <summary>Lets it end by itself, without waiting.</summary>
    public void TellToEnd() => _process.TellToEnd();

    public void Dispose() => _process.Dispose();

    private void WaitForEnd()
    {
        try
        {
            // It writes nothing there.
            bool isSilent = _process.Output.ReadByte() < 0;
            ConfinedEnd end = _process.WaitForEnd();
            if (!isSilent || end.Status != 0)
            {
                _events.Add(new DaemonEvent.ListenerFailed(end.Reason, end.IsExplained, _generation));
            }
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            // Disposed of: its end was asked for.
        }
    }
}
