namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>
/// What must be changed so that the chains have what they should have: chains and jumps that another program has removed, with all rules that were in them, and
/// the rules of some grants. A single rule that was deleted by hand does not come back.
/// </summary>
/// <param name="family">The address family.</param>
/// <param name="present">What is there.</param>
/// <param name="prepend">ENABLE_RULE_PREPEND.</param>
internal sealed class IptablesDifference(IptablesFamily family, IptablesListing present, bool prepend)
{
    private readonly List<(WrittenRule Written, long Epoch)> _placed = [];
    private readonly RuleCounts _wanted = new();
    private readonly HashSet<IptablesRule> _concerned = [];

    /// <summary>A grant that is open and stays as it is.</summary>
    public void Keep(GrantKey key, GrantEnd end)
    {
        foreach (WrittenRule written in family.Rules.Of(key))
        {
            if (present.IsIntact(written.Rule.Chain))
            {
                _wanted.Add(written.Rule, end.Epoch);
            }
            else
            {
                Place(written, end.Epoch);
            }
        }
    }

    /// <summary>A grant that is to be like this, whatever it was; <paramref name="end"/> is null where it is to be shut.</summary>
    public void Put(GrantKey key, GrantEnd? end)
    {
        foreach (WrittenRule written in family.Rules.Of(key))
        {
            _concerned.Add(written.Rule);
            if (end is { } until)
            {
                Place(written, until.Epoch);
            }
        }
    }

    /// <summary>Writes it into a script.</summary>
    public void WriteTo(IptablesScript script)
    {
        foreach (OwnChain chain in family.Layout.Chains.Where(chain => !present.Has(chain)))
        {
            script.MakeChain(chain);
        }

        foreach (StandingRule rule in family.Layout.Standing.Where(rule => present.CountOf(rule) == 0))
        {
            script.Add(rule);
        }

        foreach (ListedRule listed in present.Rules)
        {
            if (listed.Rule is { } rule && _concerned.Contains(rule) && !_wanted.TryTake(rule, listed.Epoch))
            {
                script.Delete(listed);
            }
        }

        foreach ((WrittenRule written, long epoch) in _placed.Where(rule => _wanted.TryTake(rule.Written.Rule, rule.Epoch)))
        {
            script.Add(written, epoch, prepend);
        }

        foreach (ChainJump jump in family.Layout.Jumps.Where(jump => present.CountOf(jump) == 0))
        {
            script.AddJump(jump, family.Layout.PositionOf(jump));
        }
    }

    private void Place(WrittenRule written, long epoch)
    {
        _concerned.Add(written.Rule);
        _wanted.Add(written.Rule, epoch);
        _placed.Add((written, epoch));
    }
}
