namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>What <c>iptables -S</c> says about our chains. Lines of any other kind are not ours and are passed over.</summary>
internal sealed class IptablesListing
{
    private readonly HashSet<OwnChain> _chains = [];
    private readonly Dictionary<ChainJump, int> _jumps = [];
    private readonly Dictionary<OwnChain, List<ListedRule>> _rules = [];
    private readonly Dictionary<OwnChain, List<string>> _texts = [];

    private readonly IptablesLayout _layout;

    private IptablesListing(IptablesLayout layout) => _layout = layout;

    /// <summary>The rules that end at a time, chain by chain, in order.</summary>
    public IEnumerable<ListedRule> Rules => _layout.Chains.SelectMany(RulesOf);

    /// <summary>True when every chain and every jump is there.</summary>
    public bool IsWhole => _layout.Chains.All(IsIntact);

    public bool Has(OwnChain chain) => _chains.Contains(chain);

    /// <summary>All rules of a chain, of whatever form: what follows <c>-A CHAIN</c>.</summary>
    public IReadOnlyList<string> TextsOf(OwnChain chain) => _texts.TryGetValue(chain, out List<string>? texts) ? texts : [];

    /// <summary>How many rules jump to it in the form that we make.</summary>
    public int CountOf(ChainJump jump) => _jumps.GetValueOrDefault(jump);

    /// <summary>How often it is in its chain.</summary>
    public int CountOf(StandingRule rule) => TextsOf(rule.Chain).Count(text => text == rule.Text);

    /// <summary>True when nothing has been taken from it by another program: the chain, what jumps to it, and the rules that stand in it.</summary>
    public bool IsIntact(OwnChain chain) => Has(chain)
        && _layout.Jumps.Where(jump => jump.Chain == chain).All(jump => CountOf(jump) > 0)
        && _layout.Standing.Where(rule => rule.Chain == chain).All(rule => CountOf(rule) > 0);

    /// <summary>Reads listings.</summary>
    /// <param name="outputs">What the program has printed, by table.</param>
    /// <param name="layout">Our chains.</param>
    public static IptablesListing Parse(IReadOnlyDictionary<string, string> outputs, IptablesLayout layout)
    {
        IptablesListing listing = new(layout);
        foreach ((string table, string output) in outputs)
        {
            listing.Read(output.Split('\n'), [.. layout.Chains.Where(chain => chain.Table == table)]);
        }

        return listing;
    }

    private IEnumerable<ListedRule> RulesOf(OwnChain chain) => _rules.TryGetValue(chain, out List<ListedRule>? rules) ? rules : [];

    private void Read(string[] lines, OwnChain[] chains)
    {
        Dictionary<string, OwnChain> made = chains.ToDictionary(chain => $"-N {chain.Name}");
        Dictionary<string, OwnChain> appended = chains.ToDictionary(chain => chain.Name);
        Dictionary<string, ChainJump> jumps = _layout.Jumps.Where(jump => chains.Contains(jump.Chain)).ToDictionary(jump => $"-A {jump.From} -j {jump.Chain.Name}");
        foreach (string line in lines)
        {
            if (made.TryGetValue(line, out OwnChain? chain))
            {
                _chains.Add(chain);
            }

            if (jumps.TryGetValue(line, out ChainJump? jump))
            {
                _jumps[jump] = CountOf(jump) + 1;
            }

            if (TrySplit(line, out string name, out string text) && appended.TryGetValue(name, out chain))
            {
                List<string> texts = ListOf(_texts, chain);
                texts.Add(text);
                if (RuleReader.Read(chain, texts.Count, text) is { } rule)
                {
                    ListOf(_rules, chain).Add(rule);
                }
            }
        }
    }

    private static List<T> ListOf<T>(Dictionary<OwnChain, List<T>> lists, OwnChain chain)
    {
        if (!lists.TryGetValue(chain, out List<T>? list))
        {
            lists[chain] = list = [];
        }

        return list;
    }

    /// <summary><c>-A CHAIN text</c>.</summary>
    private static bool TrySplit(string line, out string chain, out string text)
    {
        const string Append = "-A ";
        (chain, text) = ("", "");
        int end = line.StartsWith(Append, StringComparison.Ordinal) ? line.IndexOf(' ', Append.Length) : -1;
        if (end < 0)
        {
            return false;
        }

        (chain, text) = (line[Append.Length..end], line[(end + 1)..]);
        return true;
    }
}
