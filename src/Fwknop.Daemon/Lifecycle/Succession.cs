using System.Diagnostics.CodeAnalysis;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>
/// From one generation to the next (SIGHUP). The next listener captures before the present one is told to end, so that no packet is missed; what
/// both see counts once. Whatever goes wrong before that, the present generation goes on as if nothing had been asked.
/// </summary>
internal sealed class Succession(Generation first, IGenerationSource source, DaemonLog log)
{
    /// <summary>How long a listener may take until it captures.</summary>
    public static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(5);

    private readonly List<SeenPacket> _overlap = [];
    private readonly HashSet<ReplayDigest> _overlapDigests = [];
    private Generation? _next;
    private Generation? _previous;
    private bool _isAsked;

    /// <summary>The generation in force.</summary>
    public Generation Present { get; private set; } = first;

    /// <summary>When <see cref="Advance"/> has work though nothing happens, on the monotonic clock.</summary>
    public TimeSpan? NextDue { get; private set; }

    /// <summary>True from the reading of the configuration until the earlier listener has ended.</summary>
    public bool IsUnderWay => _next is not null || _previous is not null;

    /// <summary>The configuration is to be read again; asking often before it is done is asking once.</summary>
    public void Ask() => _isAsked = true;

    /// <summary>The generation whose listener may send packets: the present one, and the one before until its listener has ended.</summary>
    public bool TryFind(int number, [NotNullWhen(true)] out Generation? generation)
    {
        generation = number == Present.Number ? Present : number == _previous?.Number ? _previous : null;
        return generation is not null;
    }

    /// <summary>Begins what was asked for, and gives up on what takes too long.</summary>
    /// <returns>True when a reading has ended, in success or not.</returns>
    public bool Advance(Moment now)
    {
        bool hasEnded = false;
        if (NextDue <= now.Monotonic)
        {
            hasEnded = true;
            if (_next is not null)
            {
                Refuse($"fwknopd-listener was not ready within {StartTimeout.TotalSeconds} seconds");
            }
            else
            {
                Finish();
            }
        }

        if (IsAboutToBegin)
        {
            _isAsked = false;
            _overlapDigests.Clear();
            _overlap.Clear();
            _next = source.TryStartNext(Present);
            NextDue = now.Monotonic + StartTimeout;
            if (_next is null)
            {
                Refuse(reason: null);
                hasEnded = true;
            }
        }

        return hasEnded;
    }

    /// <summary>True when a reading is asked for and <see cref="Advance"/> is about to begin it.</summary>
    public bool IsAboutToBegin => _isAsked && !IsUnderWay;

    /// <summary>Remembers what was recorded while two listeners may see the same packet.</summary>
    public void Recorded(IReadOnlyCollection<SeenPacket> packets)
    {
        _overlap.AddRange(packets);
        _overlapDigests.UnionWith(packets.Select(packet => packet.Digest));
    }

    /// <summary>True for a packet that two listeners may have seen.</summary>
    public bool IsShared(ReplayDigest digest) => _overlapDigests.Contains(digest);

    /// <summary>A listener captures.</summary>
    /// <returns>False when it is not the one that is waited for.</returns>
    public bool TryReceiveReady(int number, Moment now)
    {
        if (_next is not { } next || next.Number != number)
        {
            return false;
        }

        // Its keys are with the listener now.
        next.Policy.Dispose();
        if (!TryTakeOverPackets(next) || !TryTakeOverFirewall(next, now))
        {
            Refuse(reason: null);
            return true;
        }

        log.Info("Re-starting fwknopd", new LogEvent(LogEventKind.DaemonReloaded));
        (_next, _previous, Present) = (null, Present, next);
        source.Establish(next);
        _previous.Listener?.TellToFinish();
        NextDue = now.Monotonic + EndTimeout;
        return true;
    }

    /// <summary>A listener has ended.</summary>
    /// <returns>False when it is the one that is needed; true when its end was awaited, or changes nothing.</returns>
    public bool TryReceiveEnd(DaemonEvent.ListenerFailed end)
    {
        if (end.Generation == Present.Number)
        {
            return false;
        }

        if (end.Generation == _previous?.Number)
        {
            Finish();
        }
        else if (end.Generation == _next?.Number)
        {
            Refuse(end.IsExplained ? null : end.Reason);
        }

        return true;
    }

    /// <summary>Ends everything.</summary>
    public void Release()
    {
        _next?.Release(Present);
        _previous?.Release(Present);
        Present.Release(null);
    }

    /// <summary>Those that were recorded after the next listener was told of the packets seen so far.</summary>
    private bool TryTakeOverPackets(Generation next)
    {
        if (next.Ledger is null || Present.Ledger is null)
        {
            return true;
        }

        if (next.Config.DigestFile == Present.Config.DigestFile)
        {
            next.Ledger.Know(_overlap);
            return true;
        }

        bool done = next.Ledger.TryRecord(_overlap, out string error);
        if (!done)
        {
            log.Error(
                $"[*] {next.Config.DigestFile}: {error}",
                new LogEvent(LogEventKind.LedgerFailed).With(LogField.File, next.Config.DigestFile).With(LogField.Error, error));
        }

        return done;
    }

    /// <summary>The new rules hold all grants before the old ones go.</summary>
    private bool TryTakeOverFirewall(Generation next, Moment now)
    {
        IFirewall present = Present.Firewall;
        if (next.Firewall == present)
        {
            return true;
        }

        try
        {
            next.Firewall.Prepare(now, [.. present.Live]);
            present.GiveWay(next.Firewall);
            Firewalls.TellReady(next.Firewall, log);
            return true;
        }
        catch (FirewallException error)
        {
            log.Error($"[*] {error.Message}", FirewallEvents.Failed(error.Message));
        }

        // What failed may have been in the same place.
        try
        {
            present.Prepare(now, [.. present.Live]);
        }
        catch (FirewallException error)
        {
            log.Error(
                $"[*] The rules that were in force could not be made again: {error.Message}",
                FirewallEvents.Failed(error.Message));
        }

        return false;
    }

    private void Refuse(string? reason)
    {
        if (reason is not null)
        {
            log.Error($"[*] {reason}");
        }

        log.Error("[*] The new configuration is not used: fwknopd goes on with the one it has", new LogEvent(LogEventKind.DaemonReloadFailed));
        _next?.Release(Present);
        _next = null;
        EndOverlap();
    }

    private void Finish()
    {
        _previous?.Release(Present);
        _previous = null;
        EndOverlap();
        log.Info("Starting fwknopd main event loop.", new LogEvent(LogEventKind.DaemonStarted));
    }

    // The digests stay until the next time: a listener may be behind.
    private void EndOverlap()
    {
        NextDue = null;
        _overlap.Clear();
    }
}
