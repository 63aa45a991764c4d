using System.Diagnostics.CodeAnalysis;
using System.Net;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Ledger;
using Fwknop.Grants;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>
/// The one thread that decides and acts: it sleeps until a message, a signal or the end of a grant, takes all that is there, records the
/// packets with one write, and changes the firewall with one transaction.
/// </summary>
internal sealed class DaemonLoop(
    ServerConfig config,
    int packetLimit,
    AccessPolicy policy,
    DaemonEvents events,
    IFirewall firewall,
    StanzaCommands commands,
    DigestCache? ledger,
    DaemonLog log)
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Our choice: what has not ended then stays recorded, and service managers wait 90 s for us.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(60);

    private readonly GrantReceiver _receiver = new(policy);
    private readonly Queue<DaemonEvent> _pending = [];

    /// <summary>Waits until the listener captures. What it sends from then on waits for <see cref="Run"/>.</summary>
    /// <returns>Null when it does; else the exit status, 0 after a signal. The log says why.</returns>
    public int? WaitUntilReady()
    {
        TimeSpan end = Now().Monotonic + StartTimeout;
        while (TryNext(end, out DaemonEvent? next))
        {
            switch (next)
            {
                case DaemonEvent.Received { Message: ListenerMessage.Ready }:
                    return null;
                case DaemonEvent.ListenerFailed { IsExplained: true }:
                    return 1;
                case DaemonEvent.ListenerFailed failed:
                    log.Error($"[*] {failed.Reason}");
                    return 1;
                case DaemonEvent.StopAsked stop:
                    log.Warning(stop.Line);
                    return 0;
            }
        }

        log.Error($"[*] fwknopd-listener was not ready within {StartTimeout.TotalSeconds} seconds");
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
            firewall.Abandon();
            throw;
        }
    }

    private TimeSpan? NextDue => commands.NextDue is { } command && !(firewall.NextDue < command) ? command : firewall.NextDue;

    private static Moment Now() => Moment.Now(TimeProvider.System);

    private Ending RunUntilEnding()
    {
        log.Info("Starting fwknopd main event loop.");
        commands.Resume(Now());
        Ending? ending = null;
        while (ending is null)
        {
            List<StanzaRequest> requests = [];
            List<SeenPacket> packets = [];
            if (TryNext(NextDue, out DaemonEvent? next))
            {
                do
                {
                    ending = Collect(next!, requests, packets);
                }
                while (ending is null && _pending.TryDequeue(out next));

                ending = Settle(requests, packets) ?? ending;
            }

            if (firewall.NextDue <= Now().Monotonic)
            {
                firewall.Expire(Now());
            }

            commands.RunDue(Now());
        }

        return ending;
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
    private Ending? Collect(DaemonEvent daemonEvent, List<StanzaRequest> requests, List<SeenPacket> packets)
    {
        switch (daemonEvent)
        {
            case DaemonEvent.Received { Message: ListenerMessage.Granted granted }:
                requests.Add(granted.Request);
                return null;
            case DaemonEvent.Received { Message: ListenerMessage.Commanded commanded }:
                requests.Add(commanded.Request);
                return null;
            case DaemonEvent.CommandEnded command:
                command.Settle();
                return null;
            case DaemonEvent.Received { Message: ListenerMessage.Spent spent }:
                packets.Add(AsOfNow(spent.Packet));
                return null;
            case DaemonEvent.Received { Message: ListenerMessage.LimitReached } when packetLimit > 0:
                return new Ending($"Packet count limit ({packetLimit}) reached. Exiting...", IsFailure: false, KeepsGuard: true);
            case DaemonEvent.StopAsked stop:
                return new Ending(stop.Line, IsFailure: false);
            case DaemonEvent.ReloadAsked:
                log.Warning("Got SIGHUP. Re-reading the configuration is not supported yet: restart fwknopd.");
                return null;
            case DaemonEvent.ListenerFailed failed:
                return new Ending(failed.Reason, IsFailure: true);
            default:
                return new Ending("fwknopd-listener sent a message out of turn", IsFailure: true);
        }
    }

    /// <summary>Records the packets, then does what they ask for: in this order, so that no crash lets a packet work twice.</summary>
    private Ending? Settle(List<StanzaRequest> requests, List<SeenPacket> packets)
    {
        List<Grant> grants = [];
        List<(AccessStanza Stanza, CommandRequest Request)> orders = [];
        DateTimeOffset now = Now().WallClock;
        foreach (StanzaRequest request in requests)
        {
            if (!TryReceive(request, now, out Grant? grant, out AccessStanza? commandStanza))
            {
                return new Ending($"fwknopd-listener asked for more than stanza #{request.StanzaNumber} allows", IsFailure: true);
            }

            bool isKnown = ledger?.Knows(request.Packet.Digest) == true || packets.Exists(packet => packet.Digest == request.Packet.Digest);
            if (isKnown)
            {
                log.Error($"[{request.Packet.Origin.Source}] fwknopd-listener passed on a packet that is recorded already; nothing is opened for it");
                continue;
            }

            packets.Add(AsOfNow(request.Packet));
            if (grant is not null)
            {
                grants.Add(grant);
            }
            else if (commandStanza is not null)
            {
                orders.Add((commandStanza, (CommandRequest)request));
            }
        }

        if (TryRecord(packets))
        {
            Open(grants);
            orders.ForEach(order => commands.Run(order.Stanza, order.Request));
        }

        return null;
    }

    /// <returns>False for what no working listener asks for. True with neither when the stanza has just expired.</returns>
    private bool TryReceive(StanzaRequest request, DateTimeOffset now, out Grant? grant, out AccessStanza? commandStanza)
    {
        grant = null;
        commandStanza = null;
        return request switch
        {
            GrantRequest ports => _receiver.TryReceive(ports, now, out grant),
            CommandRequest command => _receiver.TryReceive(command, now, out commandStanza),
            _ => false,
        };
    }

    private void Open(List<Grant> grants)
    {
        List<(Grant Grant, FirewallGrant Change)> changes = [];
        foreach (Grant grant in grants)
        {
            if (grant.Stanza.Cycle is not null)
            {
                commands.Open(grant, Now());
            }
            else if (ToFirewall(grant) is { } change)
            {
                changes.Add((grant, change));
            }
        }

        if (changes.Count == 0)
        {
            return;
        }

        IReadOnlyList<GrantOutcome> outcomes = firewall.Grant([.. changes.Select(change => change.Change)], Now());
        for (int i = 0; i < changes.Count; i++)
        {
            if (outcomes[i] != GrantOutcome.Failed)
            {
                Tell(changes[i].Grant);
            }
        }
    }

    /// <summary>Who it is that has got in: the rule's own line says neither (server.md 14).</summary>
    private void Tell(Grant grant)
    {
        string name = grant.Stanza.Name is { } given ? $" {given}" : "";
        LogLine line = new(
            LogLevel.Info,
            $"[{grant.Packet.Origin.Source}] (stanza #{grant.Stanza.Number}{name}) Granted {string.Join(',', grant.Ports)} "
            + $"for {grant.Allow} to user '{grant.Username}' for {grant.Duration.TotalSeconds:0} seconds");
        log.Info(line.Text);
        commands.Notify(grant, Now());
    }

    /// <summary>With our own time: one that the file cannot hold would be skipped at the next start, and the packet forgotten.</summary>
    private static SeenPacket AsOfNow(SeenPacket packet) => packet with { ReceivedAt = Now().WallClock.ToUnixTimeSeconds() };

    private bool TryRecord(List<SeenPacket> packets)
    {
        if (ledger is null || packets.Count == 0 || ledger.TryRecord(packets, out string error))
        {
            return true;
        }

        log.Warning($"Could not open digest cache: {config.DigestFile}: {error}");
        foreach (SeenPacket packet in packets)
        {
            log.Warning($"[{packet.Origin.Source}] Could not add digest to replay cache; nothing is opened");
        }

        return false;
    }

    private FirewallGrant? ToFirewall(Grant grant)
    {
        IPAddress? destination = config.UsesDestinationRule ? grant.Packet.Origin.Destination.ToIPAddress() : null;
        if (IPAddress.Any.Equals(destination) || IPAddress.IPv6Any.Equals(destination))
        {
            // No HMAC covers a packet's header: whoever is on its way may write this into it.
            log.Error($"[{grant.Packet.Origin.Source}] ENABLE_DESTINATION_RULE: the packet was sent to {destination}, which is no host; nothing is opened");
            return null;
        }

        return new FirewallGrant(grant.Allow, destination, grant.Ports, grant.Duration);
    }

    private int End(Ending ending)
    {
        if (ending.IsFailure)
        {
            log.Error($"[*] {ending.Reason}");
            commands.CloseAll(CloseTimeout);
            firewall.Abandon();
            log.Error("[*] fwknopd stops after a failure: grants are taken away or time out, what keeps ports shut stays");
            return 1;
        }

        log.Info("Gracefully leaving the fwknopd event loop.");
        log.Warning(ending.Reason);
        log.Info("Shutting Down fwknopd.");
        commands.CloseAll(CloseTimeout);
        return (ending.KeepsGuard ? firewall.Abandon() : firewall.TearDown()) ? 0 : 1;
    }

    /// <summary>Why the loop ends.</summary>
    /// <param name="Reason">For the log.</param>
    /// <param name="IsFailure">Not asked for: the exit status is 1.</param>
    /// <param name="KeepsGuard">Strangers can bring this end about, by sending packets: it must not open what was kept shut.</param>
    private sealed record Ending(string Reason, bool IsFailure, bool KeepsGuard = false);
}
