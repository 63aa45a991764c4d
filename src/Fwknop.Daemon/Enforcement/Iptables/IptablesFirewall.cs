using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Programs;
using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>
/// Grants as rules with <c>_exp_</c> comments in a chain of our own, for IPv4 and IPv6, as fwknop makes them (server.md 9.2);
/// but changed in batches, of which all is done or nothing.
/// </summary>
internal sealed class IptablesFirewall : IFirewall, IHasIptables
{
    private readonly IptablesSettings _settings;
    private readonly IptablesLayout _layout;
    private readonly IFirewallLog _log;
    private readonly GrantBook _book = new();
    private readonly IptablesFamily[] _families;

    public IptablesFirewall(IptablesSettings settings, IFirewallLog log)
    {
        _layout = new IptablesLayout(settings.Chains);
        _settings = settings;
        _log = log;
        _families = [new(ipv6: false, settings, LayoutOf(ipv6: false), _book, log), new(ipv6: true, settings, LayoutOf(ipv6: true), _book, log)];
    }

    public string Name => _settings.Programs.Name;

    public string Description => _layout.Chains.Count == 1
        ? $"{Name}, chain {_settings.Chains.Input.ToChain} of {_settings.Chains.Input.FromChain}"
        : $"{Name}, chains {_layout.Names}";

    public TimeSpan? NextDue => _families.Select(family => family.Closing.NextScan).Append(_book.NextDue).Min();

    public IEnumerable<LiveGrant> Live => _book.Live;

    public IptablesFirewall Rules => this;

    /// <summary>The kinds of rules of which the chains have what <see cref="IptablesSettings.Standing"/> says.</summary>
    private IEnumerable<RuleKind> StandingKinds(bool ipv6) => _settings.Standing.Where(rule => rule.IsIPv6 == ipv6).Select(rule => rule.Kind);

    public void Prepare(Moment now, IReadOnlyCollection<LiveGrant> carried)
    {
        _book.Clear();
        for (int i = 0; i < _families.Length; i++)
        {
            _families[i] = _families[i].With(LayoutOf(_families[i].IsIPv6));
            if (_families[i].TryStart(TakeOver(_families[i], carried, now), now, out string error))
            {
                continue;
            }

            if (!_families[i].IsIPv6)
            {
                Undo();
                throw new FirewallException($"{_families[i].Name} cannot be used: {error}");
            }

            _families[i] = StartWithLess(_families[i], carried, now, error);
        }

        if (_settings.Chains.ChecksComment)
        {
            _log.Info($"{Name} 'comment' match is available");
        }

        if (_settings.Programs.IPv4.Caveat is { } caveat)
        {
            _log.Warning(caveat);
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

            string? failure = family.Opening.Apply(changes, now);
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
        IReadOnlyList<LiveGrant> due = _book.TakeDue(now);
        return _families.Sum(family => family.Closing.Expire([.. due.Where(grant => grant.Key.IsIPv6 == family.IsIPv6)], now));
    }

    public string? Revoke(IReadOnlyCollection<GrantKey> keys, Moment now)
    {
        List<string> failures = [];
        foreach (IptablesFamily family in _families)
        {
            LiveGrant[] own = [.. family.Live.Where(grant => keys.Contains(grant.Key))];
            if (own.Length == 0)
            {
                continue;
            }

            if (family.Closing.TryRemove(own, out string error))
            {
                _book.Remove(own.Select(grant => grant.Key));
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
            _log.Warning($"FLUSH_{Infix}_AT_EXIT N: {_book.Count} {(_layout.Chains.Count == 1 ? "rules" : "grants")} stay in {_layout.Names} until fwknopd runs again");
        }

        return true;
    }

    /// <summary>iptables has no timeouts: whatever is open now would stay open, so all of it goes.</summary>
    public bool Abandon()
    {
        bool removed = true;
        foreach (IptablesFamily family in _families.Where(family => family.IsUsable))
        {
            removed &= family.TryRemove();
        }

        _book.Clear();
        return removed;
    }

    public void GiveWay(IFirewall successor)
    {
        _book.Clear();
        IptablesFirewall? other = (successor as IHasIptables)?.Rules;
        foreach (IptablesFamily family in _families.Where(family => family.IsUsable))
        {
            family.GiveWay(other?._settings.Programs == _settings.Programs ? other.FamilyOf(family.IsIPv6).Layout : null);
        }
    }

    public bool Flush()
    {
        bool removed = true;
        foreach (IptablesFamily family in _families)
        {
            removed &= family.TryRemove();
        }

        return removed;
    }

    public void List(TextWriter output, bool all)
    {
        output.Write(all ? $"Listing all {Name} rules in applicable tables...\n" : $"Listing rules in fwknopd {Name} chains...\n");
        foreach (ExternalResult listing in _families.SelectMany(family => family.Show(all)))
        {
            output.Write('\n');
            output.Write(listing.Output);
            if (!listing.Succeeded)
            {
                _log.Error(listing.Error);
            }
        }
    }

    public void Dispose()
    {
    }

    /// <summary>After a failed start: nothing stays open, whatever run made it.</summary>
    public void Undo()
    {
        foreach (IptablesFamily family in _families)
        {
            family.Undo();
        }
    }

    /// <summary>False when a family cannot be used, since <see cref="Prepare"/>.</summary>
    public bool IsUsable(bool ipv6) => FamilyOf(ipv6).IsUsable;

    /// <summary>Makes the rules of <see cref="IptablesSettings.Standing"/> again where another program has taken them away. Null, or why that cannot be done.</summary>
    public string? EnsureStanding(bool ipv6) => FamilyOf(ipv6).Opening.Ensure(StandingKinds(ipv6));

    private string NotForwarded =>
        $"fwknopd.conf has no chains for it (ENABLE_{Infix}_FORWARDING, ENABLE_{Infix}_LOCAL_NAT, ENABLE_{Infix}_SNAT)";

    private string Infix => _settings.Programs.Infix;

    private IptablesLayout LayoutOf(bool ipv6) => new(_settings.Chains)
    {
        Standing = [.. _settings.Standing.Where(rule => rule.IsIPv6 == ipv6).Select(rule => new StandingRule(_layout.ChainOf(rule.Kind), rule.Text))],
    };

    private IptablesFamily FamilyOf(bool ipv6) => _families[ipv6 ? 1 : 0];

    /// <summary>A kernel may lack the table for IPv6 that translates addresses: then the ports of this host can be opened all the same.</summary>
    private IptablesFamily StartWithLess(IptablesFamily family, IReadOnlyCollection<LiveGrant> carried, Moment now, string error)
    {
        LogEvent failed = FirewallEvents.Failed(error);
        if (family.Layout.Translates)
        {
            IptablesFamily less = family.With(family.Layout.WithoutTranslation());
            if (less.TryStart(TakeOver(less, carried, now), now, out _))
            {
                _log.Warning($"{family.Name} cannot translate addresses, IPv6 is not forwarded: {error}", failed);
                return less;
            }
        }

        _log.Warning($"{family.Name} cannot be used, IPv6 stays shut: {error}", failed);
        return family;
    }

    /// <summary>The grants of the back end that this one follows, as far as they can go on.</summary>
    private List<LiveGrant> TakeOver(
        IptablesFamily family, IReadOnlyCollection<LiveGrant> carried, Moment now)
    {
        List<LiveGrant> possible = [];
        foreach (LiveGrant grant in carried.Where(grant => grant.Key.IsIPv6 == family.IsIPv6 && grant.End.Due > now.Monotonic))
        {
            if (family.Rules.CanMake(grant.Key))
            {
                possible.Add(grant);
            }
            else
            {
                EndLine.TellLeftOut(_log, grant.Key, NotForwarded);
            }
        }

        return possible;
    }

    private string? Refuse(FirewallGrant grant)
    {
        IptablesFamily family = FamilyOf(grant.IsIPv6);
        return !family.IsUsable ? $"{family.Name} cannot be used here"
            : family.Rules.CanMake(grant.Keys.First()) ? null
            : NotForwarded;
    }
}
