using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Programs;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>Our chains of one address family: made, taken over from an earlier run, and taken away.</summary>
internal sealed class IptablesFamily
{
    private readonly IptablesSettings _settings;
    private readonly GrantBook _book;
    private readonly IFirewallLog _log;

    public IptablesFamily(bool ipv6, IptablesSettings settings, IptablesLayout layout, GrantBook book, IFirewallLog log)
    {
        IIptables iptables = ipv6 ? settings.Programs.IPv6 : settings.Programs.IPv4;
        (_settings, _book, _log) = (settings, book, log);
        IsIPv6 = ipv6;
        Name = iptables.Name;
        Layout = layout;
        Tables = new IptablesTables(iptables, layout, log);
        Rules = new IptablesRules(layout);
        Closing = new IptablesClosing(this, book, settings.Prepend, log);
        Opening = new IptablesOpening(this, settings.Prepend, log);
    }

    public bool IsIPv6 { get; }

    /// <summary>The name of its program, for messages.</summary>
    public string Name { get; }

    public IptablesLayout Layout { get; }

    public IptablesTables Tables { get; }

    public IptablesRules Rules { get; }

    public IptablesOpening Opening { get; }

    public IptablesClosing Closing { get; }

    public bool IsUsable { get; private set; }

    /// <summary>Its grants that are open.</summary>
    public IEnumerable<LiveGrant> Live => _book.Live.Where(grant => grant.Key.IsIPv6 == IsIPv6);

    /// <summary>The same with other chains; nothing has been done to it yet.</summary>
    public IptablesFamily With(IptablesLayout layout) => new(IsIPv6, _settings, layout, _book, _log);

    /// <summary>Makes the chains with the grants that go on; after a failure nothing of it is there.</summary>
    public bool TryStart(IReadOnlyCollection<LiveGrant> carried, Moment now, out string error)
    {
        IsUsable = Tables.TryList(out IptablesListing present, out error)
            && TryEstablish(present, out error)
            && (_settings.Chains.FlushesAtInit || TryAdopt(present, now, out error))
            && TryCarry(carried, out error);
        if (!IsUsable)
        {
            Undo();
        }

        return IsUsable;
    }

    /// <summary>After a failed start, of this family or of the other one: nothing stays open, whatever run made it.</summary>
    public void Undo()
    {
        IsUsable = false;
        Closing.Clear();
        Tables.TryRemove(Layout.Chains, (_, _) => { });
        _book.Remove([.. Live.Select(grant => grant.Key)]);
    }

    /// <summary>Takes the chains away with all that is in them. What stays is logged.</summary>
    public bool TryRemove()
    {
        Closing.Clear();
        return Tables.TryRemove(Layout.Chains, (chain, error) => _log.Error($"Could not remove the chain {chain.Name}: {error}", FirewallEvents.Failed(error)));
    }

    /// <summary>Removes what the layout that follows does not use.</summary>
    /// <param name="next">What follows in the same tables, or null.</param>
    public void GiveWay(IptablesLayout? next)
    {
        OwnChain[] kept = [.. Layout.Chains.Where(chain => next?.Chains.Contains(chain) == true)];
        ChainJump[] unused = [.. Layout.Jumps.Where(jump => kept.Contains(jump.Chain) && !next!.Jumps.Contains(jump))];
        StandingRule[] standing = [.. Layout.Standing.Where(rule => kept.Contains(rule.Chain) && !next!.Standing.Contains(rule))];
        if (unused.Length + standing.Length > 0 && !Tables.TryRemoveUnused(unused, standing, out string error))
        {
            _log.Error($"Could not remove the jumps to {Layout.Names} and rules in them that are not used any more: {error}", FirewallEvents.Failed(error));
        }

        Tables.TryRemove(
            [.. Layout.Chains.Except(kept)],
            (chain, reason) => _log.Error($"Could not remove the chain {chain.Name}, which is not used any more: {reason}", FirewallEvents.Failed(reason)));
    }

    /// <summary>Lists the chains, or whole tables, in the program's own words.</summary>
    public IEnumerable<ExternalResult> Show(bool all) => all ? Layout.ClosingOrder.Select(Tables.Show) : Layout.Chains.Select(Tables.Show);

    /// <summary>Tells of jumps that have been made.</summary>
    public void Announce(IEnumerable<ChainJump> jumps)
    {
        foreach (ChainJump jump in jumps)
        {
            _log.Info($"Added jump rule from chain: {jump.From} to chain: {jump.Chain.Name}");
        }
    }

    private bool TryEstablish(IptablesListing present, out string error)
    {
        bool done = Tables.TryEstablish(
            present, keepRules: !_settings.Chains.FlushesAtInit, _settings.Chains.ChecksComment, out IReadOnlyList<ChainJump> added, out error);
        if (done)
        {
            Announce(added);
        }

        return done;
    }

    /// <summary>Takes over the rules of an earlier run; those whose time was up meanwhile go at once.</summary>
    private bool TryAdopt(IptablesListing present, Moment now, out string error)
    {
        int before = _book.Count;
        ListedRule[] rules = [.. present.Rules.Where(rule => now.Until(rule.Epoch) > TimeSpan.Zero)];
        foreach ((GrantKey key, long epoch) in new IptablesAdoption(this, rules).Find())
        {
            _book.Add(key, new GrantEnd(now.Monotonic + now.Until(epoch), epoch));
        }

        if (_book.Count > before)
        {
            _log.Info($"Kept {_book.Count - before} grants of an earlier run");
        }

        return Closing.TryRemoveDue([], now, out error);
    }

    /// <summary>Adds the grants of the back end that this one follows.</summary>
    private bool TryCarry(IReadOnlyCollection<LiveGrant> carried, out string error)
    {
        LiveGrant[] missing = [.. carried.Where(grant => !_book.TryGet(grant.Key, out _))];
        IptablesScript script = Tables.NewOpening();
        foreach ((GrantKey key, GrantEnd end) in missing)
        {
            foreach (WrittenRule written in Rules.Of(key))
            {
                script.Add(written, end.Epoch, _settings.Prepend);
            }
        }

        bool done = Tables.TryCommit(script, out error);
        foreach ((GrantKey key, GrantEnd end) in done ? missing : [])
        {
            _book.Add(key, end);
        }

        return done;
    }
}
