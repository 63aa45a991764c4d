using System.Text.RegularExpressions;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Expiry;
using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>
/// Grants as rules with <c>_exp_</c> comments in a chain of our own, for IPv4 and IPv6, as fwknop makes them (server.md 9.2);
/// but changed in batches through iptables-restore, which does all of a batch or nothing.
/// </summary>
internal sealed partial class IptablesFirewall : IFirewall
{
    /// <summary>Our choice: a removal that failed is tried again after this, then after twice as long, and so on.</summary>
    internal static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private readonly IptablesSettings _settings;
    private readonly IFirewallLog _log;
    private readonly GrantBook _book = new();
    private readonly IptablesFamily[] _families;

    public IptablesFirewall(IptablesSettings settings, IFirewallLog log)
    {
        ChainSpec chain = settings.Input;
        if (!(ChainName().IsMatch(chain.Target) && ChainName().IsMatch(chain.Table) && ChainName().IsMatch(chain.FromChain) && ChainName().IsMatch(chain.ToChain)))
        {
            throw new ArgumentException("Chain names are letters, digits and underscores.", nameof(settings));
        }

        _settings = settings;
        _log = log;
        _families = IptablesPrograms.TryFind(settings.Executable, ipv6: false, out IptablesPrograms? iptables)
            && IptablesPrograms.TryFind(settings.Executable, ipv6: true, out IptablesPrograms? ip6tables)
                ? [new(ipv6: false, new IptablesChain(iptables, settings, log)), new(ipv6: true, new IptablesChain(ip6tables, settings, log))]
                : [];
    }

    public string Name => "iptables";

    public string Description => $"iptables, chain {_settings.Input.ToChain} of {_settings.Input.FromChain}";

    public TimeSpan? NextDue => _families.Select(family => family.NextScan).Append(_book.NextDue).Min();

    public IEnumerable<KeyValuePair<GrantKey, GrantEnd>> Live => _book.Live;

    public void Prepare(Moment now, IReadOnlyCollection<KeyValuePair<GrantKey, GrantEnd>> carried)
    {
        RequirePrograms();
        _book.Clear();
        foreach (IptablesFamily family in _families)
        {
            if (TryPrepare(family, now, out string error) && TryCarry(family, carried, now, out error))
            {
                continue;
            }

            family.IsUsable = false;
            family.Chain.TryRemove(out _);
            if (!family.IsIPv6)
            {
                throw new FirewallException($"iptables cannot be used: {error}");
            }

            _log.Warning($"ip6tables cannot be used, IPv6 stays shut: {error}", Failed(error));
        }

        if (_settings.CheckComment)
        {
            _log.Info("iptables 'comment' match is available");
        }
    }

    public IReadOnlyList<GrantOutcome> Grant(IReadOnlyList<FirewallGrant> batch, Moment now)
    {
        GrantPlan plan = _book.Plan(batch, now, Refuse);
        string?[] failures = [null, null];
        foreach (IptablesFamily family in _families)
        {
            IReadOnlyList<GrantChange> changes = plan.ChangesOf(family.IsIPv6);
            if (changes.Count == 0)
            {
                continue;
            }

            string? failure = Apply(family, changes);
            failures[family.IsIPv6 ? 1 : 0] = failure;
            if (failure is null)
            {
                _book.Commit(changes);
            }
        }

        return plan.Report(ipv6 => failures[ipv6 ? 1 : 0], _settings.Input.ToChain, _log);
    }

    public int Expire(Moment now)
    {
        int ended = 0;
        IReadOnlyList<KeyValuePair<GrantKey, GrantEnd>> due = _book.TakeDue(now);
        foreach (IptablesFamily family in _families)
        {
            Dictionary<GrantKey, GrantEnd> own = new(due.Where(grant => grant.Key.IsIPv6 == family.IsIPv6));
            if (own.Count == 0 && !(family.NextScan <= now.Monotonic))
            {
                continue;
            }

            if (TryRemoveDue(family, own, now, out string error) || TryRemoveDue(family, own, now, out error))
            {
                family.RetryDelay = FirstRetry;
                ended += own.Count;
                continue;
            }

            _log.Error($"Could not remove expired rules from {_settings.Input.ToChain}, trying again: {error}", Failed(error));
            Postpone(family, own, now);
        }

        return ended;
    }

    public string? Revoke(IReadOnlyCollection<GrantKey> keys, Moment now)
    {
        List<string> failures = [];
        foreach (IptablesFamily family in _families)
        {
            HashSet<GrantKey> own = [.. keys.Where(key => key.IsIPv6 == family.IsIPv6)];
            if (own.Count == 0)
            {
                continue;
            }

            // Another program may change the chain between being listed and being changed: then once more.
            if (TryRemove(family, own, out string error) || TryRemove(family, own, out error))
            {
                _book.Remove(own);
            }
            else
            {
                failures.Add(error);
            }
        }

        return failures.Count == 0 ? null : string.Join("; ", failures);
    }

    public bool TearDown()
    {
        if (_settings.FlushAtExit)
        {
            return Abandon();
        }

        if (_book.Count > 0)
        {
            _log.Warning($"FLUSH_IPT_AT_EXIT N: {_book.Count} rules stay in {_settings.Input.ToChain} until fwknopd runs again");
        }

        return true;
    }

    /// <summary>iptables has no timeouts: whatever is open now would stay open, so all of it goes.</summary>
    public bool Abandon()
    {
        bool removed = true;
        foreach (IptablesFamily family in _families.Where(family => family.IsUsable))
        {
            removed &= TryRemoveChain(family);

            family.NextScan = null;
        }

        _book.Clear();
        return removed;
    }

    public void GiveWay(IFirewall successor)
    {
        _book.Clear();
        IptablesSettings? kept = (successor as IptablesFirewall)?._settings;
        bool isSamePlace = kept is not null && kept.Executable == _settings.Executable
            && (kept.Input.Table, kept.Input.ToChain) == (_settings.Input.Table, _settings.Input.ToChain);
        foreach (IptablesFamily family in _families.Where(family => family.IsUsable))
        {
            if (isSamePlace && kept!.Input.FromChain == _settings.Input.FromChain)
            {
                continue;
            }

            if (!(isSamePlace ? family.Chain.TryRemoveJumps(out string error) : family.Chain.TryRemove(out error)))
            {
                _log.Error($"Could not remove the chain {_settings.Input.ToChain}, which is not used any more: {error}", Failed(error));
            }
        }
    }

    public bool Flush()
    {
        RequirePrograms();
        bool removed = true;
        foreach (IptablesFamily family in _families)
        {
            removed &= TryRemoveChain(family);
        }

        return removed;
    }

    public void List(TextWriter output, bool all)
    {
        RequirePrograms();
        output.Write(all ? "Listing all iptables rules in applicable tables...\n" : "Listing rules in fwknopd iptables chains...\n");
        foreach (IptablesFamily family in _families)
        {
            output.Write('\n');
            if (family.Chain.TryShow(all, out string listing, out string error))
            {
                output.Write(listing);
            }
            else
            {
                _log.Error(error);
            }
        }
    }

    public void Dispose()
    {
    }

    private void RequirePrograms()
    {
        if (_families.Length == 0)
        {
            throw new FirewallException($"FIREWALL_EXE must be the absolute path of iptables, and not '{_settings.Executable}'");
        }
    }

    /// <summary>Adds the grants of the back end that this one follows.</summary>
    private bool TryCarry(
        IptablesFamily family, IReadOnlyCollection<KeyValuePair<GrantKey, GrantEnd>> carried, Moment now, out string error)
    {
        IptablesScript script = family.Chain.NewScript();
        KeyValuePair<GrantKey, GrantEnd>[] missing = [.. carried.Where(grant =>
            grant.Key.IsIPv6 == family.IsIPv6 && grant.Value.Due > now.Monotonic && !_book.TryGet(grant.Key, out _))];
        foreach ((GrantKey key, GrantEnd end) in missing)
        {
            script.Add(key, end.Epoch, _settings.Prepend);
        }

        bool done = family.Chain.TryCommit(script, out error);
        foreach ((GrantKey key, GrantEnd end) in done ? missing : [])
        {
            _book.Add(key, end);
        }

        return done;
    }

    private string? Refuse(FirewallGrant grant) =>
        _families.Any(family => family.IsUsable && family.IsIPv6 == grant.IsIPv6)
            ? null
            : $"{(grant.IsIPv6 ? "ip6tables" : "iptables")} cannot be used here";

    private bool TryPrepare(IptablesFamily family, Moment now, out string error)
    {
        family.NextScan = null;
        family.IsUsable = family.Chain.TryList(out IptablesListing present, out error)
            && TryEstablish(family, present, out error)
            && (_settings.FlushAtInit || TryAdopt(family, present, now, out error));
        return family.IsUsable;
    }

    private bool TryEstablish(IptablesFamily family, IptablesListing present, out string error)
    {
        bool done = family.Chain.TryEstablish(present, keepRules: !_settings.FlushAtInit, out bool addedJump, out error);
        if (done && addedJump)
        {
            AnnounceJump();
        }

        return done;
    }

    private bool TryRemoveChain(IptablesFamily family)
    {
        bool removed = family.Chain.TryRemove(out string error);
        if (!removed)
        {
            _log.Error($"Could not remove the chain {_settings.Input.ToChain}: {error}", Failed(error));
        }

        return removed;
    }

    private static LogEvent Failed(string error) => new LogEvent(LogEventKind.FirewallFailed).With(LogField.Error, error);

    private void AnnounceJump() =>
        _log.Info($"Added jump rule from chain: {_settings.Input.FromChain} to chain: {_settings.Input.ToChain}");

    /// <summary>Takes over the rules of an earlier run; those whose time was up meanwhile go at once.</summary>
    private bool TryAdopt(IptablesFamily family, IptablesListing present, Moment now, out string error)
    {
        int before = _book.Count;
        foreach (ListedRule rule in present.Rules)
        {
            TimeSpan left = TimeLeft(rule, now);
            if (rule.Key is not null && left > TimeSpan.Zero)
            {
                _book.Add(rule.Key, new GrantEnd(now.Monotonic + left, rule.Epoch));
            }
        }

        if (_book.Count > before)
        {
            _log.Info($"Kept {_book.Count - before} grants of an earlier run");
        }

        return TryRemoveDue(family, [], now, out error);
    }

    /// <summary>Null, or why nothing was opened.</summary>
    private string? Apply(IptablesFamily family, IReadOnlyList<GrantChange> changes)
    {
        IptablesScript script = family.Chain.NewScript();
        foreach (GrantChange change in changes.Where(change => change.Before?.Epoch != change.After.Epoch))
        {
            if (change.Before is GrantEnd before)
            {
                script.Delete(change.Key, before.Epoch);
            }

            script.Add(change.Key, change.After.Epoch, _settings.Prepend);
        }

        // The jump is looked for afterwards: the door opens sooner, and it is not announced before it is certain.
        return family.Chain.TryCommit(script, out _) && family.Chain.HasJump() ? null : Heal(family, changes);
    }

    /// <summary>
    /// Something is not as we left it. Whoever emptied or removed the chain or the jump did not mean to shut out those
    /// who have been granted, so all of them come back; a single rule that was deleted by hand does not.
    /// </summary>
    private string? Heal(IptablesFamily family, IReadOnlyList<GrantChange> changes)
    {
        if (!family.Chain.TryList(out IptablesListing present, out string error))
        {
            return error;
        }

        Dictionary<GrantKey, long> wanted = [];
        if (!present.HasChain || present.Jumps == 0)
        {
            _log.Warning(
                $"Another program has removed the chain {_settings.Input.ToChain} or the jump to it: making it again", new LogEvent(LogEventKind.FirewallRepaired));
            foreach ((GrantKey key, GrantEnd end) in _book.Live.Where(grant => grant.Key.IsIPv6 == family.IsIPv6))
            {
                wanted[key] = end.Epoch;
            }
        }

        foreach (GrantChange change in changes)
        {
            wanted[change.Key] = change.After.Epoch;
        }

        if (!family.Chain.TryCommit(Difference(family, present, wanted), out error))
        {
            return error;
        }

        if (!family.Chain.HasJump())
        {
            return $"the jump to {_settings.Input.ToChain} was removed again by another program";
        }

        if (present.Jumps == 0)
        {
            AnnounceJump();
        }

        return null;
    }

    private IptablesScript Difference(IptablesFamily family, IptablesListing present, Dictionary<GrantKey, long> wanted)
    {
        IptablesScript script = family.Chain.NewScript();
        if (!present.HasChain)
        {
            script.MakeChain();
        }

        HashSet<GrantKey> there = [];
        foreach (ListedRule rule in present.Rules.Where(rule => rule.Key is not null && wanted.ContainsKey(rule.Key)))
        {
            if (wanted[rule.Key!] != rule.Epoch || !there.Add(rule.Key!))
            {
                script.Delete(rule);
            }
        }

        foreach ((GrantKey key, long epoch) in wanted.Where(grant => !there.Contains(grant.Key)))
        {
            script.Add(key, epoch, _settings.Prepend);
        }

        if (present.Jumps == 0)
        {
            script.AddJump();
        }

        return script;
    }

    private static bool TryRemove(IptablesFamily family, HashSet<GrantKey> keys, out string error)
    {
        if (!family.Chain.TryList(out IptablesListing present, out error))
        {
            return false;
        }

        IptablesScript script = family.Chain.NewScript();
        foreach (ListedRule rule in present.Rules.Where(rule => rule.Key is not null && keys.Contains(rule.Key)))
        {
            script.Delete(rule);
        }

        return family.Chain.TryCommit(script, out error);
    }

    /// <summary>
    /// Removes our due grants and every other rule whose time is up, in one transaction. Whether one of ours is due is
    /// decided by its deadline; the date in its comment counts only for rules of others.
    /// </summary>
    private bool TryRemoveDue(IptablesFamily family, Dictionary<GrantKey, GrantEnd> own, Moment now, out string error)
    {
        if (!family.Chain.TryList(out IptablesListing present, out error))
        {
            return false;
        }

        IptablesScript script = family.Chain.NewScript();
        List<ListedRule> due = [];
        TimeSpan? next = null;
        foreach (ListedRule rule in present.Rules)
        {
            bool live = rule.Key is not null && _book.TryGet(rule.Key, out GrantEnd end) && end.Epoch == rule.Epoch;
            if (live)
            {
                continue;
            }

            TimeSpan left = TimeLeft(rule, now);
            if (left <= TimeSpan.Zero || (rule.Key is not null && own.TryGetValue(rule.Key, out GrantEnd ended) && ended.Epoch == rule.Epoch))
            {
                due.Add(rule);
                script.Delete(rule);
            }
            else
            {
                next = next is TimeSpan earlier && earlier < now.Monotonic + left ? earlier : now.Monotonic + left;
            }
        }

        if (!family.Chain.TryCommit(script, out error))
        {
            return false;
        }

        family.NextScan = next;
        foreach (ListedRule rule in due)
        {
            _log.Info(
                $"Removed rule {rule.Number} from {_settings.Input.ToChain} with expire time of {rule.Epoch}",
                rule.Key?.About(LogEventKind.GrantClosed, _settings.Input.ToChain, rule.Epoch));
        }

        return true;
    }

    /// <summary>What could not be removed is remembered as open, and due again after a while.</summary>
    private void Postpone(IptablesFamily family, Dictionary<GrantKey, GrantEnd> own, Moment now)
    {
        TimeSpan again = now.Monotonic + family.RetryDelay;
        family.NextScan = again;
        family.RetryDelay = family.RetryDelay * 2 < LongestRetry ? family.RetryDelay * 2 : LongestRetry;
        foreach ((GrantKey key, GrantEnd end) in own)
        {
            _book.Add(key, end with { Due = again });
        }
    }

    /// <summary>By its comment; at most some 30 years, so that no absurd date overflows.</summary>
    private static TimeSpan TimeLeft(ListedRule rule, Moment now) =>
        TimeSpan.FromSeconds(Math.Min(rule.Epoch - (now.WallClock.ToUnixTimeMilliseconds() / 1000.0), 1e9));

    [GeneratedRegex(@"\A[A-Za-z0-9_]{1,28}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ChainName();
}
