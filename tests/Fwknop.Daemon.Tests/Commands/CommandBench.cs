using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Lifecycle;

namespace Fwknop.Daemon.Tests.Commands;

/// <summary>The part of the daemon that runs commands, for tests of what is around it.</summary>
internal static class CommandBench
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <param name="events">Where the ends of commands are told.</param>
    /// <param name="log">The log.</param>
    /// <param name="journal">For stanzas with command cycles.</param>
    public static StanzaCommands Make(DaemonEvents events, DaemonLog log, CycleJournal? journal = null)
    {
        CommandLanes lanes = new(Timeout);
        return new StanzaCommands(
            new CommandMessages("/usr/bin/sudo", lanes, events, log),
            journal is null ? null : new CommandCycles(journal, lanes, events, log),
            new Notifications(new CommandLanes(Timeout), events, log));
    }
}
