using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Fwknop.Configuration.Server;
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

    /// <summary>Our choice: as long as connection tracking remembers an idle TCP connection.</summary>
    private const string ConnectionTimeout = "5d";

    private static readonly NftPlace Place = new(NftFamily.Inet, "fwknop", "");

    private readonly IReadOnlyList<PortSpec> _ports;

    public GuardLayout(IReadOnlyList<PortSpec> ports) => _ports = ports;

    public override string Description => $"nftables, guarding {string.Join<PortSpec>(", ", _ports)}";

    public override IReadOnlyList<NftPlace> Places { get; } = [Place];

    /// <summary>
    /// The old table goes and the new one comes in one transaction, so there is no moment without a guard.
    /// What reaches our chain is TCP or UDP to a guarded port. There, "related" would only be a connection that a
    /// connection tracking helper expects on the word of a stranger, so it is not let through; ICMP errors of open
    /// connections never come here. "ct state" makes the kernel put fragments together before.
    /// A SYN is never taken for "established": connection tracking says so of one that repeats the addresses and ports of a connection
    /// that the server has just reset, and that is a new connection.
    /// Connections older than the guard are unknown to connection tracking if nothing used it before; they are listed, or
    /// the administrator who starts the daemon over one of them would be shut out. Without SYN, no new one can use that.
    /// </summary>
    public override bool TryBuild(NftContext nft, IReadOnlyCollection<NftSet> sets, StringBuilder script, out string error)
    {
        error = "";
        string ports = string.Join(", ", _ports.Distinct().Select(NftScript.Port));
        script.Append(CultureInfo.InvariantCulture, $"add table {Table}\ndelete table {Table}\nadd table {Table}\n");
        foreach (NftSet set in Place.Usable(sets))
        {
            script.Append(CultureInfo.InvariantCulture, $"add set {Place.Path(set)} {set.Definition}\n");
        }

        script.Append(
            CultureInfo.InvariantCulture,
            $$"""
            add set {{Table}} open4 { type ipv4_addr . ipv4_addr . inet_service . inet_service; flags timeout; }
            add set {{Table}} open6 { type ipv6_addr . ipv6_addr . inet_service . inet_service; flags timeout; }
            add chain {{Place.ChainPath}}
            add chain {{Table}} {{BaseChain}} { type filter hook input priority -10; policy accept; }
            add rule {{Table}} {{BaseChain}} meta l4proto . th dport { {{ports}} } goto {{NftPlace.Chain}}
            add rule {{Place.ChainPath}} meta l4proto udp ct state established accept
            add rule {{Place.ChainPath}} tcp flags & (syn | ack) != syn ct state established accept
            add rule {{Place.ChainPath}} iif 1 accept
            add rule {{Place.ChainPath}} tcp flags & syn == 0 ip saddr . ip daddr . tcp sport . tcp dport @open4 accept
            add rule {{Place.ChainPath}} tcp flags & syn == 0 ip6 saddr . ip6 daddr . tcp sport . tcp dport @open6 accept

            """);
        NftScript.AppendAcceptRules(script, Place, sets);
        script.Append(CultureInfo.InvariantCulture, $"add rule {Place.ChainPath} drop\n");
        AppendOpenConnections(script);
        return true;
    }

    private void AppendOpenConnections(StringBuilder script)
    {
        HashSet<int> guarded = [.. _ports.Where(port => port.Protocol == TransportProtocol.Tcp).Select(port => (int)port.Port)];
        foreach (OpenConnection connection in OpenConnection.ReadAll().Where(connection => guarded.Contains(connection.Local.Port)))
        {
            (IPEndPoint local, IPEndPoint remote) = connection;
            string set = local.AddressFamily == AddressFamily.InterNetworkV6 ? "open6" : "open4";
            script.Append(
                CultureInfo.InvariantCulture,
                $"add element {Table} {set} {{ {remote.Address} . {local.Address} . {remote.Port} . {local.Port} timeout {ConnectionTimeout} }}\n");
        }
    }

    public override string? Inspect(NftContext nft) =>
        nft.TryRun($"list chain {Table} {BaseChain}", out string hook, out _)
        && nft.TryRun($"list chain {Place.ChainPath}", out string rules, out _)
            ? hook + rules
            : null;

    public override bool TryRemove(NftContext nft, out string error) =>
        nft.TryRun($"add table {Table}\ndelete table {Table}\n", out _, out error);

    public override bool TryRemoveBut(NftLayout? kept, NftContext nft, out string error)
    {
        error = "";
        return kept is GuardLayout || TryRemove(nft, out error);
    }
}
