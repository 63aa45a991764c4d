using System.Text.RegularExpressions;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Programs;
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

    private const string NotForwarded = "fwknopd.conf has no chains for it (ENABLE_IPT_FORWARDING, ENABLE_IPT_LOCAL_NAT, ENABLE_IPT_SNAT)";

    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private readonly IptablesSettings _settings;
    private readonly IptablesLayout _layout;
    private readonly IFirewallLog _log;
    private readonly GrantBook _book = new();
    private readonly IptablesFamily[] _families;

    public IptablesFirewall(IptablesSettings settings, IFirewallLog log)
    {
        _layout = new IptablesLayout(settings.Chains);
        if (!_layout.Specs.All(spec => ((string[])[spec.Target, spec.Table, spec.FromChain, spec.ToChain]).All(name => ChainName().IsMatch(name))))
        {
            throw new ArgumentException("Chain names are letters, digits and underscores.", nameof(settings));
        }

        _settings = settings;
        _log = log;
        _families = IptablesPrograms.TryFind(settings.Executable, ipv6: false, out IptablesPrograms? iptables)
            && IptablesPrograms.TryFind(settings.Executable, ipv6: true, out IptablesPrograms? ip6tables)
                ? [new(ipv6: false, iptables, _layout, log), new(ipv6: true, ip6tables, _layout, log)]
                : [];
    }

    public string Name => "iptables";

    public string Description => _layout.Chains.Count == 1
        ? $"iptables, chain {Input.ToChain} of {Input.FromChain}"
        : $"iptables, chains {_layout.Names}";

    public TimeSpan? NextDue => _families.Select(family => family.NextScan).Append(_book.NextDue).Min();

    public IEnumerable<KeyValuePair<GrantKey, GrantEnd>> Live => _book.Live;

    public void Prepare(Moment now, IReadOnlyCollection<KeyValuePair<GrantKey, GrantEnd>> carried)
    {
        RequirePrograms();
        _book.Clear();
        for (int i = 0; i < _families.Length; i++)
        {
            _families[i] = _families[i].With(_layout);
            if (TryStart(_families[i], carried, now, out string error))
            {
                continue;
            }

            if (!_families[i].IsIPv6)
            {
                throw new FirewallException($"iptables cannot be used: {error}");
            }

            _families[i] = StartWithLess(_families[i], carried, now, error);
        }

        if (_settings.Chains.ChecksComment)
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

            string? failure = Apply(family, changes, now);
            failures[family.IsIPv6 ? 1 : 0] = failure;
            if (failure is null)
            {
                _book.Commit(changes);
            }
        }

        return plan.Report(ipv6 => failures[ipv6 ? 1 : 0], key => FamilyOf(key.IsIPv6).Rules.NamesOf(key), _log);
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

            _log.Error($"Could not remove expired rules from {family.Layout.Names}, trying again: {error}", Failed(error));
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
        if (_settings.Chains.FlushesAtExit)
        {
            return Abandon();
        }

        if (_book.Count > 0)
        {
            _log.Warning($"FLUSH_IPT_AT_EXIT N: {_book.Count} {(_layout.Chains.Count == 1 ? "rules" : "grants")} stay in {_layout.Names} until fwknopd runs again");
        }

        return true;
    }

    /// <summary>iptables has no timeouts: whatever is open now would stay open, so all of it goes.</summary>
    public bool Abandon()
    {
        bool removed = true;
        foreach (IptablesFamily family in _families.Where(family => family.IsUsable))
        {
            removed &= TryRemove(family, family.Layout.Chains);
            family.NextScan = null;
        }

        _book.Clear();
        return removed;
    }

    public void GiveWay(IFirewall successor)
    {
        _book.Clear();
        foreach (IptablesFamily family in _families.Where(family => family.IsUsable))
        {
            IptablesLayout? next = successor is IptablesFirewall other && other._settings.Executable == _settings.Executable
                ? other.FamilyOf(family.IsIPv6).Layout
                : null;
            OwnChain[] kept = [.. family.Layout.Chains.Where(chain => next?.Chains.Contains(chain) == true)];
            ChainJump[] unused = [.. family.Layout.Jumps.Where(jump => kept.Contains(jump.Chain) && !next!.Jumps.Contains(jump))];
            if (unused.Length > 0 && !family.Tables.TryRemoveJumps(unused, out string error))
            {
                _log.Error($"Could not remove the jumps to {family.Layout.Names} that are not used any more: {error}", Failed(error));
            }

            family.Tables.TryRemove(
                [.. family.Layout.Chains.Except(kept)],
                (chain, reason) => _log.Error($"Could not remove the chain {chain.Name}, which is not used any more: {reason}", Failed(reason)));
        }
    }

    public bool Flush()
    {
        RequirePrograms();
        bool removed = true;
        foreach (IptablesFamily family in _families)
        {
            removed &= TryRemove(family, family.Layout.Chains);
        }

        return removed;
    }

    public void List(TextWriter output, bool all)
    {
        RequirePrograms();
        output.Write(all ? "Listing all iptables rules in applicable tables...\n" : "Listing rules in fwknopd iptables chains...\n");
        foreach (IptablesFamily family in _families)
        {
            foreach (ExternalResult listing in all ? _layout.OpeningOrder.Reverse().Select(family.Tables.Show) : _layout.Chains.Select(family.Tables.Show))
            {
                output.Write('\n');
                output.Write(listing.Output);
                if (!listing.Succeeded)
                {
                    _log.Error(listing.Error);
                }
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

    private IptablesFamily FamilyOf(bool ipv6) => _families[ipv6 ? 1 : 0];

    private ChainSpec Input => _settings.Chains.Input;

    private bool TryStart(IptablesFamily family, IReadOnlyCollection<KeyValuePair<GrantKey, GrantEnd>> carried, Moment now, out string error)
    {
        family.IsUsable = TryPrepare(family, now, out error) && TryCarry(family, carried, now, out error);
        if (!family.IsUsable)
        {
            family.NextScan = null;
            family.Tables.TryRemove(family.Layout.Chains, (_, _) => { });
            _book.Remove([.. LiveOf(family).Select(grant => grant.Key)]);
        }

        return family.IsUsable;
    }

    /// <summary>A kernel may lack the table for IPv6 that translates addresses: then the ports of this host can be opened all the same.</summary>
    private IptablesFamily StartWithLess(IptablesFamily family, IReadOnlyCollection<KeyValuePair<GrantKey, GrantEnd>> carried, Moment now, string error)
    {
        if (family.Layout.Translates)
        {
            IptablesFamily less = family.With(family.Layout.WithoutTranslation());
            if (TryStart(less, carried, now, out _))
            {
                _log.Warning($"ip6tables cannot translate addresses, IPv6 is not forwarded: {error}", Failed(error));
                return less;
            }
        }

        _log.Warning($"ip6tables cannot be used, IPv6 stays shut: {error}", Failed(error));
        return family;
    }

    /// <summary>Adds the grants of the back end that this one follows.</summary>
    private bool TryCarry(
        IptablesFamily family, IReadOnlyCollection<KeyValuePair<GrantKey, GrantEnd>> carried, Moment now, out string error)
    {
        IptablesScript script = family.Tables.NewOpening();
        List<KeyValuePair<GrantKey, GrantEnd>> missing = [];
        foreach ((GrantKey key, GrantEnd end) in carried.Where(grant =>
            grant.Key.IsIPv6 == family.IsIPv6 && grant.Value.Due > now.Monotonic && !_book.TryGet(grant.Key, out _)))
        {
            if (family.Rules.CanMake(key))
            {
                missing.Add(KeyValuePair.Create(key, end));
                Add(script, family, key, end.Epoch);
            }
            else
            {
                _log.Warning($"The grant of {key.Ports} for {key.SourceText} ends: {NotForwarded}");
            }
        }

        bool done = family.Tables.TryCommit(script, out error);
        foreach ((GrantKey key, GrantEnd end) in done ? missing : [])
        {
            _book.Add(key, end);
        }

        return done;
    }

    private string? Refuse(FirewallGrant grant)
    {
        IptablesFamily family = FamilyOf(grant.IsIPv6);
        if (!family.IsUsable)
        {
            return $"{family.Name} cannot be used here";
        }

        return family.Rules.CanMake(grant.Keys.First()) ? null : NotForwarded;
    }

    private bool TryPrepare(IptablesFamily family, Moment now, out string error) =>
        family.Tables.TryList(out IptablesListing present, out error)
        && TryEstablish(family, present, out error)
        && (_settings.Chains.FlushesAtInit || TryAdopt(family, present, now, out error));

    private bool TryEstablish(IptablesFamily family, IptablesListing present, out string error)
    {
        bool done = family.Tables.TryEstablish(
            present, keepRules: !_settings.Chains.FlushesAtInit, _settings.Chains.ChecksComment, out IReadOnlyList<ChainJump> added, out error);
        if (done)
        {
            Announce(added);
        }

        return done;
    }

    private bool TryRemove(IptablesFamily family, IReadOnlyCollection<OwnChain> chains) =>
        family.Tables.TryRemove(chains, (chain, error) => _log.Error($"Could not remove the chain {chain.Name}: {error}", Failed(error)));

    private static LogEvent Failed(string error) => new LogEvent(LogEventKind.FirewallFailed).With(LogField.Error, error);

    private void Announce(IEnumerable<ChainJump> jumps)
    {
        foreach (ChainJump jump in jumps)
        {
            _log.Info($"Added jump rule from chain: {jump.From} to chain: {jump.Chain.Name}");
        }
    }

    private IEnumerable<KeyValuePair<GrantKey, GrantEnd>> LiveOf(IptablesFamily family) => _book.Live.Where(grant => grant.Key.IsIPv6 == family.IsIPv6);

    /// <summary>Takes over the rules of an earlier run; those whose time was up meanwhile go at once.</summary>
    private bool TryAdopt(IptablesFamily family, IptablesListing present, Moment now, out string error)
    {
        int before = _book.Count;
        ListedRule[] rules = [.. present.Rules.Where(rule => TimeLeft(rule.Epoch, now) > TimeSpan.Zero)];
        foreach ((GrantKey key, long epoch) in new IptablesAdoption(family, rules).Find())
        {
            _book.Add(key, new GrantEnd(now.Monotonic + TimeLeft(epoch, now), epoch));
        }

        if (_book.Count > before)
        {
            _log.Info($"Kept {_book.Count - before} grants of an earlier run");
        }

        return TryRemoveDue(family, [], now, out error);
    }

    /// <summary>Null, or why nothing was opened.</summary>
    private string? Apply(IptablesFamily family, IReadOnlyList<GrantChange> changes, Moment now)
    {
        IptablesScript script = family.Tables.NewOpening();
        HashSet<OwnChain> chains = [];
        foreach (GrantChange change in changes)
        {
            WrittenRule[] rules = [.. family.Rules.Of(change.Key)];
            chains.UnionWith(rules.Select(written => written.Rule.Chain));
            if (change.Before?.Epoch == change.After.Epoch)
            {
                continue;
            }

            foreach (WrittenRule written in rules)
            {
                if (change.Before is { } before)
                {
                    script.Delete(written, before.Epoch);
                }

                script.Add(written, change.After.Epoch, _settings.Prepend);
            }
        }

        // The jumps are looked for afterwards: the door opens sooner, and it is not announced before it is certain.
        if (family.Tables.TryCommit(script, out _) && family.Tables.HaveJumps(chains))
        {
            return null;
        }

        string? failure = Heal(family, changes, chains);
        if (failure is not null)
        {
            TakeBack(family, changes, now);
        }

        return failure;
    }

    /// <summary>
    /// Something is not as we left it. Whoever emptied or removed a chain or the jump did not mean to shut out those
    /// who have been granted, so all of them come back; a single rule that was deleted by hand does not.
    /// </summary>
    private string? Heal(IptablesFamily family, IReadOnlyList<GrantChange> changes, HashSet<OwnChain> chains)
    {
        if (!family.Tables.TryList(out IptablesListing present, out string error))
        {
            return error;
        }

        foreach (OwnChain chain in family.Layout.Chains.Where(chain => !present.IsIntact(chain)))
        {
            _log.Warning(
                $"Another program has removed the chain {chain.Name} or the jump to it: making it again", new LogEvent(LogEventKind.FirewallRepaired));
        }

        IptablesScript script = family.Tables.NewOpening();
        DifferenceTo(family, present, changes, change => change.After).WriteTo(script);
        if (!family.Tables.TryCommit(script, out error))
        {
            return error;
        }

        if (!family.Tables.HaveJumps(chains))
        {
            return $"the jump to {string.Join(" or ", chains.Select(chain => chain.Name))} was removed again by another program";
        }

        Announce(family.Layout.Jumps.Where(jump => present.CountOf(jump) == 0));
        return null;
    }

    /// <summary>What failed may have been done for one table and not for another: all is made as it was. What is left all the same goes later.</summary>
    private void TakeBack(IptablesFamily family, IReadOnlyList<GrantChange> changes, Moment now)
    {
        if (family.Tables.TryList(out IptablesListing present, out _))
        {
            IptablesScript script = family.Tables.NewClosing();
            DifferenceTo(family, present, changes, change => change.Before).WriteTo(script);
            if (family.Tables.TryCommit(script, out _))
            {
                return;
            }
        }

        foreach (GrantChange change in changes.Where(change => change.Before?.Epoch != change.After.Epoch))
        {
            family.Leftovers.Add(family.Rules.Of(change.Key), change.After.Epoch);
        }

        family.NextScan = now.Monotonic + FirstRetry;
    }

    private IptablesDifference DifferenceTo(
        IptablesFamily family, IptablesListing present, IReadOnlyList<GrantChange> changes, Func<GrantChange, GrantEnd?> state)
    {
        IptablesDifference difference = new(family, present, _settings.Prepend);
        HashSet<GrantKey> changed = [.. changes.Select(change => change.Key)];
        foreach ((GrantKey key, GrantEnd end) in LiveOf(family).Where(grant => !changed.Contains(grant.Key)))
        {
            difference.Keep(key, end);
        }

        foreach (GrantChange change in changes)
        {
            difference.Put(change.Key, state(change));
        }

        return difference;
    }

    private void Add(IptablesScript script, IptablesFamily family, GrantKey key, long epoch)
    {
        foreach (WrittenRule written in family.Rules.Of(key))
        {
            script.Add(written, epoch, _settings.Prepend);
        }
    }

    private RuleCounts CountLive(IptablesFamily family, HashSet<GrantKey> except)
    {
        RuleCounts counts = new();
        foreach ((GrantKey key, GrantEnd end) in LiveOf(family).Where(grant => !except.Contains(grant.Key)))
        {
            counts.Add(family.Rules.Of(key), end.Epoch);
        }

        return counts;
    }

    /// <summary>Removes all rules of these grants, whatever their time, but not those of other grants that are equal.</summary>
    private bool TryRemove(IptablesFamily family, HashSet<GrantKey> keys, out string error)
    {
        if (!family.Tables.TryList(out IptablesListing present, out error))
        {
            return false;
        }

        IptablesScript script = family.Tables.NewClosing();
        RuleCounts live = CountLive(family, except: keys);
        HashSet<IptablesRule> revoked = [.. keys.Where(family.Rules.CanMake).SelectMany(family.Rules.Of).Select(written => written.Rule)];
        foreach (ListedRule listed in present.Rules)
        {
            if (listed.Rule is { } rule && revoked.Contains(rule) && !live.TryTake(rule, listed.Epoch))
            {
                script.Delete(listed);
            }
        }

        return family.Tables.TryCommit(script, out error);
    }

    /// <summary>
    /// Removes our due grants and every other rule whose time is up, table by table. Whether one of ours is due is
    /// decided by its deadline; the date in its comment counts only for rules of others.
    /// </summary>
    private bool TryRemoveDue(IptablesFamily family, Dictionary<GrantKey, GrantEnd> own, Moment now, out string error)
    {
        if (!family.Tables.TryList(out IptablesListing present, out error))
        {
            return false;
        }

        RuleCounts live = CountLive(family, except: []);
        RuleCounts ended = family.Leftovers.Copy();
        Dictionary<(IptablesRule Rule, long Epoch), GrantKey> keys = [];
        foreach ((GrantKey key, GrantEnd end) in own)
        {
            foreach (WrittenRule written in family.Rules.Of(key))
            {
                ended.Add(written.Rule, end.Epoch);
                keys[(written.Rule, end.Epoch)] = key;
            }
        }

        List<ListedRule> due = [];
        TimeSpan? next = null;
        foreach (ListedRule listed in present.Rules.Where(listed => listed.Rule is null || !live.TryTake(listed.Rule, listed.Epoch)))
        {
            TimeSpan left = TimeLeft(listed.Epoch, now);
            if (left <= TimeSpan.Zero || (listed.Rule is { } rule && ended.TryTake(rule, listed.Epoch)))
            {
                due.Add(listed);
            }
            else
            {
                next = next is TimeSpan earlier && earlier < now.Monotonic + left ? earlier : now.Monotonic + left;
            }
        }

        if (!TryRemove(family, due, listed => listed.Rule is null ? null : keys.GetValueOrDefault((listed.Rule, listed.Epoch)) ?? IptablesAdoption.KeyOf(listed.Rule), out error))
        {
            return false;
        }

        family.NextScan = next;
        family.Leftovers = new RuleCounts();
        return true;
    }

    /// <summary>Removes rules whose time is up, and says so.</summary>
    private bool TryRemove(IptablesFamily family, IReadOnlyCollection<ListedRule> due, Func<ListedRule, GrantKey?> keyOf, out string error)
    {
        error = "";
        foreach (string table in family.Layout.ClosingOrder)
        {
            ListedRule[] rules = [.. due.Where(rule => rule.Chain.Table == table)];
            IptablesScript script = family.Tables.NewClosing();
            foreach (ListedRule rule in rules)
            {
                script.Delete(rule);
            }

            if (!family.Tables.TryCommit(script, out error))
            {
                return false;
            }

            foreach (ListedRule rule in rules)
            {
                _log.Info(
                    $"Removed rule {rule.Number} from {rule.Chain.Name} with expire time of {rule.Epoch}",
                    keyOf(rule)?.About(LogEventKind.GrantClosed, rule.Chain.Name, rule.Epoch));
            }
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
    private static TimeSpan TimeLeft(long epoch, Moment now) =>
        TimeSpan.FromSeconds(Math.Min(epoch - (now.WallClock.ToUnixTimeMilliseconds() / 1000.0), 1e9));

    [GeneratedRegex(@"\A[A-Za-z0-9_]{1,28}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ChainName();
}
