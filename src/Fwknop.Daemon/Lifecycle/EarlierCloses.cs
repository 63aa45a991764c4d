using Fwknop.Configuration.Server;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Logging;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>
/// What an earlier run left open by commands, where this one cannot start because access.conf is wrong: it is closed all the same, for there will be no
/// daemon that does it in time.
/// </summary>
internal static class EarlierCloses
{
    /// <summary>Runs the pending close commands, unless a daemon is there that will. Does nothing with --test.</summary>
    public static void Run(ServerConfig config, ServerOptions options, DaemonLog log)
    {
        string journal = CycleJournal.PlaceOf(config);
        if (options.IsTest || !File.Exists(journal))
        {
            return;
        }

        try
        {
            RunDirectory.Ensure(config.RunDirectory, log);
            using InstanceLock instance = InstanceLock.Acquire(config.PidFile);
            using DaemonEvents events = new();
            using StopSignals signals = new(events);
            using StanzaCommands commands = new(journal, events, log);
            commands.Resume(isNeeded: false, Moment.Now(TimeProvider.System));
            commands.CloseAll();
            commands.End();
        }
        catch (StartupException error)
        {
            log.Error(error.Message);
        }
    }
}
