using System.Diagnostics;
using Fwknop.Configuration.Server;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>Which chains there are by the configuration, and which rules are in which (server.md 9.2.1). Two kinds of rules may share a chain.</summary>
internal sealed class IptablesLayout
{
    private readonly ChainSettings _chains;
    private readonly RuleKind[] _kinds;
    private readonly Dictionary<ChainJump, int> _positions = [];

    public IptablesLayout(ChainSettings chains)
    {
        _chains = chains;
        _kinds = [.. ActiveOf(chains)];
        foreach (ChainSpec spec in _kinds.Select(SpecOf))
        {
            _positions.TryAdd(new ChainJump(new OwnChain(spec.Table, spec.ToChain), spec.FromChain), spec.JumpPosition);
        }

        Chains = [.. Jumps.Select(jump => jump.Chain).Distinct()];
        HashSet<string> last = [.. _kinds.Where(kind => !IsTranslation(kind)).Select(kind => SpecOf(kind).Table)];
        OpeningOrder = [.. Chains.Select(chain => chain.Table).Distinct().OrderBy(last.Contains)];
    }

    /// <summary>The specifications that are used, each once.</summary>
    public IEnumerable<ChainSpec> Specs => _kinds.Select(SpecOf).Distinct();

    /// <summary>The chains, in the order in which they are made.</summary>
    public IReadOnlyList<OwnChain> Chains { get; }

    /// <summary>What jumps to them.</summary>
    public IEnumerable<ChainJump> Jumps => _positions.Keys;

    /// <summary>Rules that are in the chains from the beginning.</summary>
    public IReadOnlyList<StandingRule> Standing { get; init; } = [];

    /// <summary>
    /// Their tables in the order in which a grant is made: what accepts comes last. Taken away it is in the other order, so that a failure between opens
    /// nothing that was not granted.
    /// </summary>
    public IReadOnlyList<string> OpeningOrder { get; }

    /// <summary>Their tables in the order in which grants are taken away.</summary>
    public IEnumerable<string> ClosingOrder => OpeningOrder.Reverse();

    /// <summary>Answers have rules of their own (ENABLE_IPT_OUTPUT).</summary>
    public bool HasOutput => _chains.HasOutput;

    /// <summary>True when connections can be forwarded.</summary>
    public bool Translates => Has(RuleKind.Dnat);

    /// <summary>The names of the chains, for messages.</summary>
    public string Names => string.Join(", ", Chains.Select(chain => chain.Name));

    /// <summary>True when there is a chain for rules of this kind.</summary>
    public bool Has(RuleKind kind) => _kinds.Contains(kind);

    /// <summary>The chain that rules of a kind are in, or would be.</summary>
    public OwnChain ChainOf(RuleKind kind) => new(SpecOf(kind).Table, SpecOf(kind).ToChain);

    /// <summary>What they do, <c>ACCEPT</c>.</summary>
    public string TargetOf(RuleKind kind) => SpecOf(kind).Target;

    /// <summary>Where in its chain a jump is put; 1 is the first place.</summary>
    public int PositionOf(ChainJump jump) => _positions[jump];

    /// <summary>The same without forwarding, for a family whose addresses cannot be translated.</summary>
    public IptablesLayout WithoutTranslation() => new(_chains with { Forwards = false, ForwardsLocally = false }) { Standing = Standing };

    private static IEnumerable<RuleKind> ActiveOf(ChainSettings chains)
    {
        bool translates = chains.Forwards || chains.ForwardsLocally;
        return
        [
            RuleKind.Access,
            RuleKind.LocalNat,
            .. chains.HasOutput ? (RuleKind[])[RuleKind.Output] : [],
            .. translates ? (RuleKind[])[RuleKind.Forward, RuleKind.Dnat] : [],
            .. translates && chains.TranslatesSource ? (RuleKind[])[RuleKind.Snat, RuleKind.Masquerade] : [],
        ];
    }

    private static bool IsTranslation(RuleKind kind) => kind is RuleKind.Dnat or RuleKind.Snat or RuleKind.Masquerade;

    private ChainSpec SpecOf(RuleKind kind) => kind switch
    {
        RuleKind.Access or RuleKind.LocalNat => _chains.Input,
        RuleKind.Output => _chains.Output,
        RuleKind.Forward => _chains.Forward,
        RuleKind.Dnat => _chains.Dnat,
        RuleKind.Snat => _chains.Snat,
        RuleKind.Masquerade => _chains.Masquerade,
        _ => throw new UnreachableException(),
    };
}
