using System.Net;
using Fwknop.Configuration;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Control;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;

namespace Fwknop.Daemon.Granting;

/// <summary>Does what has been allowed, once the packets are recorded: all that is for the firewall in one transaction.</summary>
internal sealed class GrantActions(StanzaCommands commands, NatNames names, DaemonLog log)
{
    /// <summary>Runs the commands, begins to look names up, and opens all that is left together.</summary>
    public void Take(IReadOnlyList<GrantAction> actions, IFirewall firewall, Moment now, DaemonCounters counters)
    {
        List<(GrantAction.OpenPorts Action, List<FirewallGrant> Changes)> openings = [];
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
                case GrantAction.OpenPorts ports when ports.NamesToResolve.Any():
                    Resolve(ports);
                    break;
                case GrantAction.OpenPorts ports:
                    openings.Add((ports, ToFirewall(ports, now)));
                    break;
            }
        }

        if (openings.Exists(opening => opening.Changes.Count > 0))
        {
            Open(openings, firewall, now, counters);
        }
    }

    private void Open(
        List<(GrantAction.OpenPorts Action, List<FirewallGrant> Changes)> openings, IFirewall firewall, Moment now, DaemonCounters counters)
    {
        IReadOnlyList<GrantOutcome> outcomes = firewall.Grant([.. openings.SelectMany(opening => opening.Changes)], now);
        int first = 0;
        foreach ((GrantAction.OpenPorts action, List<FirewallGrant> changes) in openings)
        {
            GrantOutcome[] own = [.. outcomes.Skip(first).Take(changes.Count)];
            FirewallGrant[] open = [.. changes.Where((_, i) => own[i] != GrantOutcome.Failed)];
            bool isNew = own.Contains(GrantOutcome.Added);
            counters.Opened += isNew ? 1 : 0;
            counters.Extended += open.Length > 0 && !isNew ? 1 : 0;
            counters.Failed += open.Length < changes.Count ? 1 : 0;
            if (open.Length > 0)
            {
                Tell(action.Grant, open, isNew, now);
                commands.Notify(action.Config, action.Grant, now);
            }

            first += changes.Count;
        }
    }

    /// <summary>Who it is that has got in: the rule's own line says neither (server.md 14).</summary>
    private void Tell(Grant grant, IReadOnlyList<FirewallGrant> changes, bool isNew, Moment now)
    {
        PortRange[] ports = [.. changes.SelectMany(change => change.Ports)];
        string what = string.Join(',', changes.Select(change => change.Translation?.ToString() is { Length: > 0 } way
            ? $"{string.Join(',', change.Ports)} (to {way})"
            : string.Join(',', change.Ports)));
        string name = grant.Stanza.Name is { } given ? $" {given}" : "";
        string line = LogLine.Clean(
            $"[{grant.Packet.Origin.Source}] (stanza #{grant.Stanza.Number}{name}) Granted {what} "
            + $"for {NetworkText.Of(grant.Network)} to user '{grant.Username}' for {grant.Duration.TotalSeconds:0} seconds");
        LogEvent about = new LogEvent(isNew ? LogEventKind.GrantOpened : LogEventKind.GrantExtended)
            .With(LogField.Source, grant.Packet.Origin.Source)
            .With(grant.Stanza)
            .With(LogField.User, grant.Username.ToString())
            .With(LogField.Allow, NetworkText.Of(grant.Network))
            .With(LogField.Ports, ports)
            .With(LogField.Seconds, (long)grant.Duration.TotalSeconds)
            .With(LogField.Expires, LogField.TimeText((now.WallClock + grant.Duration).ToUnixTimeSeconds()));
        log.Info(line, about);
    }

    private void Resolve(GrantAction.OpenPorts action)
    {
        if (!names.TryResolve(action))
        {
            log.Warning(
                $"[{action.Grant.Packet.Origin.Source}] Too many host names are being looked up; nothing is opened", Refused(action.Grant, "nat"));
        }
    }

    /// <summary>One change for each way; none where it is not known where to.</summary>
    private List<FirewallGrant> ToFirewall(GrantAction.OpenPorts action, Moment now)
    {
        (ServerConfig config, Grant grant) = (action.Config, action.Grant);
        IPAddress? destination = config.UsesDestinationRule ? grant.Packet.Origin.Destination.ToIPAddress() : null;
        if (AnyAddress.Is(destination))
        {
            // No HMAC covers a packet's header: whoever is on its way may write this into it.
            log.Error(
                $"[{grant.Packet.Origin.Source}] ENABLE_DESTINATION_RULE: the packet was sent to {destination}, which is no host; nothing is opened",
                Refused(grant, "destination"));
            return [];
        }

        List<FirewallGrant> changes = [];
        foreach (GrantPart part in grant.Parts)
        {
            if (TryFindWay(action, part, out Translation? translation))
            {
                changes.Add(new FirewallGrant(grant.Network, destination, part.Ports, grant.Duration, translation)
                {
                    Holder = GrantHolder.Of(grant, now.WallClock),
                });
            }
        }

        SayWhatIsLeftOut(grant);
        return changes;
    }

    private bool TryFindWay(GrantAction.OpenPorts action, GrantPart part, out Translation? translation)
    {
        Grant grant = action.Grant;
        translation = null;
        if (part.Route is not { } route)
        {
            return true;
        }

        if (route.Name is { } name)
        {
            string source = $"[{grant.Packet.Origin.Source}]";
            if (action.Addresses?.GetValueOrDefault(name) is not { } address)
            {
                log.Info($"{source} Unable to resolve Hostname in NAT SPA message: {name}", Refused(grant, "nat"));
                return false;
            }

            log.Info($"{source} Resolved NAT IP in SPA message: {name} is {address}");
            route = route.To(address);
        }

        bool isHere = GrantTranslation.IsOfThisHost(route.Address);
        GrantRefusal refusal = GrantTranslation.TryMake(
            grant.Stanza, route, isHere, part.Ports[0].Protocol, grant.Allow.AddressFamily, action.Config.Nat, out translation);
        SayWhyNot(grant, route, refusal);
        return refusal == GrantRefusal.None;
    }

    /// <summary>What the listener could not know, for it has neither the addresses of names nor those of this host: in the words that it would have used.</summary>
    private void SayWhyNot(Grant grant, NatRoute route, GrantRefusal refusal)
    {
        string prefix = LogLine.Prefix(grant.Packet.Origin.Source, grant.Stanza.Number);
        switch (refusal)
        {
            case GrantRefusal.None:
                break;
            case GrantRefusal.NatAddressInvalid:
                log.Info($"{prefix} Invalid NAT IP in SPA message", Refused(grant, "nat"));
                break;
            case GrantRefusal.NatDisabled:
                log.Warning($"{prefix} requested NAT access to {route}, a port of this host, but ENABLE_IPT_LOCAL_NAT is not set", Refused(grant, "nat"));
                break;
            case GrantRefusal.NatTargetDenied:
                log.Warning($"{prefix} Requested NAT destination was denied per access.conf.", Refused(grant, "nat"));
                break;
            default:
                log.Warning($"{prefix} One or more requested protocol/ports was denied per access.conf.", Refused(grant, "port"));
                break;
        }
    }

    /// <summary>As in the reference, but said (server.md 13, Q26). With FORWARD_ALL nothing is left out: all ports are open.</summary>
    private void SayWhatIsLeftOut(Grant grant)
    {
        PortRange[] left = [.. grant.Ports.Distinct().Except(grant.Parts.SelectMany(part => part.Ports))];
        if (left.Length > 0 && !grant.Stanza.Nat.ForwardsAll)
        {
            log.Warning(
                $"{LogLine.Prefix(grant.Packet.Origin.Source, grant.Stanza.Number)} Only the first port that leads to the same place is forwarded; not opened: {string.Join<PortRange>(',', left)}");
        }
    }

    private static LogEvent Refused(Grant grant, string reason) => new LogEvent(LogEventKind.PacketRefused)
        .With(LogField.Source, grant.Packet.Origin.Source).With(LogField.Reason, reason).With(grant.Stanza);
}
