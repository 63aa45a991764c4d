using Fwknop.Daemon.Expiry;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>Opens what batches of packets asked for in one address family; heals what another program has taken away, and takes back what failed.</summary>
/// <param name="family">The address family.</param>
/// <param name="prepend">ENABLE_RULE_PREPEND.</param>
/// <param name="log">Where repairs are told.</param>
internal sealed class IptablesOpening(IptablesFamily family, bool prepend, IFirewallLog log)
{
    /// <summary>Null, or why nothing was opened.</summary>
    public string? Apply(IReadOnlyList<GrantChange> changes, Moment now)
    {
        HashSet<OwnChain> chains = [.. changes.SelectMany(change => family.Rules.Of(change.Key)).Select(written => written.Rule.Chain)];

        // The jumps are looked for afterwards: the door opens sooner, and it is not announced before it is certain.
        if (family.Tables.TryCommit(ScriptOf(changes), out _) && family.Tables.AreInPlace(chains))
        {
            return null;
        }

        string? failure = Heal(changes, chains);
        if (failure is not null)
        {
            TakeBack(changes, now);
        }

        return failure;
    }

    /// <summary>Makes what is missing again where another program has taken it away. Null, or why that cannot be done.</summary>
    public string? Ensure(IEnumerable<RuleKind> kinds)
    {
        HashSet<OwnChain> chains = [.. kinds.Select(family.Layout.ChainOf)];
        return family.Tables.AreInPlace(chains) ? null : Heal([], chains);
    }

    private IptablesScript ScriptOf(IReadOnlyList<GrantChange> changes)
    {
        IptablesScript script = family.Tables.NewOpening();
        foreach (GrantChange change in changes.Where(IsVisible))
        {
            foreach (WrittenRule written in family.Rules.Of(change.Key))
            {
                if (change.Before is { } before)
                {
                    script.Delete(written, before.Epoch);
                }

                script.Add(written, change.After.Epoch, prepend);
            }
        }

        return script;
    }

    /// <summary>
    /// Something is not as we left it. Whoever emptied or removed a chain or the jump did not mean to shut out those
    /// who have been granted, so all of them come back; a single rule that was deleted by hand does not.
    /// </summary>
    private string? Heal(IReadOnlyList<GrantChange> changes, HashSet<OwnChain> chains)
    {
        if (!family.Tables.TryList(out IptablesListing present, out string error))
        {
            return error;
        }

        foreach (OwnChain chain in family.Layout.Chains.Where(chain => !present.IsIntact(chain)))
        {
            log.Warning(
                $"Another program has removed the chain {chain.Name} or the jump to it: making it again", FirewallEvents.Repaired());
        }

        IptablesScript script = family.Tables.NewOpening();
        DifferenceTo(present, changes, change => change.After).WriteTo(script);
        if (!family.Tables.TryCommit(script, out error))
        {
            return error;
        }

        if (!family.Tables.AreInPlace(chains))
        {
            return $"the jump to {string.Join(" or ", chains.Select(chain => chain.Name))} was removed again by another program";
        }

        family.Announce(family.Layout.Jumps.Where(jump => present.CountOf(jump) == 0));
        return null;
    }

    /// <summary>What failed may have been done for one table and not for another: all is made as it was. What is left all the same goes later.</summary>
    private void TakeBack(IReadOnlyList<GrantChange> changes, Moment now)
    {
        if (family.Tables.TryList(out IptablesListing present, out _))
        {
            IptablesScript script = family.Tables.NewClosing();
            DifferenceTo(present, changes, change => change.Before).WriteTo(script);
            if (family.Tables.TryCommit(script, out _))
            {
                return;
            }
        }

        family.Closing.Leave(changes.Where(IsVisible), now);
    }

    private IptablesDifference DifferenceTo(
        IptablesListing present, IReadOnlyList<GrantChange> changes, Func<GrantChange, GrantEnd?> state)
    {
        IptablesDifference difference = new(family, present, prepend);
        HashSet<GrantKey> changed = [.. changes.Select(change => change.Key)];
        foreach ((GrantKey key, GrantEnd end) in family.Live.Where(grant => !changed.Contains(grant.Key)))
        {
            difference.Keep(key, end);
        }

        foreach (GrantChange change in changes)
        {
            difference.Put(change.Key, state(change));
        }

        return difference;
    }

    /// <summary>Rules show whole seconds.</summary>
    private static bool IsVisible(GrantChange change) => change.Before?.Epoch != change.After.Epoch;
}
