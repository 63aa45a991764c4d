using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;

namespace Fwknop.Daemon.Commands;

/// <summary>Runs NOTIFY_CMD: tells somebody of a grant, and has no influence on it.</summary>
/// <param name="lanes">Runs the commands; their own, so that a slow one delays no other command of its stanza.</param>
/// <param name="events">Where their ends are told.</param>
/// <param name="log">The log.</param>
internal sealed class Notifications(CommandLanes lanes, DaemonEvents events, DaemonLog log)
{
    /// <summary>Runs it.</summary>
    public void Run(Grant grant, Command command)
    {
        string prefix = $"[{grant.Packet.Origin.Source}] (stanza #{grant.Stanza.Number})";
        log.Debug($"{prefix} Running NOTIFY_CMD: {command}");
        if (!lanes.TryAdd(grant.Stanza.Number, command, result => events.Add(new DaemonEvent.CommandEnded(() => Report(prefix, command, result)))))
        {
            log.Warning($"{prefix} Too many notices are waiting; this one is not sent: {command}");
        }
    }

    private void Report(string prefix, Command command, CommandResult result)
    {
        if (!result.IsSuccess)
        {
            log.Warning($"{prefix} NOTIFY_CMD {result}: {command}");
        }
    }
}
