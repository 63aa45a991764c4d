using Fwknop.Configuration;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;

namespace Fwknop.Daemon.Control;

/// <summary>Answers what comes in by the control socket. Used from the daemon's thread, which makes and ends grants as well: nothing happens in between.</summary>
/// <param name="commands">What is open by commands.</param>
/// <param name="log">The log.</param>
internal sealed class ControlDesk(StanzaCommands commands, DaemonLog log)
{
    /// <summary>What has been counted since the daemon's start.</summary>
    public DaemonCounters Counters { get; } = new();

    /// <summary>Answers a request.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="userId">Who asks, for the log.</param>
    /// <param name="firewall">The firewall in force.</param>
    /// <param name="now">When.</param>
    public ControlAnswer Answer(ControlRequest request, uint userId, IFirewall firewall, Moment now) => request switch
    {
        ControlRequest.Revoke revoke => Revoke(revoke, userId, firewall, now),
        ControlRequest.Status => StatusOf(firewall, now),
        _ => new ControlAnswer.Grants([.. Open(firewall, now).OrderBy(grant => grant.Remaining)]),
    };

    private ControlAnswer.Status StatusOf(IFirewall firewall, Moment now) =>
        new(ProgramVersion.Text, Counters.Since, firewall.Description, Open(firewall, now).Count(), Counters.All);

    private ControlAnswer Revoke(ControlRequest.Revoke revoke, uint userId, IFirewall firewall, Moment now)
    {
        Dictionary<GrantKey, OpenGrant> wanted = firewall.Live
            .Where(grant => grant.End.Due > now.Monotonic && revoke.Grants.Matches(grant.Key.Source, grant.Key.Ports))
            .ToDictionary(grant => grant.Key, grant => ByFirewall(grant.Key, grant.End, firewall, now));
        KeyValuePair<PendingClose, TimeSpan>[] closes =
            [.. commands.Waiting.Where(close => revoke.Grants.Matches(NetworkText.HostOf(close.Key.Allow), PortsOf(close.Key)))];
        string? failure = wanted.Count == 0 ? null : firewall.Revoke(wanted.Keys, now);
        HashSet<GrantKey> left = failure is null ? [] : [.. firewall.Live.Select(grant => grant.Key)];
        OpenGrant[] revoked = [.. wanted.Where(grant => !left.Contains(grant.Key)).Select(grant => grant.Value), .. closes.Select(close => ByCommand(close.Key, close.Value, now))];
        foreach (OpenGrant grant in revoked)
        {
            string line = $"[{NetworkText.Of(grant.Addresses)}] Revoked {grant}, as user id {userId} asked by the control socket";
            log.Info(LogLine.Clean(line), About(grant, userId));
        }

        commands.Close(closes.Select(close => close.Key));
        Counters.Revoked += revoked.Length;
        if (failure is not null)
        {
            log.Error($"Could not revoke the grants of {revoke.Grants}: {failure}", FirewallEvents.Failed(failure));
        }

        return new ControlAnswer.Revocation(revoked) { Problems = failure is null ? [] : [$"the firewall could not be changed: {failure}"] };
    }

    private IEnumerable<OpenGrant> Open(IFirewall firewall, Moment now) => firewall.Live
        .Where(grant => grant.End.Due > now.Monotonic)
        .Select(grant => ByFirewall(grant.Key, grant.End, firewall, now))
        .Concat(commands.Waiting.Select(close => ByCommand(close.Key, close.Value, now)))
        .Concat(commands.Closing.Select(close => ByCommand(close, now.Monotonic, now)));

    private static OpenGrant ByFirewall(GrantKey key, GrantEnd end, IFirewall firewall, Moment now) =>
        new(key.Source, key.Ports, key.Destination, end.Holder?.Stanza, end.Holder, end.Epoch, end.Due - now.Monotonic, firewall.Name)
        {
            Forward = OpenGrant.ForwardOf(key.Translation),
        };

    private static LogEvent About(OpenGrant grant, uint userId)
    {
        LogEvent about = new(LogEventKind.GrantRevoked);
        if (grant.Stanza is { } stanza)
        {
            about.With(LogField.Stanza, stanza);
        }

        return about
            .With(LogField.StanzaName, grant.Holder?.StanzaName)
            .With(LogField.User, grant.Holder?.User)
            .With(LogField.Allow, NetworkText.Of(grant.Addresses))
            .With(LogField.Destination, grant.Destination)
            .With(LogField.Ports, grant.Ports is { } ports ? [ports] : Array.Empty<PortRange>())
            .With(LogField.Uid, userId);
    }

    private static PortRange? PortsOf(PendingClose close) => close.Port is { } port ? PortRange.Of(port) : null;

    private static OpenGrant ByCommand(PendingClose close, TimeSpan due, Moment now)
    {
        TimeSpan remaining = due > now.Monotonic ? due - now.Monotonic : TimeSpan.Zero;
        long until = (now.WallClock + remaining).ToUnixTimeSeconds();
        return new(NetworkText.HostOf(close.Allow), PortsOf(close), null, close.Stanza, close.Holder, until, remaining, "command") { State = close.State };
    }
}
