using Fwknop.Configuration.Server;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Programs;

namespace Fwknop.Daemon.Enforcement.Ipfw;

/// <summary>The disabled set: rules in it let nobody in, but connections that they have let in live on (ipfw(8), "set").</summary>
internal sealed class IpfwExpireSet(IpfwSettings settings, IpfwProgram program, IFirewallLog log)
{
    private readonly HashSet<int> _numbers = [];
    private TimeSpan? _nextPurge;

    /// <summary>IPFW_EXPIRE_SET_NUM 0: there is none.</summary>
    public bool IsUsed => settings.ExpireSet != 0;

    public string Name => $"set {settings.ExpireSet}";

    /// <summary>When <see cref="Purge"/> has work.</summary>
    public TimeSpan? NextDue => _numbers.Count > 0 ? _nextPurge : null;

    public void Forget()
    {
        _numbers.Clear();
        _nextPurge = null;
    }

    /// <summary>Takes it out of force, and finds the rules that earlier runs have left in it.</summary>
    public bool TryStart(Moment now, out string error)
    {
        if (!TryDisable(out error))
        {
            return false;
        }

        log.Info($"Set ipfw expire {Name} to disabled.");
        ExternalResult listing = program.ListExpired();
        error = listing.Error;
        foreach (ListedRule rule in IpfwListing.Read(listing.Output).Where(rule => rule.IsDisabled && rule.Set == settings.ExpireSet && rule.Epoch is not null))
        {
            Add(rule.Number, now);
        }

        return listing.Succeeded;
    }

    /// <summary>Out of force.</summary>
    public bool TryDisable(out string error)
    {
        ExternalResult result = program.DisableExpireSet();
        error = result.Error;
        return result.Succeeded;
    }

    /// <summary>A rule has been moved here. The first time all that has no connection goes at once, then every IPFW_EXPIRE_PURGE_INTERVAL.</summary>
    public void Add(int number, Moment now)
    {
        _numbers.Add(number);
        _nextPurge ??= now.Monotonic;
    }

    /// <summary>Deletes the rules that no connection holds on to any more.</summary>
    public void Purge(Moment now)
    {
        _nextPurge = now.Monotonic + settings.PurgeInterval;
        ExternalResult listing = program.ListHeld();
        if (!listing.Succeeded)
        {
            Fail($"Could not look for rules of {Name} to purge, trying again: {listing.Error}", listing.Error);
            return;
        }

        if (!IpfwListing.TryReadHeld(listing.Output, out bool isInForce, out IReadOnlySet<int> held))
        {
            Fail("Unexpected error: did not find 'Dynamic rules' string in list output.", "did not find 'Dynamic rules' string in list output");
            return;
        }

        if (isInForce)
        {
            Repair();
        }

        foreach (int number in _numbers.Where(number => !held.Contains(number)).Order().ToArray())
        {
            ExternalResult result = program.DeleteExpired(number);
            if (!result.Succeeded)
            {
                Fail($"Could not purge rule {number} from {Name}, trying again: {result.Error}", result.Error);
                return;
            }

            _numbers.Remove(number);
            log.Info($"Purged rule {number} from {Name}");
        }
    }

    /// <summary>Another program has put it in force, and with it what has expired.</summary>
    public bool Repair()
    {
        log.Warning($"Another program has enabled the {Name}, which has expired rules: disabling it again", FirewallEvents.Repaired());
        bool done = TryDisable(out string error);
        if (!done)
        {
            Fail($"Could not disable the {Name}: {error}", error);
        }

        return done;
    }

    /// <summary>Deletes the rules in it with their connections: another set follows.</summary>
    public void Empty()
    {
        foreach (int number in _numbers)
        {
            program.DeleteExpired(number);
        }

        Forget();
    }

    private void Fail(string text, string error) => log.Error(text, FirewallEvents.Failed(error));
}
