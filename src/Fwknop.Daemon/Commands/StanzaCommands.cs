using Fwknop.Configuration.Access;
using Fwknop.Daemon.Expiry;
using Fwknop.Grants;

namespace Fwknop.Daemon.Commands;

/// <summary>All that stanzas run: command messages, command cycles in place of the firewall, and notices of grants. Used from the daemon's thread.</summary>
internal sealed class StanzaCommands(CommandMessages messages, CommandCycles? cycles, Notifications notifications)
{
    /// <summary>When <see cref="RunDue"/> has work, on the monotonic clock.</summary>
    public TimeSpan? NextDue => cycles?.NextDue;

    /// <summary>Runs a command message.</summary>
    public void Run(AccessStanza stanza, CommandRequest request) => messages.Run(stanza, request);

    /// <summary>Runs the cycle of the grant's stanza (server.md 8.2).</summary>
    /// <param name="grant">A grant of a stanza with a cycle.</param>
    /// <param name="now">When.</param>
    public void Open(Grant grant, Moment now)
    {
        CommandCycle cycle = grant.Stanza.Cycle!;
        int seconds = cycle.Seconds(grant.ClientTimeout, grant.Stanza.MaxFwTimeout);
        CommandVariables variables = VariablesOf(grant, seconds, now);
        cycles!.Open(
            new CycleOrder(
                grant.Stanza.Number,
                grant.Packet.Origin.Source,
                grant.Allow,
                variables.Expand(cycle.Open),
                cycle.Close is null ? null : variables.Expand(cycle.Close),
                TimeSpan.FromSeconds(seconds)),
            now);
    }

    /// <summary>Runs NOTIFY_CMD of the grant's stanza, after the ports have been opened.</summary>
    public void Notify(Grant grant, Moment now)
    {
        if (grant.Stanza.NotifyCommand is { } words)
        {
            notifications.Run(grant, new Command(VariablesOf(grant, (int)grant.Duration.TotalSeconds, now).Expand(words)));
        }
    }

    /// <summary>Takes over what an earlier run left open.</summary>
    public void Resume(Moment now) => cycles?.Resume(now);

    /// <summary>Runs the close commands whose time has come.</summary>
    public void RunDue(Moment now) => cycles?.RunDue(now);

    /// <summary>Runs all close commands, at the end of the daemon.</summary>
    /// <returns>False when something is still open.</returns>
    public bool CloseAll(TimeSpan wait) => cycles?.CloseAll(wait) ?? true;

    private static CommandVariables VariablesOf(Grant grant, int seconds, Moment now) => new(
        grant.Allow,
        grant.Packet.Origin.Source.ToIPAddress(),
        grant.Packet.Origin.Destination.ToIPAddress(),
        grant.Ports[0].Port,
        (int)grant.Ports[0].Protocol,
        now.WallClock.ToUnixTimeSeconds() + seconds,
        seconds);
}
