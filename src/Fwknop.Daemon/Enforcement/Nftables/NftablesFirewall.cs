using System.Text;
using Fwknop.Daemon.Expiry;
using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>
/// Grants as set elements with kernel timeouts, made in process through libnftables. The kernel ends them to the
/// millisecond whatever becomes of the daemon; <see cref="Expire"/> only writes the log line.
/// </summary>
internal sealed class NftablesFirewall : IFirewall, IDoorRules
{
    private readonly NftablesSettings _settings;
    private readonly IFirewallLog _log;
    private readonly NftLayout _layout;
    private readonly GrantBook _book = new(GrantBook.MaxTimed, GrantDoors.Of);
    private readonly RepairSchedule _repair = new();
    private readonly NftRuleset _rules;

    public NftablesFirewall(NftablesSettings settings, IFirewallLog log)
    {
        _layout = (settings.GuardPorts.Count, settings.InsertAt.Count) switch
        {
            ( > 0, 0) => new GuardLayout(settings.GuardPorts),
            (0, > 0) => new InsertLayout(settings.InsertAt),
            _ => throw new ArgumentException("Either ports to guard or chains to insert at.", nameof(settings)),
        };
        _settings = settings;
        _log = log;
        _rules = new NftRuleset(_layout, settings.Nat.IsOn, log);
    }

    public string Description => _layout.Description;

    public string Name => "nftables";

    public TimeSpan? NextDue => _repair.Due is { } due && !(_book.NextDue < due) ? due : _book.NextDue;

    public IEnumerable<LiveGrant> Live => _book.Live;

    public void Prepare(Moment now, IReadOnlyCollection<LiveGrant> carried)
    {
        _rules.Begin();
        _book.Clear();
        foreach ((GrantKey key, GrantEnd end) in carried.Where(grant => grant.End.Due > now.Monotonic))
        {
            _book.Add(NftGrants.Plain(key), end);
        }

        if (!_settings.FlushAtInit)
        {
            Adopt(now);
        }

        ShutSecondDoors();
        if (_rules.Establish([.. _book.Live], now) is string error)
        {
            throw new FirewallException($"nftables cannot be used: {error}");
        }

        if (_settings.Nat.Forwards && !_layout.Has(NftChains.Forward, ipv6: false) && !_layout.Has(NftChains.Forward, ipv6: true))
        {
            _log.Warning("NFT_INSERT names no chain at hook forward: what your rules drop there stays shut, whatever is granted");
        }

        foreach (string table in _layout.SharedWithIptables(_rules.Nft))
        {
            _log.Warning($"NFT_INSERT names a chain in table {table}, which is that of iptables-nft: while the rules of fwknopd are in it, iptables-save leaves the whole table out, and does not fail");
        }
    }

    public IReadOnlyList<GrantOutcome> Grant(IReadOnlyList<FirewallGrant> batch, Moment now) =>
        GrantDoors.Grant(batch.Select(NftGrants.Plain), this, _book, now, _log);

    /// <summary>The kernel has removed the elements at their time; this tells it.</summary>
    public int Expire(Moment now)
    {
        RepairIfDue(now);
        IReadOnlyList<LiveGrant> due = _book.TakeDue(now);
        EndLine.Tell(_log, due, RulesOf);
        return due.Count;
    }

    /// <summary>What is guarded is open while the guard is gone, so that it does not wait for the next grant.</summary>
    public void Reconcile(Moment now)
    {
        _repair.Ask(now.Monotonic);
        RepairIfDue(now);
    }

    public string? Revoke(IReadOnlyCollection<GrantKey> keys, Moment now)
    {
        string? failure = Remove(keys, now);
        if (failure is null)
        {
            _book.Remove(keys);
        }

        return failure;
    }

    public bool TearDown()
    {
        _book.Clear();
        return !_settings.FlushAtExit || Flush();
    }

    /// <summary>Nothing to do: elements time out by themselves, and the guard stays so that a broken daemon opens nothing.</summary>
    public bool Abandon() => true;

    public void GiveWay(IFirewall successor)
    {
        _book.Clear();
        NftLayout? kept = (successor as NftablesFirewall)?._layout;
        if (!_layout.TryRemoveBut(kept, _rules.Nft, out string error))
        {
            _log.Error($"Could not remove the nftables rules that are not used any more: {NftListing.Reason(error)}", Failed(error));
        }
    }

    public bool Flush()
    {
        bool done = _layout.TryRemove(_rules.Nft, out string error);
        if (!done)
        {
            _log.Error($"Could not remove the nftables rules: {NftListing.Reason(error)}", Failed(error));
        }

        return done;
    }

    public void List(TextWriter output, bool all)
    {
        output.Write(all ? "Listing all nftables rules in applicable tables...\n" : "Listing rules in fwknopd nftables chains...\n");
        foreach (string item in all ? _layout.Tables : _layout.Own(_rules.Nft))
        {
            output.Write(_rules.Nft.TryRun($"list {item}", out string listing, out _) ? $"\n{listing}" : $"\n{item}: there is none\n");
        }
    }

    /// <inheritdoc/>
    public string? WhyNot(FirewallGrant grant)
    {
        string family = grant.IsIPv6 ? "IPv6" : "IPv4";
        NftChains needed = grant.Translation?.Kind switch
        {
            null => NftChains.Input | NftChains.Forward,
            NatKind.Local => NftChains.Input,
            _ when grant.Translation.ChangesDestination || grant.Translation.Source is not null => NftChains.Nat,
            _ => NftChains.Forward,
        };
        return needed == NftChains.Nat || _layout.Has(needed, grant.IsIPv6) ? null
            : needed == NftChains.Forward ? $"no chain of NFT_INSERT is at hook forward for {family}"
            : needed == NftChains.Input ? $"no chain of NFT_INSERT is at hook input for {family}"
            : $"no chain of NFT_INSERT is for {family}";
    }

    /// <inheritdoc/>
    public string? Apply(GrantPlan plan, IReadOnlySet<GrantKey> replaced, Moment now)
    {
        if (!_rules.Covers(plan))
        {
            if (!_rules.IsInPlace())
            {
                WarnOfChange();
            }

            return _rules.Establish(_book.With(plan.Changes, replaced), now);
        }

        string script = ScriptFor(plan, replaced, now);
        bool done = _rules.TryCommit(script, out string error);
        if (_rules.IsInPlace())
        {
            // An element may time out between the reading and the writing of a renewal: once more, and it is new.
            return done || _rules.TryCommit(script, out error) ? null : NftListing.Reason(error);
        }

        WarnOfChange();
        return _rules.Establish(_book.With(plan.Changes, replaced), now);
    }

    /// <summary>What log lines call the rules of a grant, and the chains that they are in; of those that are not there, none but the first.</summary>
    public IEnumerable<(string Name, string Chain)> RulesOf(GrantKey key)
    {
        bool hasForward = _layout.Has(NftChains.Forward, key.IsIPv6);
        RuleKind[] rules = [.. GrantRules.Of(key, hasOutput: false)];
        return rules.Where(rule => rule != RuleKind.Forward || hasForward || rules.Length == 1).Select(rule => (GrantRules.NameOf(rule, key), rule switch
        {
            RuleKind.Access when !_layout.Has(NftChains.Input, key.IsIPv6) && hasForward => NftPlace.ForwardChain,
            RuleKind.Access or RuleKind.LocalNat => NftPlace.InputChain,
            RuleKind.Forward => NftPlace.ForwardChain,
            RuleKind.Dnat => NftPlace.PreroutingChain,
            RuleKind.Snat => NftPlace.PostroutingChain,
            _ => NftPlace.MasqueradeChain,
        }));
    }

    public void Dispose() => _rules.Dispose();

    private static LogEvent Failed(string error) => FirewallEvents.Failed(NftListing.Reason(error));

    /// <summary>
    /// With another back end, several grants may lead the same connections to different places. Here one can: the one that ends last.
    /// </summary>
    private void ShutSecondDoors()
    {
        foreach (IGrouping<GrantKey, LiveGrant> door in _book.Live
            .Where(grant => GrantDoors.Of(grant.Key) is not null).GroupBy(grant => GrantDoors.Of(grant.Key)!).ToArray())
        {
            LiveGrant[] grants = [.. door.OrderByDescending(grant => grant.End.Due)];
            if (grants.Length == 1)
            {
                continue;
            }

            _book.Remove(grants.Select(grant => grant.Key));
            _book.Add(grants[0].Key, grants[0].End);
            GrantDoors.TellReplaced(grants[1..], this, _log);
        }
    }

    /// <summary>The grants of an earlier run, with the time the kernel still gives them.</summary>
    private void Adopt(Moment now)
    {
        int before = _book.Count;
        foreach (NftPlace place in _layout.Places)
        {
            if (!_rules.Nft.TryRun($"list table {place.TablePath}", out string table, out _))
            {
                continue;
            }

            // Where forwarded grants are translated there are all of them.
            foreach ((NftSet set, string listing) in NftListing.Sets(table, place).Where(found => found.Set.Way is null || place.Has(NftChains.Nat)))
            {
                foreach ((GrantKey key, TimeSpan remaining) in NftListing.Elements(listing, set))
                {
                    _book.Add(key, GrantBook.End(remaining, now));
                }
            }
        }

        if (_book.Count > before)
        {
            _log.Info($"Kept {_book.Count - before} grants of an earlier run");
        }
    }

    /// <summary>Null, or why nothing was removed.</summary>
    private string? Remove(IReadOnlyCollection<GrantKey> keys, Moment now)
    {
        StringBuilder removal = new();
        foreach (NftPlace place in _layout.Places)
        {
            NftScript.AppendRemovals(removal, place, keys);
        }

        // An element may time out between being found and being deleted: then once more.
        string script = removal.ToString();
        if (_rules.TryCommit(script, out string error) || _rules.TryCommit(script, out error))
        {
            return null;
        }

        if (_rules.IsInPlace())
        {
            return NftListing.Reason(error);
        }

        WarnOfChange();
        return _rules.Establish([.. _book.Live.Where(grant => !keys.Contains(grant.Key))], now);
    }

    private void RepairIfDue(Moment now)
    {
        if (!(_repair.Due <= now.Monotonic))
        {
            return;
        }

        if (_rules.IsUnchanged)
        {
            _repair.Dismiss();
            return;
        }

        if (_rules.IsInPlace())
        {
            _repair.InPlace(now.Monotonic);
            return;
        }

        WarnOfChange();
        if (_rules.Establish([.. _book.Live.Where(grant => grant.End.Due > now.Monotonic)], now) is { } error)
        {
            _log.Error($"Could not make the nftables rules of fwknopd again, trying again: {error}", Failed(error));
            _repair.Failed(now.Monotonic);
        }
        else
        {
            _repair.InPlace(now.Monotonic);
        }
    }

    private void WarnOfChange() => _log.Warning(
        "Another program has removed or changed the nftables rules of fwknopd: making them again", FirewallEvents.Repaired());

    private string ScriptFor(GrantPlan plan, IReadOnlyCollection<GrantKey> replaced, Moment now)
    {
        StringBuilder script = new();
        foreach (NftPlace place in _layout.Places)
        {
            NftScript.AppendRemovals(script, place, replaced);
            NftScript.AppendChanges(script, place, plan.Changes, now.Monotonic);
        }

        return script.ToString();
    }
}
