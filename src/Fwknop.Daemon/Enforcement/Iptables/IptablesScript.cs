using System.Globalization;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>Input of <c>iptables-restore --noflush</c>: one transaction for each table, in the order of the tables.</summary>
/// <param name="tables">The tables, in the order in which they are changed.</param>
internal sealed class IptablesScript(IEnumerable<string> tables)
{
    private const string CommentProbe = "-m comment --comment __TMPCOMMENT__ -j RETURN";

    private readonly (string Table, List<string> Lines)[] _tables = [.. tables.Select(table => (table, new List<string>()))];

    /// <summary>
    /// True where something is to be opened: who can takes all of it back when a part fails. Where something is shut, what accepts has been taken away first, and
    /// stays away when the rest fails.
    /// </summary>
    public bool Opens { get; init; }

    /// <summary>The tables that are changed, in that order, and what is done in each.</summary>
    public IEnumerable<(string Table, IReadOnlyList<string> Lines)> Tables =>
        _tables.Where(table => table.Lines.Count > 0).Select(table => (table.Table, (IReadOnlyList<string>)table.Lines));

    public bool IsEmpty => !Tables.Any();

    /// <summary>Makes the chain, or empties it if it exists.</summary>
    public void MakeChain(OwnChain chain) => Line(chain, $":{chain.Name} - [0:0]");

    public void FlushChain(OwnChain chain) => Line(chain, $"-F {chain.Name}");

    public void DeleteChain(OwnChain chain) => Line(chain, $"-X {chain.Name}");

    public void AddJump(ChainJump jump, int position) =>
        Line(jump.Chain, string.Create(CultureInfo.InvariantCulture, $"-I {jump.From} {position} -j {jump.Chain.Name}"));

    public void DeleteJumps(ChainJump jump, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Line(jump.Chain, $"-D {jump.From} -j {jump.Chain.Name}");
        }
    }

    public void Add(StandingRule rule) => Line(rule.Chain, $"-A {rule.Chain.Name} {rule.Text}");

    public void Delete(StandingRule rule, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Line(rule.Chain, $"-D {rule.Chain.Name} {rule.Text}");
        }
    }

    /// <summary>A rule that does nothing, at the end of our own chain: the live policy is not touched (Q24).</summary>
    public void AddCommentProbe(OwnChain chain) => Line(chain, $"-A {chain.Name} {CommentProbe}");

    public void DeleteCommentProbe(OwnChain chain) => Line(chain, $"-D {chain.Name} {CommentProbe}");

    public void Add(WrittenRule written, long epoch, bool prepend) =>
        Line(written.Rule.Chain, $"{(prepend ? "-I" : "-A")} {written.Rule.Chain.Name} {written.TextUntil(epoch)}");

    public void Delete(WrittenRule written, long epoch) => Line(written.Rule.Chain, $"-D {written.Rule.Chain.Name} {written.TextUntil(epoch)}");

    /// <summary>
    /// By its text and not by its number: another program may have changed the chain since it was listed, and then the
    /// number is that of another rule.
    /// </summary>
    public void Delete(ListedRule rule) => Line(rule.Chain, $"-D {rule.Chain.Name} {rule.Text}");

    /// <summary>A rule that was there.</summary>
    public void Add(ListedRule rule) => Line(rule.Chain, $"-A {rule.Chain.Name} {rule.Text}");

    public override string ToString() =>
        string.Concat(Tables.Select(table => $"*{table.Table}\n{string.Concat(table.Lines.Select(line => $"{line}\n"))}COMMIT\n"));

    private void Line(OwnChain chain, string line) => Array.Find(_tables, table => table.Table == chain.Table).Lines.Add(line);
}
