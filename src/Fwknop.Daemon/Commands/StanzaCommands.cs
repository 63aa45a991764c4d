using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Commands;

/// <summary>
/// All that stanzas run: command messages, command cycles in place of the firewall, and notices of grants. It outlives a reading of the configuration: what is
/// open stays open until its time, whatever the stanza says since. Used from the daemon's thread.
/// </summary>
/// <param name="journalPath">Where closes are recorded; null with --test, where nothing is run.</param>
/// <param name="events">Where the ends of commands are told.</param>
/// <param name="log">The log.</param>
internal sealed class StanzaCommands(string? journalPath, DaemonEvents events, DaemonLog log) : IDisposable
{
    /// <summary>Our choice: service managers wait 90 s for us.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Our choice: SIGKILL works at once, and -K waits no longer (<see cref="RunningInstance.Kill"/>).</summary>
    private static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(0.5);

    private readonly CommandLanes _lanes = new();
    private readonly Notifications _notifications = new(new CommandLanes(), events, log);
    private CommandMessages? _messages;
    private CycleJournal? _journal;
    private CommandCycles? _cycles;

    /// <summary>When <see cref="RunDue"/> has work, on the monotonic clock.</summary>
    public TimeSpan? NextDue => _cycles?.NextDue;

    /// <summary>What is open until its close command runs, and until when on the monotonic clock.</summary>
    public IEnumerable<KeyValuePair<PendingClose, TimeSpan>> Waiting => _cycles?.Waiting ?? [];

    /// <summary>What close commands are about to close.</summary>
    public IEnumerable<PendingClose> Closing => _cycles?.Closing ?? [];

    /// <summary>Takes over what an earlier run left open, and runs what is overdue.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="isNeeded">True when there will be something to record.</param>
    /// <param name="now">When.</param>
    /// <exception cref="StartupException">The record of it cannot be used.</exception>
    public void Resume(ServerConfig config, bool isNeeded, Moment now)
    {
        if (journalPath is not null && (isNeeded || File.Exists(journalPath)))
        {
            CommandCycles cycles = Cycles(journalPath, config);
            cycles.Resume(now);
            cycles.RunDue(now);
        }
    }

    /// <summary>Runs a command message (server.md 8.1).</summary>
    /// <param name="config">The settings.</param>
    /// <param name="stanza">The stanza; it allows commands.</param>
    /// <param name="request">What is asked for, checked.</param>
    public void Run(ServerConfig config, AccessStanza stanza, CommandRequest request) =>
        (_messages ??= new CommandMessages(_lanes, events, log)).Run(config.SudoExe, TimeoutOf(config), stanza, request);

    /// <summary>Runs the cycle of the grant's stanza (server.md 8.2).</summary>
    /// <param name="config">The settings.</param>
    /// <param name="grant">A grant of a stanza with a cycle.</param>
    /// <param name="now">When.</param>
    public void Open(ServerConfig config, Grant grant, Moment now)
    {
        CommandCycle cycle = grant.Stanza.Cycle!;
        int seconds = cycle.Seconds(grant.ClientTimeout, grant.Stanza.MaxFwTimeout);
        CommandVariables variables = VariablesOf(grant, seconds, now);
        CycleOrder order = new(
            grant.Stanza.Number,
            grant.Packet.Origin.Source,
            grant.Allow,
            new Command(variables.Expand(cycle.Open), TimeoutOf(config)),
            cycle.Close is null ? null : variables.Expand(cycle.Close),
            TimeSpan.FromSeconds(seconds),
            new PortSpec(grant.Ports[0].Protocol, (ushort)grant.Ports[0].First),
            GrantHolder.Of(grant, now.WallClock));
        try
        {
            Cycles(journalPath!, config).Open(order, now);
        }
        catch (StartupException error)
        {
            LogEvent about = new LogEvent(LogEventKind.CommandFailed)
                .With(LogField.Source, order.Source).With(LogField.Stanza, order.Stanza).With(LogField.Error, error.Message);
            log.Error($"{LogLine.Prefix(order.Source, order.Stanza)} Nothing is opened: {error.Message}", about);
        }
    }

    /// <summary>Runs NOTIFY_CMD of the grant's stanza, after the ports have been opened.</summary>
    public void Notify(ServerConfig config, Grant grant, Moment now)
    {
        if (grant.Stanza.NotifyCommand is { } words)
        {
            _notifications.Run(grant, new Command(VariablesOf(grant, (int)grant.Duration.TotalSeconds, now).Expand(words), TimeoutOf(config)));
        }
    }

    /// <summary>Runs the close commands whose time has come.</summary>
    public void RunDue(Moment now) => _cycles?.RunDue(now);

    /// <summary>Starts close commands before their time.</summary>
    public void Close(IEnumerable<PendingClose> closes) => _cycles?.Close(closes);

    /// <summary>Starts all close commands, at the end of the daemon.</summary>
    public void CloseAll() => _cycles?.CloseAll();

    /// <summary>
    /// Waits for them, then kills all that still runs: no command outlives the daemon, which alone keeps its time. Closes that have not succeeded stay recorded.
    /// </summary>
    /// <param name="waitsForMessages">Commands of packets are waited for, too, as long as nobody asks that the daemon stops.</param>
    public void End(bool waitsForMessages = false)
    {
        bool isHurried = _cycles?.WaitUntilClosed(CloseTimeout) == false;
        if (waitsForMessages && !isHurried)
        {
            _messages?.WaitUntilEnded();
        }

        _lanes.Stop(KillTimeout);
        _notifications.Stop(KillTimeout);
        foreach (DaemonEvent.CommandEnded ended in events.Take(TimeSpan.Zero).OfType<DaemonEvent.CommandEnded>())
        {
            ended.Settle();
        }

        _cycles?.TellOpen();
    }

    public void Dispose()
    {
        _lanes.Dispose();
        _notifications.Dispose();
        _journal?.Dispose();
    }

    private static TimeSpan TimeoutOf(ServerConfig config) => TimeSpan.FromSeconds(config.CommandTimeout);

    private static CommandVariables VariablesOf(Grant grant, int seconds, Moment now) => new(
        grant.Allow,
        grant.Packet.Origin.Source.ToIPAddress(),
        grant.Packet.Origin.Destination.ToIPAddress(),
        grant.Ports[0].First,
        (int)grant.Ports[0].Protocol,
        now.WallClock.ToUnixTimeSeconds() + seconds,
        seconds);

    private CommandCycles Cycles(string path, ServerConfig config)
    {
        _journal ??= CycleJournal.Open(path, log);
        return _cycles ??= new CommandCycles(_journal, _lanes, events, log, TimeoutOf(config));
    }
}
