namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>
/// How often rules are there, or should be. Two grants may come to rules that are equal, even with the same time: each grant has an instance of its own.
/// </summary>
internal sealed class RuleCounts
{
    private readonly Dictionary<(IptablesRule Rule, long Epoch), int> _counts;

    public RuleCounts()
        : this([])
    {
    }

    private RuleCounts(Dictionary<(IptablesRule Rule, long Epoch), int> counts) => _counts = counts;

    public int this[IptablesRule rule, long epoch] => _counts.GetValueOrDefault((rule, epoch));

    public void Add(IEnumerable<WrittenRule> rules, long epoch)
    {
        foreach (WrittenRule written in rules)
        {
            Add(written.Rule, epoch);
        }
    }

    public void Add(IptablesRule rule, long epoch) => _counts[(rule, epoch)] = this[rule, epoch] + 1;

    public RuleCounts Copy() => new(new Dictionary<(IptablesRule Rule, long Epoch), int>(_counts));

    /// <summary>Takes one instance away.</summary>
    /// <returns>False if there is none.</returns>
    public bool TryTake(IptablesRule rule, long epoch)
    {
        int count = this[rule, epoch];
        if (count == 0)
        {
            return false;
        }

        _counts[(rule, epoch)] = count - 1;
        return true;
    }

    /// <summary>Takes one instance of each away, or none of any.</summary>
    public bool TryTakeAll(IReadOnlyList<IptablesRule> rules, long epoch)
    {
        int taken = 0;
        while (taken < rules.Count && TryTake(rules[taken], epoch))
        {
            taken++;
        }

        if (taken == rules.Count)
        {
            return true;
        }

        foreach (IptablesRule rule in rules.Take(taken))
        {
            Add(rule, epoch);
        }

        return false;
    }
}
