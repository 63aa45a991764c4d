using System.Globalization;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>One map of the new destinations of one shape of grants, each an element with its own kernel timeout.</summary>
/// <param name="IsIPv6">The address family.</param>
/// <param name="HasDestination">The grants name a destination.</param>
/// <param name="PrefixLength">How many bits of the source count.</param>
/// <param name="IsForAll">All protocols and ports (FORWARD_ALL).</param>
/// <param name="Turn">Another address, or another port of this host.</param>
internal sealed record NftMap(bool IsIPv6, bool HasDestination, int PrefixLength, bool IsForAll, NftTurn Turn)
{
    /// <summary>What of a packet must be, whatever the map.</summary>
    public const string ToThisHost = "fib daddr type local";

    /// <summary><c>dnat4</c>, <c>redirect6_to_net64</c>, <c>dnat4_all</c>.</summary>
    public string Name =>
        $"{(Turn == NftTurn.Redirect ? "redirect" : "dnat")}{NftMatch.NamePart(IsIPv6, HasDestination, PrefixLength)}{(IsForAll ? "_all" : "")}";

    public string Definition
    {
        get
        {
            string address = NftMatch.AddressType(IsIPv6);
            string key = (HasDestination ? $"{address} . {address}" : address) + (IsForAll ? "" : " . inet_proto . inet_service");
            string value = Turn == NftTurn.Redirect ? "inet_service" : IsForAll ? address : $"{address} . inet_service";
            return $"{{ type {key} : {value}; flags timeout; }}";
        }
    }

    /// <summary>
    /// The rule that looks it up; without an element for a packet it does nothing. Only what is addressed to this host is led elsewhere: connections of the same
    /// user that merely pass through are none of the grant's business.
    /// </summary>
    public string Rule
    {
        get
        {
            string ip = NftMatch.Family(IsIPv6);
            string source = NftMatch.Source(IsIPv6, PrefixLength);
            string key = (HasDestination ? $"{source} . {ip} daddr" : source) + (IsForAll ? "" : " . meta l4proto . th dport");
            string ports = IsForAll ? "" : "meta l4proto { tcp, udp } ";
            string verdict = Turn == NftTurn.Redirect ? "redirect to :" : $"dnat {ip} to";
            return $"{ToThisHost} {ports}{verdict} {key} map @{Name}";
        }
    }

    /// <summary>The map in which a grant is an element; null where the destination stays.</summary>
    public static NftMap? Of(GrantKey key) => key.Translation is { ChangesDestination: true } translation
        ? new NftMap(key.IsIPv6, key.Destination is not null, key.Source.PrefixLength, translation.IsForAll, NftWay.TurnOf(translation))
        : null;

    /// <summary><c>10.0.0.1 . tcp . 80</c>.</summary>
    public string Key(GrantKey key)
    {
        string addresses = key.Destination is null ? $"{key.Source.BaseAddress}" : $"{key.Source.BaseAddress} . {key.Destination}";
        return IsForAll ? addresses : string.Create(CultureInfo.InvariantCulture, $"{addresses} . {PortSpec.NameOf(key.Ports.Protocol)} . {key.Ports.First}");
    }

    /// <summary><c>192.168.1.10 . 22</c>.</summary>
    public string Value(GrantKey key)
    {
        Translation translation = key.Translation!;
        return Turn == NftTurn.Redirect ? translation.Port.ToString(CultureInfo.InvariantCulture)
            : IsForAll ? $"{translation.Address}"
            : string.Create(CultureInfo.InvariantCulture, $"{translation.Address} . {translation.Port}");
    }
}
