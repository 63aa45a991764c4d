using Fwknop.Grants;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>What wakes the daemon.</summary>
internal abstract record DaemonEvent
{
    private DaemonEvent()
    {
    }

    /// <summary>A message of the listener.</summary>
    public sealed record Received(ListenerMessage Message) : DaemonEvent;

    /// <summary>The listener is gone or broke the contract.</summary>
    public sealed record ListenerFailed(string Reason) : DaemonEvent;

    /// <summary>SIGTERM or SIGINT.</summary>
    public sealed record StopAsked(string Signal) : DaemonEvent;

    /// <summary>SIGHUP.</summary>
    public sealed record ReloadAsked : DaemonEvent;
}
