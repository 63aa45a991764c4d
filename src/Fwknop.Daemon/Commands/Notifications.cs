using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;

namespace Fwknop.Daemon.Commands;

/// <summary>Runs NOTIFY_CMD: tells somebody of a grant, and has no influence on it.</summary>
/// <param name="lanes">Runs the commands; their own, so that a slow one delays no other command of its stanza.</param>
/// <param name="events">Where their ends are told.</param>
/// <param name="log">The log.</param>
internal sealed class Notifications(CommandLanes lanes, DaemonEvents events, DaemonLog log) : IDisposable
{
    private const string Kind = "notify";

    /// <summary>Runs it.</summary>
    public void Run(Grant grant, Command command)
    {
        string prefix = LogLine.Prefix(grant.Packet.Origin.Source, grant.Stanza.Number);
        log.Debug(
            $"{prefix} Running NOTIFY_CMD: {command}",
            About(LogEventKind.CommandRun, grant).With(LogField.Kind, Kind).With(LogField.Command, $"{command}"));
        if (!lanes.TryAdd(grant.Stanza.Number, command, result => events.Add(new DaemonEvent.CommandEnded(() => Report(prefix, grant, command, result)))))
        {
            log.Warning($"{prefix} Too many notices are waiting; this one is not sent: {command}", Failed(grant, command, "too many are waiting"));
        }
    }

    /// <summary>See <see cref="CommandLanes.Stop"/>.</summary>
    public void Stop(TimeSpan wait) => lanes.Stop(wait);

    public void Dispose() => lanes.Dispose();

    private void Report(string prefix, Grant grant, Command command, CommandResult result)
    {
        if (!result.IsSuccess)
        {
            log.Warning($"{prefix} NOTIFY_CMD {result}: {command}", Failed(grant, command, $"{result}"));
        }
    }

    private static LogEvent Failed(Grant grant, Command command, string error) =>
        About(LogEventKind.CommandFailed, grant).With(LogField.Kind, Kind).With(LogField.Command, $"{command}").With(LogField.Error, error);

    private static LogEvent About(LogEventKind kind, Grant grant) =>
        new LogEvent(kind).With(LogField.Source, grant.Packet.Origin.Source).With(LogField.Stanza, grant.Stanza.Number);
}
