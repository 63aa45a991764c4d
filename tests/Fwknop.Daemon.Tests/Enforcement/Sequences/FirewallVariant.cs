using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Ipset;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Daemon.Enforcement.Nftables;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement.Sequences;

/// <summary>A firewall as a configuration may ask for it.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Program"><c>iptables-nft</c>, <c>iptables-legacy</c>, or null for nftables.</param>
internal sealed record FirewallVariant(string Name, string? Program)
{
    public static FirewallVariant Nft { get; } = new("iptables-nft", "iptables-nft") { Forwards = true, TranslatesSource = true };

    public static FirewallVariant Legacy { get; } = new("iptables-legacy", "iptables-legacy") { Forwards = true, TranslatesSource = true };

    public static FirewallVariant Guard { get; } = new("guard", null) { IsGuard = true, Forwards = true, TranslatesSource = true };

    public static FirewallVariant Insert { get; } = new("insert", null) { Forwards = true, TranslatesSource = true };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FirewallVariant> All { get; } =
    [
        Nft,
        Legacy,
        Guard,
        Insert,
        Nft with { Name = "iptables-nft with answers, rules in front", HasOutput = true, Prepends = true },
        Legacy with { Name = "iptables-legacy without forwarding", Forwards = false, TranslatesSource = false },
        Legacy with { Name = "iptables-legacy with another chain", InputChain = "MYKNOP_INPUT", HasOutput = true },
        Guard with { Name = "guard without forwarding", Forwards = false, TranslatesSource = false },
        Insert with { Name = "insert without forwarding", Forwards = false, TranslatesSource = false },
        Nft with { Name = "sets with iptables-nft", HasSets = true },
        Legacy with { Name = "sets with iptables-legacy and answers", HasSets = true, HasOutput = true },
    ];

    public bool IsIptables => Program is not null;

    /// <summary>Sets of ipset hold what they can.</summary>
    public bool HasSets { get; init; }

    /// <summary>The kernel ends grants, or some of them.</summary>
    public bool HasTimeouts => !IsIptables || HasSets;

    public bool IsGuard { get; init; }

    public bool HasOutput { get; init; }

    public bool Forwards { get; init; }

    public bool TranslatesSource { get; init; }

    public bool Prepends { get; init; }

    public string InputChain { get; init; } = "FWKNOP_INPUT";

    /// <summary>The chains with what jumps to them: <c>filter INPUT FWKNOP_INPUT</c>.</summary>
    public IEnumerable<(string Table, string From, string Chain)> Chains =>
    [
        ("filter", "INPUT", InputChain),
        .. HasOutput ? ((string, string, string)[])[("filter", "OUTPUT", "FWKNOP_OUTPUT")] : [],
        .. Forwards ? ((string, string, string)[])[("filter", "FORWARD", "FWKNOP_FORWARD"), ("nat", "PREROUTING", "FWKNOP_PREROUTING")] : [],
        .. TranslatesSource
            ? ((string, string, string)[])[("nat", "POSTROUTING", "FWKNOP_POSTROUTING"), ("nat", "POSTROUTING", "FWKNOP_MASQUERADE")]
            : [],
    ];

    /// <summary>False for what must be refused. nftables leaves it to others to refuse what is not to be forwarded.</summary>
    public bool CanMake(Wish wish) => !IsIptables || wish.Way is null || (Forwards && (wish.NewSource is null || TranslatesSource));

    public IReadOnlyList<RuleItem> ItemsOf(Wish wish) =>
    [
        .. HasSets && ExpectedIpset.Holds(wish) ? ExpectedIpset.Of(wish)
            : IsIptables ? ExpectedIptables.Of(wish, this)
            : ExpectedNft.Of(wish, this),
    ];

    /// <summary>The chains and sets without which a wish would not be open.</summary>
    public IEnumerable<string> PlacesOf(Wish wish)
    {
        IEnumerable<string> own = ItemsOf(wish).Select(item => item.Place);
        return HasSets && ExpectedIpset.Holds(wish)
            ? own.Concat(ExpectedIpset.Names(wish.IsIPv6).Select(name => $"ipset {name}")).Concat(ExpectedIptables.Of(wish, this).Select(item => item.Place))
            : own;
    }

    /// <summary>Makes it.</summary>
    /// <param name="keep">FLUSH_*_AT_INIT N.</param>
    /// <param name="executable">In place of iptables itself.</param>
    /// <param name="log">Where it tells.</param>
    public IFirewall Make(bool keep, string? executable, IFirewallLog log) => HasSets
        ? new IpsetFirewall(
            new IpsetSettings
            {
                Executable = IpsetSettings.ProgramBeside(executable ?? Requirement.FindProgram(Program!)!),
                Iptables = IptablesOf(keep, executable),
            },
            log)
        : IsIptables ? new IptablesFirewall(IptablesOf(keep, executable), log)
        : new NftablesFirewall(
            new NftablesSettings
            {
                GuardPorts = IsGuard ? [Grants.Range("tcp/22"), Grants.Range("udp/53"), Grants.Range("tcp/8000-8010")] : [],
                InsertAt = IsGuard ? [] : Hooks("inet filter input, inet filter forward"),
                Nat = Forwards ? NatSettings.All : NatSettings.Off,
                FlushAtInit = !keep,
            },
            log);

    public override string ToString() => Name;

    private IptablesSettings IptablesOf(bool keep, string? executable) => new()
    {
        Programs = IptablesPrograms.Find(executable ?? Requirement.FindProgram(Program!)!),
        Prepend = Prepends,
        Chains = new ChainSettings
        {
            Input = new ChainSpec("ACCEPT", "filter", "INPUT", 1, InputChain, 1),
            HasOutput = HasOutput,
            Forwards = Forwards,
            ForwardsLocally = Forwards,
            TranslatesSource = TranslatesSource,
            FlushesAtInit = !keep,
        },
    };

    private static IReadOnlyList<NftHook> Hooks(string text) =>
        NftHook.TryParseList(text, out IReadOnlyList<NftHook> hooks, out _) ? hooks : throw new FormatException(text);
}
