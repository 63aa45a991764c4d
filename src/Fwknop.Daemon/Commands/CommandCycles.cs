using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Commands;

/// <summary>
/// Stanzas that open and close by commands of their own instead of the firewall (server.md 8.2). A close is on disk before its command opens anything, is
/// run when its time has come, at a clean stop, and at the next start after a crash (13, Q9). Used from the daemon's thread.
/// </summary>
/// <param name="journal">The closes that are still to be run.</param>
/// <param name="lanes">Runs the commands.</param>
/// <param name="events">Where their ends are told.</param>
/// <param name="log">The log.</param>
/// <param name="timeout">How long closes of an earlier run may run; from the first open on, those of this run tell.</param>
internal sealed class CommandCycles(CycleJournal journal, CommandLanes lanes, DaemonEvents events, DaemonLog log, TimeSpan timeout)
{
    // Our choice: from 10 s to 10 min.
    private const int MostDoublings = 6;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);

    private const string OpenKind = "cycle_open";
    private const string CloseKind = "cycle_close";

    private readonly ExpiryQueue<(int Stanza, string Text)> _due = new();
    private readonly Dictionary<(int Stanza, string Text), int> _failures = [];
    private readonly Dictionary<(int Stanza, string Text), PendingClose> _waiting = [];
    private readonly List<PendingClose> _closing = [];
    private bool _isStopping;
    private TimeSpan _timeout = timeout;

    /// <summary>When <see cref="RunDue"/> has work, on the monotonic clock; null while nothing is open.</summary>
    public TimeSpan? NextDue => _due.NextDue;

    /// <summary>What is open until its close command runs, and until when on the monotonic clock.</summary>
    public IEnumerable<KeyValuePair<PendingClose, TimeSpan>> Waiting => _waiting.Values.Select(close =>
        KeyValuePair.Create(close, _due.TryGetDue(close.Key, out TimeSpan due) ? due : default));

    /// <summary>What close commands are about to close: it may be open until they have ended.</summary>
    public IEnumerable<PendingClose> Closing => _closing.DistinctBy(close => close.Key)
        .Where(close => !_waiting.ContainsKey(close.Key)).Select(close => close with { State = CycleState.Closing });

    /// <summary>Takes over what an earlier run left open, with the time that is left.</summary>
    public void Resume(Moment now)
    {
        foreach (PendingClose close in journal.Pending)
        {
            long left = Math.Max(0, close.End - now.WallClock.ToUnixTimeSeconds());
            LogEvent about = AboutClose(LogEventKind.CommandScheduled, close).With(LogField.Seconds, left).With(LogField.Command, close.Text);
            log.Info($"{PrefixOf(close)} Running CMD_CYCLE_CLOSE command of an earlier run in {left} seconds: {close.Text}", about);
            Schedule(close, now.Monotonic + TimeSpan.FromSeconds(left));
        }
    }

    /// <summary>Runs an open command and has its close command run later.</summary>
    /// <param name="order">What to run.</param>
    /// <param name="now">When.</param>
    public void Open(CycleOrder order, Moment now)
    {
        _timeout = order.Open.Timeout;
        string prefix = LogLine.Prefix(order.Source, order.Stanza);
        if (!lanes.HasRoom(order.Stanza))
        {
            log.Error($"{prefix} CMD_CYCLE_OPEN command was not run: too many commands of this stanza are waiting", OpenFailed(order, "too many are waiting"));
            return;
        }

        PendingClose? close = order.Close is null ? null : new PendingClose(
            order.Stanza, order.Allow, now.WallClock.ToUnixTimeSeconds() + (long)order.Duration.TotalSeconds, order.Close)
        {
            Port = order.Port,
            Holder = order.Holder,
            State = CycleState.Opening,
        };
        if (close is not null && !journal.TryAdd(close, out Errno error))
        {
            log.Error($"{prefix} The CMD_CYCLE_CLOSE command cannot be recorded, so nothing is opened: {error.Text}", OpenFailed(order, error.Text));
            return;
        }

        if (close is not null)
        {
            Schedule(close, now.Monotonic + order.Duration);
        }

        log.Info(
            $"{prefix} Running CMD_CYCLE_OPEN command: {order.Open}",
            AboutOpen(LogEventKind.CommandRun, order).With(LogField.Allow, order.Allow).With(LogField.Kind, OpenKind).With(LogField.Command, $"{order.Open}"));
        lanes.Add(order.Stanza, order.Open, result => events.Add(new DaemonEvent.CommandEnded(() => Opened(prefix, order, close, result))));
        if (close is not null)
        {
            log.Info(
                $"{prefix} Running CMD_CYCLE_CLOSE command in {order.Duration.TotalSeconds:0} seconds: {close.Text}",
                AboutOpen(LogEventKind.CommandScheduled, order)
                    .With(LogField.Allow, order.Allow)
                    .With(LogField.Kind, CloseKind)
                    .With(LogField.Seconds, (long)order.Duration.TotalSeconds)
                    .With(LogField.Command, close.Text));
        }
    }

    /// <summary>Runs the close commands whose time has come.</summary>
    public void RunDue(Moment now)
    {
        foreach ((int Stanza, string Text) key in _due.TakeDue(now.Monotonic))
        {
            _waiting.Remove(key, out PendingClose? close);
            Run(close!, "Timer expired, running CMD_CYCLE_CLOSE command");
        }
    }

    /// <summary>Starts close commands before their time. If one fails it is run again later, as ever.</summary>
    public void Close(IEnumerable<PendingClose> closes)
    {
        foreach (PendingClose close in closes.Where(close => _waiting.Remove(close.Key)))
        {
            _due.Remove(close.Key);
            Run(close, "Revoked, running CMD_CYCLE_CLOSE command");
        }
    }

    /// <summary>Starts all close commands, at the end of the daemon; see <see cref="WaitUntilClosed"/>.</summary>
    public void CloseAll()
    {
        _isStopping = true;
        foreach (PendingClose close in _waiting.Values)
        {
            Run(close, "Stopping, running CMD_CYCLE_CLOSE command");
        }

        _due.Clear();
        _waiting.Clear();
    }

    /// <summary>Waits for close commands that run, until they have ended or somebody asks once more that the daemon stops.</summary>
    /// <param name="wait">How long at most.</param>
    /// <returns>False when somebody has asked.</returns>
    public bool WaitUntilClosed(TimeSpan wait) => events.SettleUntil(() => _closing.Count == 0, wait);

    /// <summary>Tells what is still open when nothing runs any more: it stays recorded for the next start.</summary>
    public void TellOpen()
    {
        foreach (PendingClose close in journal.Pending)
        {
            log.Error(
                $"{PrefixOf(close)} CMD_CYCLE_CLOSE command did not succeed in time; it runs again at the next start: {close.Text}",
                CloseFailed(close, "did not succeed in time"));
        }
    }

    private void Schedule(PendingClose close, TimeSpan due)
    {
        PendingClose? earlier = _waiting.GetValueOrDefault(close.Key);
        _due.ExtendTo(close.Key, due);
        _waiting[close.Key] = close with
        {
            Holder = close.Holder?.After(earlier?.Holder),
            State = earlier?.State == CycleState.Open ? CycleState.Open : close.State,
        };
    }

    private void Run(PendingClose close, string doing)
    {
        log.Info($"{PrefixOf(close)} {doing}: {close.Text}", AboutClose(LogEventKind.CommandRun, close).With(LogField.Command, close.Text));
        _closing.Add(close);
        lanes.Add(close.Stanza, new Command(close.Words, _timeout), result => events.Add(new DaemonEvent.CommandEnded(() => Closed(close, result))));
    }

    // The close stays scheduled: it may be that of an earlier knock, and running it once too often does no harm.
    private void Opened(string prefix, CycleOrder order, PendingClose? close, CommandResult result)
    {
        if (close is not null && _waiting.TryGetValue(close.Key, out PendingClose? waiting) && (result.IsSuccess || waiting.State == CycleState.Opening))
        {
            _waiting[close.Key] = waiting with { State = result.IsSuccess ? CycleState.Open : CycleState.OpenFailed };
        }

        if (!result.IsSuccess)
        {
            log.Error($"{prefix} CMD_CYCLE_OPEN command {result}", OpenFailed(order, $"{result}"));
        }
    }

    private void Closed(PendingClose close, CommandResult result)
    {
        _closing.Remove(close);
        if (!result.IsSuccess)
        {
            log.Error($"{PrefixOf(close)} CMD_CYCLE_CLOSE command {result}: {close.Text}; what it is to close may be open", CloseFailed(close, $"{result}"));
            RunAgainLater(close);
        }
        else if (!_waiting.ContainsKey(close.Key))
        {
            // Knocked again while it ran, the close that is scheduled now is the one that counts.
            _failures.Remove(close.Key);
            Forget(close);
        }
    }

    private void RunAgainLater(PendingClose close)
    {
        if (_isStopping || _waiting.ContainsKey(close.Key))
        {
            return;
        }

        int failures = _failures[close.Key] = _failures.GetValueOrDefault(close.Key) + 1;
        TimeSpan pause = FirstPause * Math.Pow(2, Math.Min(failures - 1, MostDoublings));
        Schedule(close with { State = CycleState.CloseFailed }, Moment.Now(TimeProvider.System).Monotonic + pause);
    }

    private void Forget(PendingClose close)
    {
        if (!journal.TryRemove(close, out Errno error))
        {
            log.Warning(
                $"(stanza #{close.Stanza}) The end of a CMD_CYCLE_CLOSE command cannot be recorded, it will run again at the next start unless that succeeds by then: {error.Text}",
                CloseFailed(close, error.Text));
        }
    }

    private static string PrefixOf(PendingClose close) => LogLine.Prefix(close.Allow, close.Stanza);

    private static LogEvent AboutOpen(LogEventKind kind, CycleOrder order) =>
        new LogEvent(kind).With(LogField.Source, order.Source).With(LogField.Stanza, order.Stanza);

    private static LogEvent OpenFailed(CycleOrder order, string error) => AboutOpen(LogEventKind.CommandFailed, order)
        .With(LogField.Allow, order.Allow).With(LogField.Kind, OpenKind).With(LogField.Command, $"{order.Open}").With(LogField.Error, error);

    private static LogEvent AboutClose(LogEventKind kind, PendingClose close) =>
        new LogEvent(kind).With(LogField.Stanza, close.Stanza).With(LogField.Allow, close.Allow).With(LogField.Kind, CloseKind);

    private static LogEvent CloseFailed(PendingClose close, string error) =>
        AboutClose(LogEventKind.CommandFailed, close).With(LogField.Command, close.Text).With(LogField.Error, error);
}
