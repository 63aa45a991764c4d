using System.Globalization;
using System.Text;
using Fwknop.Native.LibNftables;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>
/// A table of our own that drops new connections to the guarded ports unless granted. It comes before the usual filter
/// chains, and its "accept" only ends its own chain: the administrator's rules still have the last word, so it never opens
/// what they shut, and it works where there are none.
/// </summary>
internal sealed class GuardLayout : NftLayout
{
    private const string Table = "inet fwknop";
    private const string BaseChain = "input";
    private static readonly NftPlace Place = new("inet", "fwknop", "");

    private readonly IReadOnlyList<PortSpec> _ports;

    public GuardLayout(IReadOnlyList<PortSpec> ports) => _ports = ports;

    public override string Description => $"nftables, guarding {string.Join<PortSpec>(", ", _ports)}";

    public override IReadOnlyList<NftPlace> Places { get; } = [Place];

    /// <summary>
    /// The old table goes and the new one comes in one transaction, so there is no moment without a guard.
    /// What reaches our chain is TCP or UDP to a guarded port. There, "related" would only be a connection that a
    /// connection tracking helper expects on the word of a stranger, so it is not let through; ICMP errors of open
    /// connections never come here. "ct state" makes the kernel put fragments together before.
    /// </summary>
    public override bool TryBuild(NftContext nft, StringBuilder script, out string error)
    {
        error = "";
        string ports = string.Join(", ", _ports.Distinct().Select(NftScript.Port));
        script.Append(CultureInfo.InvariantCulture, $"add table {Table}\ndelete table {Table}\nadd table {Table}\n");
        foreach (NftSet set in Place.Sets)
        {
            script.Append(CultureInfo.InvariantCulture, $"add set {Place.Path(set)} {set.Definition}\n");
        }

        script.Append(
            CultureInfo.InvariantCulture,
            $$"""
            add chain {{Place.ChainPath}}
            add chain {{Table}} {{BaseChain}} { type filter hook input priority -10; policy accept; }
            add rule {{Table}} {{BaseChain}} meta l4proto . th dport { {{ports}} } goto {{NftPlace.Chain}}
            add rule {{Place.ChainPath}} ct state established accept
            add rule {{Place.ChainPath}} iif 1 accept

            """);
        NftScript.AppendAcceptRules(script, Place);
        script.Append(CultureInfo.InvariantCulture, $"add rule {Place.ChainPath} drop\n");
        return true;
    }

    public override string? Inspect(NftContext nft) =>
        nft.TryRun($"list chain {Table} {BaseChain}", out string hook, out _)
        && nft.TryRun($"list chain {Place.ChainPath}", out string rules, out _)
            ? hook + rules
            : null;

    public override bool TryRemove(NftContext nft, out string error) =>
        nft.TryRun($"add table {Table}\ndelete table {Table}\n", out _, out error);
}
