using System.Diagnostics.CodeAnalysis;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Control;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Granting;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>
/// The one thread that decides and acts: it sleeps until a message, a signal or the end of a grant, takes all that is there, records the
/// packets with one write, and changes the firewall with one transaction.
/// </summary>
internal sealed class DaemonLoop(
    Generation first,
    IGenerationSource source,
    int packetLimit,
    DaemonEvents events,
    StanzaCommands commands,
    DaemonLog log,
    ServiceManager service)
{
    private readonly Succession _succession = new(first, source, log);
    private readonly ControlDesk _desk = new(commands, log);
    private readonly GrantActions _actions = new(commands, new NatNames(events, log), log);
    private readonly Queue<DaemonEvent> _pending = [];

    private IFirewall Firewall => _succession.Present.Firewall;

    /// <summary>Waits until the listener captures. What it sends from then on waits for <see cref="Run"/>.</summary>
    /// <returns>Null when it does; else the exit status, 0 after a signal. The log says why.</returns>
    public int? WaitUntilReady()
    {
        TimeSpan end = Now().Monotonic + Succession.StartTimeout;
        while (TryNext(end, out DaemonEvent? next))
        {
            switch (next)
            {
                case DaemonEvent.Received { Message: ListenerMessage.Ready }:
                    return null;
                case DaemonEvent.ListenerFailed { IsExplained: true }:
                    return 1;
                case DaemonEvent.ListenerFailed failed:
                    log.Error($"[*] {failed.Reason}", Failed(failed.Reason));
                    return 1;
                case DaemonEvent.StopAsked stop:
                    log.Warning(stop.Line, new LogEvent(LogEventKind.DaemonStopping));
                    return 0;
                case DaemonEvent.CommandEnded command:
                    command.Settle();
                    break;
                case DaemonEvent.ReloadAsked:
                    _succession.Ask();
                    break;
                case DaemonEvent.ControlAsked asked:
                    asked.Answer(new ControlAnswer.Refused("fwknopd is starting and has granted nothing yet"));
                    break;
            }
        }

        string late = $"fwknopd-listener was not ready within {Succession.StartTimeout.TotalSeconds} seconds";
        log.Error($"[*] {late}", Failed(late));
        return 1;
    }

    /// <summary>Works until a signal, the packet limit or a failure, then takes the grants away.</summary>
    /// <returns>The exit status: 0 after a clean stop.</returns>
    public int Run()
    {
        try
        {
            return End(RunUntilEnding());
        }
        catch
        {
            // A bug; the exception goes on and ends the process. But iptables has no timer that would close what is open.
            Firewall.Abandon();
            throw;
        }
    }

    /// <summary>Takes note of commands that have ended and whose turn has not come: at the end nobody waits for them a second time.</summary>
    public void SettleCommands()
    {
        foreach (DaemonEvent.CommandEnded ended in _pending.OfType<DaemonEvent.CommandEnded>())
        {
            ended.Settle();
        }

        _pending.Clear();
    }

    /// <summary>Ends the listeners and lets go of everything.</summary>
    public void Release() => _succession.Release();

    private static LogEvent Failed(string error) => new LogEvent(LogEventKind.DaemonFailed).With(LogField.Error, error);

    private static Moment Now() => Moment.Now(TimeProvider.System);

    private Ending RunUntilEnding()
    {
        Ending? ending = null;
        while (ending is null)
        {
            Batch batch = new();
            if (TryNext(NextDue(), out DaemonEvent? next))
            {
                do
                {
                    ending = Collect(next!, batch);
                }
                while (ending is null && _pending.TryDequeue(out next));

                ending = Settle(batch) ?? ending;
                if (batch.HasChangedRules)
                {
                    Firewall.Reconcile(Now());
                }

                Answer(batch.Asked);
            }

            Moment now = Now();
            if (Firewall.NextDue <= now.Monotonic)
            {
                _desk.Counters.Ended += Firewall.Expire(now);
            }

            commands.RunDue(now);

            if (ending is null)
            {
                Succeed(now);
                service.KeepAlive(now.Monotonic);
            }
        }

        return ending;
    }

    /// <summary>After all grants that came before: who revokes must not be outrun by what waits already.</summary>
    private void Answer(List<DaemonEvent.ControlAsked> requests)
    {
        foreach (DaemonEvent.ControlAsked asked in requests)
        {
            asked.Answer(_desk.Answer(asked.Request, asked.UserId, Firewall, Now()));
        }
    }

    private void Succeed(Moment now)
    {
        bool begins = _succession.IsAboutToBegin;
        if (begins)
        {
            log.Warning("Got SIGHUP. Re-reading configs.", new LogEvent(LogEventKind.DaemonReloading));
            service.Reloading(now.Monotonic);
        }

        if (_succession.Advance(now))
        {
            service.Ready();
        }
    }

    private TimeSpan? NextDue()
    {
        TimeSpan? earliest = null;
        foreach (TimeSpan? due in (ReadOnlySpan<TimeSpan?>)[Firewall.NextDue, commands.NextDue, _succession.NextDue, service.NextDue])
        {
            earliest = due is null || earliest <= due ? earliest : due;
        }

        return _succession.IsAboutToBegin ? TimeSpan.Zero : earliest;
    }

    /// <summary>The next event, waiting until <paramref name="end"/> on the monotonic clock, or for ever.</summary>
    private bool TryNext(TimeSpan? end, [NotNullWhen(true)] out DaemonEvent? next)
    {
        if (_pending.Count == 0)
        {
            TimeSpan? wait = end is { } due ? TimeSpan.FromTicks(Math.Max(0, (due - Now().Monotonic).Ticks)) : null;
            foreach (DaemonEvent taken in events.Take(wait))
            {
                _pending.Enqueue(taken);
            }
        }

        return _pending.TryDequeue(out next);
    }

    /// <summary>Takes note of one event.</summary>
    /// <returns>Why the daemon is to stop, or null.</returns>
    private Ending? Collect(DaemonEvent daemonEvent, Batch batch)
    {
        batch.HasTwoListeners |= _succession.IsUnderWay;
        switch (daemonEvent)
        {
            case DaemonEvent.Received received:
                return Collect(received.Message, received.Generation, batch);
            case DaemonEvent.CommandEnded command:
                command.Settle();
                return null;
            case DaemonEvent.NamesResolved resolved:
                batch.Resolved.Add(resolved.Action);
                return null;
            case DaemonEvent.ControlAsked asked:
                batch.Asked.Add(asked);
                return null;
            case DaemonEvent.RulesetChanged changed:
                changed.Take();
                batch.HasChangedRules = true;
                return null;
            case DaemonEvent.StopAsked stop:
                return new Ending(stop.Line, IsFailure: false);
            case DaemonEvent.ReloadAsked:
                _succession.Ask();
                return null;
            case DaemonEvent.ListenerFailed failed when _succession.TryReceiveEnd(failed):
                service.Ready();
                return null;
            case DaemonEvent.ListenerFailed failed:
                return new Ending(failed.Reason, IsFailure: true);
            default:
                throw new InvalidOperationException($"No such event: {daemonEvent}");
        }
    }

    private Ending? Collect(ListenerMessage message, int number, Batch batch)
    {
        if (message is ListenerMessage.Ready && _succession.TryReceiveReady(number, Now()))
        {
            return null;
        }

        if (!_succession.TryFind(number, out Generation? generation))
        {
            // Of a listener that was given up.
            return null;
        }

        switch (message)
        {
            case ListenerMessage.Granted granted:
                batch.Requests.Add((generation, granted.Request));
                return null;
            case ListenerMessage.Commanded commanded:
                batch.Requests.Add((generation, commanded.Request));
                return null;
            case ListenerMessage.Spent spent:
                batch.Packets.Add(AsOfNow(spent.Packet));
                return null;
            case ListenerMessage.LimitReached when packetLimit > 0:
                return new Ending($"Packet count limit ({packetLimit}) reached. Exiting...", IsFailure: false, IsByPackets: true, LogLevel.Info);
            default:
                return new Ending("fwknopd-listener sent a message out of turn", IsFailure: true);
        }
    }

    /// <summary>Records the packets, then does what they ask for: in this order, so that no crash lets a packet work twice.</summary>
    private Ending? Settle(Batch batch)
    {
        List<GrantAction> actions = [];
        DateTimeOffset now = Now().WallClock;
        foreach ((Generation generation, StanzaRequest request) in batch.Requests)
        {
            if (!GrantAction.TryMake(generation, request, now, out GrantAction? action))
            {
                return new Ending($"fwknopd-listener asked for more than stanza #{request.StanzaNumber} allows", IsFailure: true);
            }

            if (IsKnown(request.Packet.Digest, batch) || request.Besides.Any(digest => IsKnown(digest, batch)))
            {
                WriteKnown(request.Packet, batch);
                continue;
            }

            batch.Packets.Add(AsOfNow(request.Packet));
            batch.Packets.AddRange(request.Besides.Select(digest => AsOfNow(request.Packet with { Digest = digest })));
            if (action is not null)
            {
                actions.Add(action);
            }
        }

        bool isRecorded = TryRecord(batch);
        _actions.Take([.. batch.Resolved, .. isRecorded ? actions : []], Firewall, Now(), _desk.Counters);
        return null;
    }

    private bool IsKnown(ReplayDigest digest, Batch batch) =>
        _succession.Present.Ledger?.Knows(digest) == true || batch.Packets.Exists(packet => packet.Digest == digest);

    private void WriteKnown(SeenPacket packet, Batch batch)
    {
        string source = $"[{packet.Origin.Source}]";
        if (batch.HasTwoListeners || _succession.IsShared(packet.Digest))
        {
            log.Debug(
                $"{source} A packet was seen by two listeners while the configuration was changed; it counts once",
                new LogEvent(LogEventKind.PacketRepeated).With(LogField.Source, packet.Origin.Source));
        }
        else
        {
            log.Error($"{source} fwknopd-listener passed on a packet that is recorded already; nothing is opened for it");
        }
    }

    /// <summary>With our own time: one that the file cannot hold would be skipped at the next start, and the packet forgotten.</summary>
    private static SeenPacket AsOfNow(SeenPacket packet) => packet with { ReceivedAt = Now().WallClock.ToUnixTimeSeconds() };

    private bool TryRecord(Batch batch)
    {
        List<SeenPacket> packets = batch.Packets;
        Generation present = _succession.Present;
        packets.RemoveAll(packet => _succession.IsShared(packet.Digest));
        _desk.Counters.Packets += packets.Count;
        if (present.Ledger is null || packets.Count == 0)
        {
            return true;
        }

        if (present.Ledger.TryRecord(packets, out string error))
        {
            if (batch.HasTwoListeners)
            {
                _succession.Recorded(packets);
            }

            return true;
        }

        log.Warning(
            $"Could not open digest cache: {present.Config.DigestFile}: {error}",
            new LogEvent(LogEventKind.LedgerFailed).With(LogField.File, present.Config.DigestFile).With(LogField.Error, error));
        foreach (SeenPacket packet in packets)
        {
            log.Warning(
                $"[{packet.Origin.Source}] Could not add digest to replay cache; nothing is opened",
                new LogEvent(LogEventKind.PacketUnrecorded).With(LogField.Source, packet.Origin.Source));
        }

        return false;
    }

    private int End(Ending ending)
    {
        service.Stopping();
        bool isAsked = _pending.OfType<DaemonEvent.StopAsked>().Any();
        SettleCommands();
        if (ending.IsFailure)
        {
            log.Error($"[*] {ending.Reason}", Failed(ending.Reason));
            commands.CloseAll();
            Firewall.Abandon();
            commands.End();
            log.Error("[*] fwknopd stops after a failure: grants are taken away or time out, what keeps ports shut stays");
            return 1;
        }

        log.Info("Gracefully leaving the fwknopd event loop.");
        log.Write(ending.Level, ending.Reason, new LogEvent(LogEventKind.DaemonStopping));
        log.Info("Shutting Down fwknopd.", new LogEvent(LogEventKind.DaemonStopped));
        commands.CloseAll();
        bool isDone = ending.IsByPackets ? Firewall.Abandon() : Firewall.TearDown();
        commands.End(waitsForMessages: ending.IsByPackets && !isAsked);
        return isDone ? 0 : 1;
    }

    /// <summary>Why the loop ends.</summary>
    /// <param name="Reason">For the log.</param>
    /// <param name="IsFailure">Not asked for: the exit status is 1.</param>
    /// <param name="IsByPackets">
    /// Strangers can bring this end about, by sending packets: it must not open what was kept shut. And what the last packet asked for is done first.
    /// </param>
    /// <param name="Level">Of the line that gives the reason.</param>
    private sealed record Ending(string Reason, bool IsFailure, bool IsByPackets = false, LogLevel Level = LogLevel.Warning);

    /// <summary>What one wake-up brought.</summary>
    private sealed class Batch
    {
        public List<(Generation From, StanzaRequest Request)> Requests { get; } = [];

        public List<SeenPacket> Packets { get; } = [];

        /// <summary>Grants of packets that were recorded when they came.</summary>
        public List<GrantAction> Resolved { get; } = [];

        public List<DaemonEvent.ControlAsked> Asked { get; } = [];

        /// <summary>True when rules may be missing.</summary>
        public bool HasChangedRules { get; set; }

        /// <summary>True when two listeners may have seen the same packet.</summary>
        public bool HasTwoListeners { get; set; }
    }
}
