using Fwknop.Daemon.Programs;

namespace Fwknop.Daemon.Enforcement.Firewalld;

/// <summary>The rich rules of ours in a zone of firewalld.</summary>
internal sealed class ZoneRules(ZoneSettings settings, IFirewallLog log)
{
    private readonly FirewallCmd _command = new(settings.Executable, settings.Timeout, log);

    /// <summary>Its name; for the default zone "default" before <see cref="Open"/>.</summary>
    public string Zone { get; private set; } = settings.Zone ?? "default";

    /// <summary>Finds the zone, and what of ours is in it.</summary>
    /// <exception cref="FirewallException">firewalld does not answer, or there is no such zone.</exception>
    public HashSet<RichRule> Open()
    {
        string error = "";
        if (settings.Zone is null)
        {
            if (!_command.TryFindDefaultZone(out string zone, out error))
            {
                throw Unusable(error);
            }

            Zone = zone;
        }

        return TryList(out HashSet<RichRule> present, out error) ? present : throw Unusable(error);
    }

    public static FirewallException Unusable(string error) => new($"firewalld cannot be used: {error}");

    /// <summary>True when two run the same program for the same zone.</summary>
    public bool IsAt(ZoneRules other) => Zone == other.Zone && settings.Executable == other.Executable;

    public bool TryList(out HashSet<RichRule> present, out string error)
    {
        bool done = _command.TryList(Zone, permanent: false, out IReadOnlyList<string> lines, out error);
        present = [.. Own(lines)];
        return done;
    }

    /// <summary>See <see cref="FirewallCmd.TryAdd"/>.</summary>
    public bool TryAdd(IEnumerable<KeyValuePair<RichRule, int>> rules, out string error) => _command.TryAdd(Zone, rules, out error);

    /// <summary>Removes rules; those that are not there count as removed.</summary>
    public bool TryRemove(IEnumerable<RichRule> rules, out string error) =>
        _command.TryRemove(Zone, permanent: false, rules.Select(rule => rule.ToString()), out error);

    /// <summary>Removes rules and makes sure of it. Null, or why some are there.</summary>
    public string? WhyNotRemoved(HashSet<RichRule> rules)
    {
        if (!TryRemove(rules, out string error) || !TryList(out HashSet<RichRule> present, out error))
        {
            return error;
        }

        return rules.FirstOrDefault(present.Contains) is { } left ? $"firewalld has not removed '{left}'" : null;
    }

    /// <summary>
    /// What <c>firewall-cmd --runtime-to-permanent</c> has made of rules of ours: without an end, and back after each <c>--reload</c>.
    /// </summary>
    public void RemovePermanent()
    {
        RichRule[] found = _command.TryList(Zone, permanent: true, out IReadOnlyList<string> lines, out string error) ? [.. Own(lines)] : [];
        if (found.Length == 0 && error.Length == 0)
        {
            return;
        }

        if (error.Length == 0 && _command.TryRemove(Zone, permanent: true, found.Select(rule => rule.ToString()), out error))
        {
            log.Warning(
                $"Removed {found.Length} rules of fwknopd from the permanent configuration of {Zone}, where they had no end (firewall-cmd --runtime-to-permanent)",
                FirewallEvents.Repaired());
        }
        else
        {
            log.Error($"Could not see to the permanent configuration of {Zone}: {error}", FirewallEvents.Failed(error));
        }
    }

    /// <summary>Removes all of them, also what has become permanent; the log says what could not be.</summary>
    public bool TryFlush()
    {
        RemovePermanent();
        string? failure = TryList(out HashSet<RichRule> present, out string error) ? WhyNotRemoved(present) : error;
        if (failure is not null)
        {
            log.Error($"Could not remove the rules of fwknopd from {Zone}: {failure}", FirewallEvents.Failed(failure));
        }

        return failure is null;
    }

    /// <summary>In a zone that nothing is in, grants open nothing.</summary>
    public void WarnOfInactiveZone()
    {
        if (_command.TryListActiveZones(out IReadOnlySet<string> active, out _) && !active.Contains(Zone)
            && _command.TryFindDefaultZone(out string standard, out _) && standard != Zone)
        {
            log.Warning($"No interface and no source is in zone {Zone} of firewalld: what is granted there opens nothing");
        }
    }

    /// <summary>Shows all of the zone in the program's own words.</summary>
    public ExternalResult Show() => _command.Show(Zone);

    private string Executable => settings.Executable;

    private IEnumerable<RichRule> Own(IEnumerable<string> lines) =>
        lines.Select(line => RichRule.TryParse(line, settings.FirstPriority, out RichRule? rule) ? rule : null).OfType<RichRule>();
}
