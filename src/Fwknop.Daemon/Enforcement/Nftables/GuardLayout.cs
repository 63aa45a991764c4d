using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Fwknop.Configuration;
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
    private const string InputHook = "input";
    private const string ForwardHook = "forward";

    /// <summary>Our choice: as long as connection tracking remembers an idle TCP connection.</summary>
    private const string ConnectionTimeout = "5d";

    private static readonly NftPlace Place = NftPlace.Own(NftChains.Input | NftChains.Forward | NftChains.Nat);

    private readonly IReadOnlyList<PortRange> _ports;
    private bool _hasNat;

    /// <param name="ports">Ranges that do not overlap.</param>
    public GuardLayout(IReadOnlyList<PortRange> ports) => _ports = ports;

    public override string Description => $"nftables, guarding {string.Join(", ", _ports)}";

    public override IReadOnlyList<NftPlace> Places { get; } = [Place];

    private IEnumerable<string> Chains =>
        (string[])[InputHook, NftPlace.InputChain, ForwardHook, NftPlace.ForwardChain, .. _hasNat ? NatRules.Chains : []];

    public override IEnumerable<string> Own(NftContext nft) => Tables;

    /// <summary>
    /// The old table goes and the new one comes in one transaction, so there is no moment without a guard.
    /// What reaches our chains is TCP or UDP to a guarded port. There, "related" would only be a connection that a
    /// connection tracking helper expects on the word of a stranger, so it is not let through; ICMP errors of open
    /// connections never come here. "ct state" makes the kernel put fragments together before.
    /// A SYN is never taken for "established": connection tracking says so of one that repeats the addresses and ports of a connection
    /// that the server has just reset, and that is a new connection.
    /// Connections older than the guard are unknown to connection tracking if nothing used it before; they are listed, or
    /// the administrator who starts the daemon over one of them would be shut out. Without SYN, no new one can use that.
    /// What goes through this host is guarded where somebody has given it another destination, as Docker does with published ports, by the port that was
    /// asked for; what is addressed to others from the beginning is theirs.
    /// </summary>
    public override bool TryBuild(NftContext nft, NftShapes shapes, bool translates, StringBuilder script, out string error)
    {
        error = "";
        _hasNat = translates || shapes.Translate;
        script.Append(CultureInfo.InvariantCulture, $"add table {Place.TablePath}\ndelete table {Place.TablePath}\nadd table {Place.TablePath}\n");
        NftScript.AppendSets(script, Place, shapes);
        script.Append(
            CultureInfo.InvariantCulture,
            $$"""
            add set {{Place.TablePath}} open4 { type ipv4_addr . ipv4_addr . inet_service . inet_service; flags timeout; }
            add set {{Place.TablePath}} open6 { type ipv6_addr . ipv6_addr . inet_service . inet_service; flags timeout; }
            add chain {{Place.PathOf(NftPlace.InputChain)}}
            add chain {{Place.PathOf(InputHook)}} { type filter hook input priority -10; policy accept; }
            add rule {{Place.PathOf(NftPlace.InputChain)}} meta l4proto udp ct state established accept
            add rule {{Place.PathOf(NftPlace.InputChain)}} tcp flags & (syn | ack) != syn ct state established accept
            add rule {{Place.PathOf(NftPlace.InputChain)}} iif 1 accept
            add rule {{Place.PathOf(NftPlace.InputChain)}} tcp flags & syn == 0 ip saddr . ip daddr . tcp sport . tcp dport @open4 accept
            add rule {{Place.PathOf(NftPlace.InputChain)}} tcp flags & syn == 0 ip6 saddr . ip6 daddr . tcp sport . tcp dport @open6 accept
            add chain {{Place.PathOf(NftPlace.ForwardChain)}}
            add chain {{Place.PathOf(ForwardHook)}} { type filter hook forward priority -10; policy accept; }
            add rule {{Place.PathOf(NftPlace.ForwardChain)}} meta l4proto udp ct state established accept
            add rule {{Place.PathOf(NftPlace.ForwardChain)}} tcp flags & (syn | ack) != syn ct state established accept

            """);
        AppendGuards(script);
        NftScript.AppendAcceptRules(script, Place, shapes.Sets);
        script.Append(CultureInfo.InvariantCulture, $"add rule {Place.PathOf(NftPlace.InputChain)} drop\nadd rule {Place.PathOf(NftPlace.ForwardChain)} drop\n");
        if (_hasNat)
        {
            NatRules.Append(script, Place, shapes);
        }

        AppendOpenConnections(script);
        return true;
    }

    public override string? Inspect(NftContext nft) => Listings(nft, Chains.Select(Place.PathOf));

    public override bool TryRemove(NftContext nft, out string error) =>
        nft.TryRun($"add table {Place.TablePath}\ndelete table {Place.TablePath}\n", out _, out error);

    /// <summary>The table of another guard, or of one that translates in it, has taken the place of ours.</summary>
    public override bool TryRemoveBut(NftLayout? kept, NftContext nft, out string error)
    {
        error = "";
        return kept?.Places.Any(place => place.TablePath == Place.TablePath) == true || TryRemove(nft, out error);
    }

    /// <summary>
    /// What goes to our chains. A set with a name would not do: while one table takes the place of another, a packet may meet a rule of the old one and find
    /// its set empty. And a set of connection tracking's ports is listed in a form that nft does not read.
    /// </summary>
    private void AppendGuards(StringBuilder script)
    {
        string[] single = [.. _ports.Where(range => range.IsSingle).Select(range => $"{PortSpec.NameOf(range.Protocol)} . {NftMatch.Ports(range)}")];
        if (single.Length > 0)
        {
            script.Append(
                CultureInfo.InvariantCulture,
                $"add rule {Place.PathOf(InputHook)} meta l4proto . th dport {{ {string.Join(", ", single)} }} goto {NftPlace.InputChain}\n");
        }

        foreach (PortRange range in _ports)
        {
            (string protocol, string ports) = (PortSpec.NameOf(range.Protocol), NftMatch.Ports(range));
            if (!range.IsSingle)
            {
                script.Append(CultureInfo.InvariantCulture, $"add rule {Place.PathOf(InputHook)} {protocol} dport {ports} goto {NftPlace.InputChain}\n");
            }

            script.Append(
                CultureInfo.InvariantCulture,
                $"add rule {Place.PathOf(ForwardHook)} ct direction original ct status dnat meta l4proto {protocol} ct original proto-dst {ports}"
                + $" goto {NftPlace.ForwardChain}\n");
        }
    }

    private void AppendOpenConnections(StringBuilder script)
    {
        foreach (OpenConnection connection in OpenConnection.ReadAll().Where(connection => IsGuarded(connection.Local.Port)))
        {
            (IPEndPoint local, IPEndPoint remote) = connection;
            string set = local.AddressFamily == AddressFamily.InterNetworkV6 ? "open6" : "open4";
            script.Append(
                CultureInfo.InvariantCulture,
                $"add element {Place.TablePath} {set} {{ {remote.Address} . {local.Address} . {remote.Port} . {local.Port} timeout {ConnectionTimeout} }}\n");
        }
    }

    private bool IsGuarded(int tcpPort) => _ports.Any(range => range.Contains(PortSpec.Tcp(tcpPort)));
}
