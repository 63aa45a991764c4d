using Fwknop.Daemon.Programs;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>Our chains in the tables of one address family: what can be asked of them and done to them.</summary>
internal sealed class IptablesTables(IIptables iptables, IptablesLayout layout, IFirewallLog log)
{
    /// <summary>Our choice: about what takes iptables-nft as long as making 10,000 rules anew.</summary>
    private const long MaxComparisons = 100_000;

    /// <inheritdoc cref="IIptables.IsFastInBulk"/>
    public bool IsFastInBulk => iptables.IsFastInBulk;

    /// <summary>Reads whole tables, so that a missing chain is an answer and not a failure.</summary>
    public bool TryList(out IptablesListing listing, out string error) => TryList(layout.OpeningOrder, out listing, out error);

    /// <summary>True when something jumps to each of these chains, and the rules that stand in them are there.</summary>
    public bool AreInPlace(IReadOnlySet<OwnChain> chains)
    {
        return layout.Jumps.Where(jump => chains.Contains(jump.Chain)).All(jump => ListingOf(jump.Chain.Table, jump.From)?.CountOf(jump) > 0)
            && layout.Standing.Where(rule => chains.Contains(rule.Chain)).GroupBy(rule => rule.Chain).All(AreThere);

        bool AreThere(IGrouping<OwnChain, StandingRule> rules) =>
            ListingOf(rules.Key.Table, rules.Key.Name) is { } listing && rules.All(rule => listing.CountOf(rule) > 0);

        IptablesListing? ListingOf(string table, string chain)
        {
            ExternalResult result = iptables.Run(["-t", table, "-S", chain], log);
            return result.Succeeded ? Parse(table, result.Output) : null;
        }
    }

    /// <summary>All of the script, or a failure; see <see cref="IIptables.Commit"/>.</summary>
    public bool TryCommit(IptablesScript script, out string error)
    {
        error = "";
        if (script.IsEmpty)
        {
            return true;
        }

        ExternalResult result = iptables.Commit(script, log);
        error = result.Error;
        return result.Succeeded;
    }

    /// <summary>
    /// A script that deletes rules. It names them by their text, for which the program compares them with all before them. Where that would take long, the chain is
    /// made anew with the rules that stay, in the same transaction; but only where these are all grants: of other rules the listing does not tell all there is.
    /// </summary>
    /// <param name="rules">Which.</param>
    /// <param name="kept">The rules of grants that stay.</param>
    /// <param name="present">What is there.</param>
    public IptablesScript DeletionOf(IReadOnlyCollection<ListedRule> rules, IReadOnlyCollection<ListedRule> kept, IptablesListing present)
    {
        IptablesScript script = NewClosing();
        foreach (IGrouping<OwnChain, ListedRule> chain in rules.GroupBy(rule => rule.Chain))
        {
            ListedRule[] deleted = [.. chain.OrderBy(rule => rule.Number)];
            ListedRule[] stays = [.. kept.Where(rule => rule.Chain == chain.Key)];
            long comparisons = deleted.Select((rule, before) => (long)rule.Number - before).Sum();
            if (iptables.IsFastInBulk && comparisons > MaxComparisons && present.LengthOf(chain.Key) == deleted.Length + stays.Length + layout.Standing.Count(rule => rule.Chain == chain.Key))
            {
                MakeAnew(script, chain.Key);
                foreach (ListedRule rule in stays)
                {
                    script.Add(rule);
                }

                continue;
            }

            foreach (ListedRule rule in deleted)
            {
                script.Delete(rule);
            }
        }

        return script;
    }

    /// <summary>Empties a chain, or makes it, but for the rules that stand in it.</summary>
    public void MakeAnew(IptablesScript script, OwnChain chain)
    {
        script.MakeChain(chain);
        foreach (StandingRule rule in layout.Standing.Where(rule => rule.Chain == chain))
        {
            script.Add(rule);
        }
    }

    /// <summary>A script that opens: it begins with the tables that accept nothing.</summary>
    public IptablesScript NewOpening() => new(layout.OpeningOrder) { Opens = true };

    /// <summary>A script that shuts: it begins with the tables that accept.</summary>
    public IptablesScript NewClosing() => new(layout.ClosingOrder);

    /// <summary>
    /// Makes chains and jumps; with <paramref name="keepRules"/> what is in a chain stays. The chains are complete before
    /// anything jumps to them.
    /// </summary>
    /// <param name="present">What is there.</param>
    /// <param name="keepRules">FLUSH_IPT_AT_INIT N.</param>
    /// <param name="checkComment">Whether to try the comment match (ENABLE_IPT_COMMENT_CHECK).</param>
    /// <param name="added">The jumps that have been added.</param>
    /// <param name="error">What the program says.</param>
    public bool TryEstablish(IptablesListing present, bool keepRules, bool checkComment, out IReadOnlyList<ChainJump> added, out string error)
    {
        HashSet<OwnChain> made = [.. layout.Chains.Where(chain => !keepRules || !present.Has(chain))];
        added = [.. layout.Jumps.Where(jump => made.Contains(jump.Chain) || present.CountOf(jump) == 0)];
        OwnChain probed = layout.ChainOf(RuleKind.Access);
        if (!TryCommit(FirstStep(checkComment), out error))
        {
            if (checkComment && TryCommit(FirstStep(withProbe: false), out _))
            {
                error = $"Warning: Could not use the 'comment' match ({error})";
            }

            return false;
        }

        IptablesScript second = NewOpening();
        if (checkComment)
        {
            second.DeleteCommentProbe(probed);
        }

        foreach (ChainJump jump in added)
        {
            second.AddJump(jump, layout.PositionOf(jump));
        }

        return TryCommit(second, out error);

        IptablesScript FirstStep(bool withProbe)
        {
            IptablesScript first = NewClosing();
            foreach (OwnChain chain in made)
            {
                DeleteJumps(first, present, chain);
                first.MakeChain(chain);
            }

            foreach (StandingRule rule in layout.Standing.Where(rule => made.Contains(rule.Chain) || present.CountOf(rule) == 0))
            {
                first.Add(rule);
            }

            if (withProbe)
            {
                first.AddCommentProbe(probed);
            }

            return first;
        }
    }

    /// <summary>
    /// Takes chains away with what jumps to them. A chain that must stay, because a foreign rule uses it or because its table cannot be
    /// listed (too many rules), is emptied: what is open is shut.
    /// </summary>
    /// <param name="chains">Some of ours.</param>
    /// <param name="failed">Called for each chain that is still there, with the reason.</param>
    public bool TryRemove(IReadOnlyCollection<OwnChain> chains, Action<OwnChain, string> failed)
    {
        bool removed = true;
        foreach (string table in layout.ClosingOrder)
        {
            OwnChain[] own = [.. chains.Where(chain => chain.Table == table)];
            if (own.Length == 0)
            {
                continue;
            }

            bool isListed = TryList([table], out IptablesListing present, out string listError);
            foreach (OwnChain chain in own)
            {
                if (isListed ? !TryRemove(chain, present, out string error) : !TryFlush(chain, out error))
                {
                    removed = false;
                    failed(chain, isListed ? error : $"{listError}; emptying it failed, too: {error}");
                }
                else if (!isListed)
                {
                    removed = false;
                    failed(chain, $"{listError}; it has been emptied");
                }
            }
        }

        return removed;
    }

    /// <summary>Takes jumps and rules that stood in chains away; the chains stay.</summary>
    public bool TryRemoveUnused(IEnumerable<ChainJump> jumps, IEnumerable<StandingRule> standing, out string error)
    {
        IptablesScript script = NewClosing();
        if (!TryList(out IptablesListing present, out error))
        {
            return false;
        }

        foreach (ChainJump jump in jumps)
        {
            script.DeleteJumps(jump, present.CountOf(jump));
        }

        foreach (StandingRule rule in standing)
        {
            script.Delete(rule, present.CountOf(rule));
        }

        return TryCommit(script, out error);
    }

    /// <summary>Lists a chain in the program's own words (server.md 9.2.3).</summary>
    public ExternalResult Show(OwnChain chain) =>
        iptables.Run(["-t", chain.Table, "-L", chain.Name, "--line-numbers", "-n"], log);

    /// <summary>Lists a whole table.</summary>
    public ExternalResult Show(string table) => iptables.Run(["-t", table, "-L", "--line-numbers", "-n"], log);

    private bool TryList(IEnumerable<string> tables, out IptablesListing listing, out string error)
    {
        Dictionary<string, string> outputs = [];
        error = "";
        foreach (string table in tables)
        {
            ExternalResult result = iptables.Run(["-t", table, "-S"], log);
            outputs[table] = result.Output;
            error = result.Error;
            if (!result.Succeeded)
            {
                break;
            }
        }

        listing = IptablesListing.Parse(outputs, layout);
        return error.Length == 0;
    }

    private bool TryRemove(OwnChain chain, IptablesListing present, out string error)
    {
        IptablesScript shut = NewClosing();
        IptablesScript all = NewClosing();
        DeleteJumps(shut, present, chain);
        DeleteJumps(all, present, chain);
        if (present.Has(chain))
        {
            shut.FlushChain(chain);
            all.FlushChain(chain);
            all.DeleteChain(chain);
        }

        if (TryCommit(all, out error))
        {
            return true;
        }

        if (!TryCommit(shut, out string shutError))
        {
            error = shutError;
        }

        return false;
    }

    private bool TryFlush(OwnChain chain, out string error)
    {
        IptablesScript flush = NewClosing();
        flush.FlushChain(chain);
        return TryCommit(flush, out error);
    }

    private void DeleteJumps(IptablesScript script, IptablesListing present, OwnChain chain)
    {
        foreach (ChainJump jump in layout.Jumps.Where(jump => jump.Chain == chain))
        {
            script.DeleteJumps(jump, present.CountOf(jump));
        }
    }

    private IptablesListing Parse(string table, string output) => IptablesListing.Parse(new Dictionary<string, string> { [table] = output }, layout);
}
