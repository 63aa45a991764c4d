using System.Net;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Control;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;

namespace Fwknop.Daemon.Granting;

/// <summary>Does what has been allowed, once the packets are recorded: all that is for the firewall in one transaction.</summary>
internal sealed class GrantActions(StanzaCommands commands, DaemonLog log)
{
    /// <summary>Does all of it.</summary>
    public void Take(IReadOnlyList<GrantAction> actions, IFirewall firewall, Moment now, DaemonCounters counters)
    {
        List<(GrantAction.OpenPorts Action, FirewallGrant Change)> changes = [];
        foreach (GrantAction action in actions)
        {
            switch (action)
            {
                case GrantAction.RunCommand command:
                    counters.Commands++;
                    commands.Run(command.Config, command.Stanza, command.Request);
                    break;
                case GrantAction.OpenPorts { Grant.Stanza.Cycle: not null } cycle:
                    counters.Commands++;
                    commands.Open(cycle.Config, cycle.Grant, now);
                    break;
                case GrantAction.OpenPorts ports when ToFirewall(ports.Config, ports.Grant, now) is { } change:
                    changes.Add((ports, change));
                    break;
            }
        }

        if (changes.Count == 0)
        {
            return;
        }

        IReadOnlyList<GrantOutcome> outcomes = firewall.Grant([.. changes.Select(change => change.Change)], now);
        counters.Opened += outcomes.Count(outcome => outcome == GrantOutcome.Added);
        counters.Extended += outcomes.Count(outcome => outcome == GrantOutcome.Extended);
        counters.Failed += outcomes.Count(outcome => outcome == GrantOutcome.Failed);
        for (int i = 0; i < changes.Count; i++)
        {
            if (outcomes[i] != GrantOutcome.Failed)
            {
                Tell(changes[i].Action.Grant, outcomes[i], now);
                commands.Notify(changes[i].Action.Config, changes[i].Action.Grant, now);
            }
        }
    }

    /// <summary>Who it is that has got in: the rule's own line says neither (server.md 14).</summary>
    private void Tell(Grant grant, GrantOutcome outcome, Moment now)
    {
        string name = grant.Stanza.Name is { } given ? $" {given}" : "";
        string line = LogLine.Clean(
            $"[{grant.Packet.Origin.Source}] (stanza #{grant.Stanza.Number}{name}) Granted {string.Join(',', grant.Ports)} "
            + $"for {NetworkText.Of(grant.Network)} to user '{grant.Username}' for {grant.Duration.TotalSeconds:0} seconds");
        LogEvent about = new LogEvent(outcome == GrantOutcome.Extended ? LogEventKind.GrantExtended : LogEventKind.GrantOpened)
            .With(LogField.Source, grant.Packet.Origin.Source)
            .With(grant.Stanza)
            .With(LogField.User, grant.Username.ToString())
            .With(LogField.Allow, NetworkText.Of(grant.Network))
            .With(LogField.Ports, grant.Ports)
            .With(LogField.Seconds, (long)grant.Duration.TotalSeconds)
            .With(LogField.Expires, LogField.TimeText((now.WallClock + grant.Duration).ToUnixTimeSeconds()));
        log.Info(line, about);
    }

    private FirewallGrant? ToFirewall(ServerConfig config, Grant grant, Moment now)
    {
        IPAddress? destination = config.UsesDestinationRule ? grant.Packet.Origin.Destination.ToIPAddress() : null;
        if (IPAddress.Any.Equals(destination) || IPAddress.IPv6Any.Equals(destination))
        {
            // No HMAC covers a packet's header: whoever is on its way may write this into it.
            LogEvent about = new LogEvent(LogEventKind.PacketRefused)
                .With(LogField.Source, grant.Packet.Origin.Source).With(LogField.Reason, "destination").With(grant.Stanza);
            log.Error(
                $"[{grant.Packet.Origin.Source}] ENABLE_DESTINATION_RULE: the packet was sent to {destination}, which is no host; nothing is opened",
                about);
            return null;
        }

        return new FirewallGrant(grant.Network, destination, grant.Ports, grant.Duration) { Holder = GrantHolder.Of(grant, now.WallClock) };
    }
}
