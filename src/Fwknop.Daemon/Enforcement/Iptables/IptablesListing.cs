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
    public IEnumerable<ListedRule> Rules => _layout.Chains.SelectMany(chain => ListOf(_rules, chain));

    public bool Has(OwnChain chain) => _chains.Contains(chain);

    /// <summary>How many rules a chain has, of whatever form.</summary>
    public int LengthOf(OwnChain chain) => ListOf(_texts, chain).Count;

    /// <summary>How many rules jump to it in the form that we make.</summary>
    public int CountOf(ChainJump jump) => _jumps.GetValueOrDefault(jump);

    /// <summary>How often it is in its chain.</summary>
    public int CountOf(StandingRule rule) => ListOf(_texts, rule.Chain).Count(text => text == rule.Text);

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
            listing.Read(WithoutComments(output), [.. layout.Chains.Where(chain => chain.Table == table)]);
        }

        return listing;
    }

    private void Read(IEnumerable<string> lines, OwnChain[] chains)
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
                ListOf(_texts, chain).Add(text);
                if (RuleReader.Read(chain, LengthOf(chain), text) is { } rule)
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

    /// <summary>The lines without what stands in a comment with line breaks, which iptables prints as they are: it could look like rules.</summary>
    private static IEnumerable<string> WithoutComments(string output)
    {
        bool isInside = false;
        foreach (string line in output.Split('\n'))
        {
            bool began = isInside;
            isInside ^= QuotesOf(line) % 2 == 1;
            if (!began)
            {
                yield return line;
            }
        }
    }

    private static int QuotesOf(string line)
    {
        int count = 0;
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '\\')
            {
                i++;
            }
            else if (line[i] == '"')
            {
                count++;
            }
        }

        return count;
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
