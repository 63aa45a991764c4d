using System.Text;
using Fwknop.Daemon.Expiry;
using Fwknop.Grants;
using Fwknop.Native.LibNftables;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>
/// Grants as set elements with kernel timeouts, made in process through libnftables. The kernel ends them to the
/// millisecond whatever becomes of the daemon; <see cref="Expire"/> only writes the log line.
/// </summary>
internal sealed class NftablesFirewall : IFirewall
{
    /// <summary>Our choice: more than any site opens at once.</summary>
    private const int MaxLive = 65_536;

    private readonly NftablesSettings _settings;
    private readonly IFirewallLog _log;
    private readonly NftLayout _layout;
    private readonly GrantBook _book = new(MaxLive, GrantDoors.Of);
    private readonly RepairSchedule _repair = new();
    private NftShapes _shapes = NftShapes.Of([]);
    private NftContext? _nft;
    private RulesetGeneration? _generation;

    /// <summary>The state in which our rules were last seen in place.</summary>
    private uint? _knownGeneration;
    private string? _knownRules;

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
    }

    public string Description => _layout.Description;

    public string Name => "nftables";

    public TimeSpan? NextDue => _repair.Due is { } due && !(_book.NextDue < due) ? due : _book.NextDue;

    public IEnumerable<KeyValuePair<GrantKey, GrantEnd>> Live => _book.Live;

    private NftContext Nft => _nft ??= NftContext.TryOpen(out NftContext? context, out string? missing) ? context : throw new FirewallException(missing);

    public void Prepare(Moment now, IReadOnlyCollection<KeyValuePair<GrantKey, GrantEnd>> carried)
    {
        _generation ??= new RulesetGeneration();
        _shapes = NftShapes.Of([]);
        _book.Clear();
        foreach ((GrantKey key, GrantEnd end) in carried.Where(grant => grant.Value.Due > now.Monotonic))
        {
            _book.Add(NftGrants.Plain(key), end);
        }

        if (!_settings.FlushAtInit)
        {
            Adopt(now);
        }

        ShutSecondDoors();
        if (Establish([.. _book.Live], now) is string error)
        {
            throw new FirewallException($"nftables cannot be used: {error}");
        }

        if (_settings.Nat.Forwards && !_layout.Has(NftChains.Forward, ipv6: false) && !_layout.Has(NftChains.Forward, ipv6: true))
        {
            _log.Warning("NFT_INSERT names no chain at hook forward: what your rules drop there stays shut, whatever is granted");
        }
    }

    public IReadOnlyList<GrantOutcome> Grant(IReadOnlyList<FirewallGrant> batch, Moment now)
    {
        List<GrantOutcome> outcomes = [];
        foreach (IReadOnlyList<FirewallGrant> together in GrantDoors.Parts(batch.Select(NftGrants.Plain)))
        {
            outcomes.AddRange(GrantTogether(together, now));
        }

        return outcomes;
    }

    /// <summary>The kernel has removed the elements at their time; this tells it.</summary>
    public int Expire(Moment now)
    {
        RepairIfDue(now);
        IReadOnlyList<KeyValuePair<GrantKey, GrantEnd>> due = _book.TakeDue(now);
        foreach ((GrantKey key, GrantEnd end) in due)
        {
            TellEnd(key, end);
        }

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
        if (!_layout.TryRemoveBut(kept, Nft, out string error))
        {
            _log.Error($"Could not remove the nftables rules that are not used any more: {NftListing.Reason(error)}", Failed(error));
        }
    }

    public bool Flush()
    {
        bool done = _layout.TryRemove(Nft, out string error);
        if (!done)
        {
            _log.Error($"Could not remove the nftables rules: {NftListing.Reason(error)}", Failed(error));
        }

        return done;
    }

    public void List(TextWriter output, bool all)
    {
        output.Write(all ? "Listing all nftables rules in applicable tables...\n" : "Listing rules in fwknopd nftables chains...\n");
        foreach (string item in all ? _layout.Tables : _layout.Own(Nft))
        {
            output.Write(Nft.TryRun($"list {item}", out string listing, out _) ? $"\n{listing}" : $"\n{item}: there is none\n");
        }
    }

    public void Dispose()
    {
        _nft?.Dispose();
        _generation?.Dispose();
    }

    private static LogEvent Failed(string error) => FirewallEvents.Failed(NftListing.Reason(error));

    private IReadOnlyList<GrantOutcome> GrantTogether(IReadOnlyList<FirewallGrant> batch, Moment now)
    {
        GrantPlan plan = _book.Plan(batch, now, Refuse);
        IReadOnlyList<KeyValuePair<GrantKey, GrantEnd>> replaced = GrantDoors.ReplacedBy(plan, _book);
        string? failure = Apply(plan, [.. replaced.Select(grant => grant.Key)], now);
        if (failure is null)
        {
            _book.Remove(replaced.Select(grant => grant.Key));
            _book.Commit(plan.Changes);
            foreach ((GrantKey key, GrantEnd end) in replaced)
            {
                TellEnd(key, end, "which a later grant leads elsewhere");
            }
        }

        return plan.Report(_ => failure, RulesOf, _log);
    }

    private void TellEnd(GrantKey key, GrantEnd end, string? why = null)
    {
        foreach ((string _, string chain) in RulesOf(key))
        {
            EndLine.Tell(_log, key, chain, end, why);
        }
    }

    /// <summary>What log lines call the rules of a grant, and the chains that they are in; of those that are not there, none but the first.</summary>
    private IEnumerable<(string Name, string Chain)> RulesOf(GrantKey key)
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

    private string? Refuse(FirewallGrant grant)
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

    /// <summary>
    /// With another back end, several grants may lead the same connections to different places. Here one can: the one that ends last.
    /// </summary>
    private void ShutSecondDoors()
    {
        foreach (IGrouping<GrantKey, KeyValuePair<GrantKey, GrantEnd>> door in _book.Live
            .Where(grant => GrantDoors.Of(grant.Key) is not null).GroupBy(grant => GrantDoors.Of(grant.Key)!).ToArray())
        {
            KeyValuePair<GrantKey, GrantEnd>[] grants = [.. door.OrderByDescending(grant => grant.Value.Due)];
            if (grants.Length == 1)
            {
                continue;
            }

            _book.Remove(grants.Select(grant => grant.Key));
            _book.Add(grants[0].Key, grants[0].Value);
            foreach ((GrantKey key, GrantEnd end) in grants[1..])
            {
                TellEnd(key, end, "which a later grant leads elsewhere");
            }
        }
    }

    /// <summary>The grants of an earlier run, with the time the kernel still gives them.</summary>
    private void Adopt(Moment now)
    {
        int before = _book.Count;
        foreach (NftPlace place in _layout.Places)
        {
            if (!Nft.TryRun($"list table {place.TablePath}", out string table, out _))
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

    /// <summary>Null, or why nothing of the plan was done.</summary>
    private string? Apply(GrantPlan plan, IReadOnlyCollection<GrantKey> replaced, Moment now)
    {
        if (plan.Changes.Count == 0)
        {
            return null;
        }

        if (plan.Changes.Any(change => !_shapes.Cover(change.Key)))
        {
            if (!AreRulesInPlace())
            {
                WarnOfChange();
            }

            return Establish(With(plan, replaced), now);
        }

        string script = ScriptFor(plan, replaced, now);
        bool done = TryCommit(script, out string error);
        if (AreRulesInPlace())
        {
            // An element may time out between the reading and the writing of a renewal: once more, and it is new.
            return done || TryCommit(script, out error) ? null : NftListing.Reason(error);
        }

        WarnOfChange();
        return Establish(With(plan, replaced), now);
    }

    /// <summary>What is open without what is replaced, and what a plan adds.</summary>
    private Dictionary<GrantKey, GrantEnd> With(GrantPlan plan, IReadOnlyCollection<GrantKey> replaced)
    {
        Dictionary<GrantKey, GrantEnd> wanted = new(_book.Live.Where(grant => !replaced.Contains(grant.Key)));
        foreach (GrantChange change in plan.Changes)
        {
            wanted[change.Key] = change.After;
        }

        return wanted;
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
        if (TryCommit(script, out string error) || TryCommit(script, out error))
        {
            return null;
        }

        if (AreRulesInPlace())
        {
            return NftListing.Reason(error);
        }

        WarnOfChange();
        return Establish([.. _book.Live.Where(grant => !keys.Contains(grant.Key))], now);
    }

    private void RepairIfDue(Moment now)
    {
        if (!(_repair.Due <= now.Monotonic))
        {
            return;
        }

        if (IsUnchanged(_generation?.Read()))
        {
            _repair.Dismiss();
            return;
        }

        if (AreRulesInPlace())
        {
            _repair.InPlace(now.Monotonic);
            return;
        }

        WarnOfChange();
        if (Establish([.. _book.Live.Where(grant => grant.Value.Due > now.Monotonic)], now) is { } error)
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

    private bool TryRun(string script, out string error)
    {
        bool done = Nft.TryRun(script, out _, out error);
        string end = done ? "done" : NftListing.Reason(error);
        _log.Trace(() => $"Ran in libnftables ({end}){FirewallProgram.Given(script)}");
        return done;
    }

    private bool TryCommit(string script, out string error)
    {
        error = "";
        if (script.Length == 0)
        {
            return true;
        }

        bool done = TryRun(script, out error);
        if (done && _knownGeneration is uint before)
        {
            // One transaction is one step, and 0 is left out when the number wraps.
            _knownGeneration = before == uint.MaxValue ? 1 : before + 1;
        }

        return done;
    }

    /// <summary>
    /// A set may survive when the rules that use it are gone (<c>nft flush table</c>), so that an element went in does not
    /// prove that it opens anything. The rules are listed only if somebody else has changed any rule since.
    /// </summary>
    private bool AreRulesInPlace()
    {
        uint? generation = _generation?.Read();
        if (IsUnchanged(generation))
        {
            return true;
        }

        bool inPlace = _knownRules is not null && _layout.Inspect(Nft) == _knownRules;
        _knownGeneration = inPlace ? generation : null;
        return inPlace;
    }

    private bool IsUnchanged(uint? generation) => generation is not null && generation == _knownGeneration;

    /// <summary>
    /// Makes all rules and elements anew in one transaction, with the sets that the grants need: the first grant of a shape comes here. Null, or why it was
    /// not done.
    /// </summary>
    private string? Establish(IReadOnlyCollection<KeyValuePair<GrantKey, GrantEnd>> grants, Moment now)
    {
        _knownGeneration = null;
        NftShapes shapes = NftShapes.Of([.. grants.Select(grant => grant.Key)]).With(_shapes);
        StringBuilder script = new();
        if (!_layout.TryBuild(Nft, shapes, _settings.Nat.IsOn, script, out string error))
        {
            return error;
        }

        foreach ((GrantKey key, GrantEnd end) in grants)
        {
            foreach (NftPlace place in _layout.Places)
            {
                NftScript.AppendElement(script, place, key, end.Due - now.Monotonic);
            }
        }

        if (!TryRun(script.ToString(), out error))
        {
            return (_settings.Nat.IsOn || shapes.Translate ? NatRules.Missing(Nft) : null) ?? NftListing.Reason(error);
        }

        _shapes = shapes;
        uint? generation = _generation?.Read();
        _knownRules = _layout.Inspect(Nft);
        _knownGeneration = _knownRules is null ? null : generation;
        return _knownRules is null ? "the rules were removed again by another program" : null;
    }
}
