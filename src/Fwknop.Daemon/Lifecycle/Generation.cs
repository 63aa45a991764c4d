using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Control;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Ledger;
using Fwknop.Daemon.Listening;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>
/// One reading of the configuration at work: the daemon's own limits, and the listener that has the keys. Firewall and lock are handed on to the next
/// generation when it needs no other.
/// </summary>
internal sealed class Generation
{
    /// <summary>Tells the listeners apart: 0 for the first, then one more for each.</summary>
    public int Number { get; init; }

    public required ServerConfig Config { get; init; }

    /// <summary>The stanzas; without keys once the listener has them.</summary>
    public required AccessPolicy Policy { get; init; }

    public required IFirewall Firewall { get; init; }

    /// <summary>Null where replays are not detected.</summary>
    public DigestCache? Ledger { get; init; }

    /// <summary>The lock of the PID file.</summary>
    public InstanceLock? Instance { get; init; }

    /// <summary>Where the daemon can be asked, beside the PID file; null when it could not be made.</summary>
    public ControlSocket? Control { get; init; }

    /// <summary>What the listener inherits opened.</summary>
    public PassedCapture? Passed { get; init; }

    public IListener? Listener { get; init; }

    /// <summary>What opens the listener's OpenPGP packets.</summary>
    public Decryptors? Decryptors { get; init; }

    /// <summary>Ends what this generation has to itself. What the other one uses as well goes on.</summary>
    /// <param name="other">The generation that goes on; null when none does.</param>
    public void Release(Generation? other)
    {
        // Before the listener, so that their ends are known to be asked for.
        Decryptors?.TellToEnd();
        Listener?.Dispose();
        Decryptors?.Dispose();
        Policy.Dispose();
        Ledger?.Dispose();
        End(Passed, other?.Passed);
        End(Firewall, other?.Firewall);

        // Before the lock: it is ours only as long as we hold that.
        End(Control, other?.Control);
        End(Instance, other?.Instance);
    }

    private static void End(IDisposable? own, IDisposable? shared)
    {
        if (own != shared)
        {
            own?.Dispose();
        }
    }
}
