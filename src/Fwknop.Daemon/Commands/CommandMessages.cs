using System.Globalization;
using Fwknop.Configuration.Access;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;

namespace Fwknop.Daemon.Commands;

/// <summary>Runs what command messages ask for (server.md 8.1), for stanzas that allow it.</summary>
/// <param name="lanes">Runs the commands.</param>
/// <param name="events">Where their ends are told.</param>
/// <param name="log">The log.</param>
internal sealed class CommandMessages(CommandLanes lanes, DaemonEvents events, DaemonLog log)
{
    private const string Kind = "message";

    private int _running;
    private TimeSpan _timeout;

    /// <summary>Runs a command.</summary>
    /// <param name="sudo">SUDO_EXE.</param>
    /// <param name="timeout">CMD_EXEC_TIMEOUT.</param>
    /// <param name="stanza">The stanza; it allows commands.</param>
    /// <param name="request">What is asked for, checked by <see cref="StanzaCheck"/>.</param>
    public void Run(string sudo, TimeSpan timeout, AccessStanza stanza, CommandRequest request)
    {
        string prefix = LogLine.Prefix(request.Packet.Origin.Source, stanza.Number);
        string text = request.Command.ToString();
        log.Info(
            $"{prefix} Processing SPA Command message: command='{LogLine.Clean(text)}'.",
            About(LogEventKind.CommandReceived).With(LogField.StanzaName, stanza.Name).With(LogField.User, request.Username.ToString()).With(LogField.Command, text));
        if (WhyNotRun(stanza.Commands!, text) is { } reason)
        {
            log.Error($"{prefix} {reason}", About(LogEventKind.CommandFailed).With(LogField.Kind, Kind).With(LogField.Command, text).With(LogField.Error, reason));
            return;
        }

        Command command = new(Words(stanza.Commands!, sudo, text), timeout, UserOf(stanza.Commands!));
        string line = command.User is { } user
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{prefix} Running command '{command}' setuid/setgid user/group to {user.User}/{user.Group} (UID={user.Uid},GID={user.Gid})")
            : $"{prefix} Running command '{command}'";
        log.Info(line, About(LogEventKind.CommandRun).With(LogField.StanzaName, stanza.Name).With(LogField.Kind, Kind).With(LogField.Command, $"{command}"));
        if (lanes.TryAdd(stanza.Number, command, result => events.Add(new DaemonEvent.CommandEnded(() => Report(prefix, About, result)))))
        {
            _running++;
            _timeout = timeout;
        }
        else
        {
            log.Error(
                $"{prefix} Too many commands of this stanza are waiting; this one is not run",
                About(LogEventKind.CommandFailed).With(LogField.Kind, Kind).With(LogField.Command, $"{command}").With(LogField.Error, "too many are waiting"));
        }

        LogEvent About(LogEventKind kind) =>
            new LogEvent(kind).With(LogField.Source, request.Packet.Origin.Source).With(LogField.Stanza, stanza.Number);
    }

    /// <summary>
    /// Waits until all have ended or somebody asks that the daemon stops, and no longer than the time that each of them has anyway.
    /// </summary>
    public void WaitUntilEnded() => events.SettleUntil(() => _running == 0, _timeout);

    private static string? WhyNotRun(CommandRules rules, string text)
    {
        string[] words = Split(text);
        return words.Length == 0 ? "The command is empty; it is not run"
            : words[0].StartsWith('-') && rules.Sudo is not null ? "The command begins with '-', which sudo would take for an option; it is not run"
            : words.Length > CommandCycle.MaxWords ? $"The command has more than {CommandCycle.MaxWords} words; it is not run"
            : text.Any(symbol => (char.IsControl(symbol) && symbol != '\t') || symbol == '\uFFFD')
                ? "The command holds control characters or is not UTF-8; it is not run"
            : null;
    }

    private static string[] Split(string text) => text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);

    private static RunAs? UserOf(CommandRules rules) => rules.User is { IsRoot: false } user
        ? new RunAs(user.Name, user.Uid, rules.Group?.Name ?? user.Name, rules.Group?.Gid ?? user.PrimaryGid)
        : null;

    private static string[] Words(CommandRules rules, string sudo, string text)
    {
        IEnumerable<string> user = rules.Sudo?.User is { IsRoot: false } account ? ["-u", account.Name] : [];
        IEnumerable<string> group = rules.Sudo?.Group is { } membership ? ["-g", membership.Name] : [];
        return rules.Sudo is null ? Split(text) : [sudo, .. user, .. group, .. Split(text)];
    }

    private void Report(string prefix, Func<LogEventKind, LogEvent> about, CommandResult result)
    {
        _running--;

        // 0 and 16 are what the reference's function returns for "has run" and "has not".
        string line = $"{prefix} CMD_EXEC: command returned {(result.Status is null ? 16 : 0)}, pid_status: {result.Status ?? 255}";
        if (result.Status is null)
        {
            log.Error($"{prefix} The command {result}", about(LogEventKind.CommandFailed).With(LogField.Kind, Kind).With(LogField.Error, result.Problem));
        }

        log.Info(line, about(LogEventKind.CommandEnded).With(LogField.Kind, Kind).With(LogField.Status, result.Status ?? 255));
    }
}
