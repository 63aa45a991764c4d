using Fwknop.Configuration.Server;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Logging;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>
/// What an earlier run left open by commands, where this one cannot start because the configuration is wrong: it is closed all the same, for there will be no
/// daemon that does it in time.
/// </summary>
internal static class EarlierCloses
{
    /// <summary>Runs the pending close commands, unless a daemon is there that will; says where they may be when that is not known for sure.</summary>
    public static void Run(PartialServerConfig earlier, DaemonLog log)
    {
        if (earlier.LeadingToRun is { } config)
        {
            Run(config, log);
        }
        else if (Array.Find(ProbablePlaces(earlier), File.Exists) is { } place)
        {
            log.Error(
                $"[*] Close commands of an earlier run may be pending in {place}; this start does not run them, for it is not certain where FWKNOP_RUN_DIR and "
                + "FWKNOP_PID_FILE are: the next one without errors does, or one with -r and -p");
        }
    }

    private static void Run(ServerConfig config, DaemonLog log)
    {
        string journal = CycleJournal.PlaceOf(config);
        if (!File.Exists(journal))
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
            commands.Resume(config, isNeeded: false, Moment.Now(TimeProvider.System));
            commands.CloseAll();
            commands.End();
        }
        catch (StartupException error)
        {
            log.Error(error.Message);
        }
    }

    private static string[] ProbablePlaces(PartialServerConfig earlier) =>
        [CycleJournal.PlaceIn(earlier.StateFolder), CycleJournal.PlaceOf(new ServerConfig())];
}
