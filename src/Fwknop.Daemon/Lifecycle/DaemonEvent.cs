using Fwknop.Daemon.Control;
using Fwknop.Daemon.Granting;
using Fwknop.Grants;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>What wakes the daemon.</summary>
internal abstract record DaemonEvent
{
    private DaemonEvent()
    {
    }

    /// <summary>A message of a listener.</summary>
    /// <param name="Message">The message.</param>
    /// <param name="Generation">Whose listener (<see cref="Lifecycle.Generation.Number"/>).</param>
    public sealed record Received(ListenerMessage Message, int Generation = 0) : DaemonEvent;

    /// <summary>A listener is gone or broke the contract.</summary>
    /// <param name="Reason">For the log.</param>
    /// <param name="IsExplained">True when the listener itself has written why it ended.</param>
    /// <param name="Generation">Whose listener.</param>
    public sealed record ListenerFailed(string Reason, bool IsExplained = false, int Generation = 0) : DaemonEvent;

    /// <summary>A signal that ends the daemon.</summary>
    /// <param name="Line">The log line about it (server.md 10).</param>
    public sealed record StopAsked(string Line) : DaemonEvent;

    /// <summary>A command of a stanza has ended, or was given up.</summary>
    /// <param name="Settle">What is to be done about it, on the daemon's thread.</param>
    public sealed record CommandEnded(Action Settle) : DaemonEvent;

    /// <summary>The hosts that a grant is forwarded to have been looked up.</summary>
    /// <param name="Action">The grant, whose packet is recorded.</param>
    public sealed record NamesResolved(GrantAction.OpenPorts Action) : DaemonEvent;

    /// <summary>Somebody asks by the control socket.</summary>
    /// <param name="Request">What.</param>
    /// <param name="UserId">Who.</param>
    /// <param name="Answer">Takes the answer, without waiting.</param>
    public sealed record ControlAsked(ControlRequest Request, uint UserId, Action<ControlAnswer> Answer) : DaemonEvent;

    /// <summary>Somebody has changed nftables rules.</summary>
    /// <param name="Take">To be called before the rules are looked at: changes after that are told again.</param>
    public sealed record RulesetChanged(Action Take) : DaemonEvent;

    /// <summary>SIGHUP.</summary>
    public sealed record ReloadAsked : DaemonEvent;
}
