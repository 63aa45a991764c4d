using System.Globalization;
using System.Text;
using Fwknop.Configuration.Server;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>Input of <c>iptables-restore --noflush</c>: one table, one transaction.</summary>
internal sealed class IptablesScript
{
    private const string CommentProbe = "-m comment --comment __TMPCOMMENT__ -j RETURN";

    private readonly ChainSpec _chain;
    private readonly StringBuilder _lines = new();

    public IptablesScript(ChainSpec chain) => _chain = chain;

    public bool IsEmpty => _lines.Length == 0;

    /// <summary>The rule of server.md 9.2.2, "access", in that order of arguments.</summary>
    public static string Rule(ChainSpec chain, GrantKey key, long epoch) => string.Create(
        CultureInfo.InvariantCulture,
        $"-p {(int)key.Ports.Protocol} -s {key.SourceText} -d {key.DestinationText} --dport {PortsOf(key)}"
        + $" -m comment --comment _exp_{epoch} -j {chain.Target}");

    private static string PortsOf(GrantKey key)
    {
        string first = key.Ports.First.ToString(CultureInfo.InvariantCulture);
        return key.Ports.IsSingle ? first : string.Create(CultureInfo.InvariantCulture, $"{first}:{key.Ports.Last}");
    }

    /// <summary>Makes the chain, or empties it if it exists.</summary>
    public void MakeChain() => Line($":{_chain.ToChain} - [0:0]");

    public void FlushChain() => Line($"-F {_chain.ToChain}");

    public void DeleteChain() => Line($"-X {_chain.ToChain}");

    public void AddJump() =>
        Line(string.Create(CultureInfo.InvariantCulture, $"-I {_chain.FromChain} {_chain.JumpPosition} -j {_chain.ToChain}"));

    public void DeleteJumps(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Line($"-D {_chain.FromChain} -j {_chain.ToChain}");
        }
    }

    /// <summary>A rule that does nothing, at the end of our own chain: the live policy is not touched (Q24).</summary>
    public void AddCommentProbe() => Line($"-A {_chain.ToChain} {CommentProbe}");

    public void DeleteCommentProbe() => Line($"-D {_chain.ToChain} {CommentProbe}");

    public void Add(GrantKey key, long epoch, bool prepend) =>
        Line($"{(prepend ? "-I" : "-A")} {_chain.ToChain} {Rule(_chain, key, epoch)}");

    public void Delete(GrantKey key, long epoch) => Line($"-D {_chain.ToChain} {Rule(_chain, key, epoch)}");

    /// <summary>
    /// By its text and not by its number: another program may have changed the chain since it was listed, and then the
    /// number is that of another rule.
    /// </summary>
    public void Delete(ListedRule rule) => Line($"-D {_chain.ToChain} {rule.Text}");

    public override string ToString() => $"*{_chain.Table}\n{_lines}COMMIT\n";

    private void Line(string line) => _lines.Append(line).Append('\n');
}
