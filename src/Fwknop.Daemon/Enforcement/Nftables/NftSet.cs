using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Fwknop.Configuration;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>
/// One set of grants of one shape, each an element with its own kernel timeout. What makes a shape stands in the rule that looks the set up, so elements of
/// a set are equal or have nothing in common: the kernel refuses elements that overlap, and grants of different shapes may.
/// </summary>
/// <param name="IsIPv6">The address family.</param>
/// <param name="HasDestination">The grants name a destination.</param>
/// <param name="PrefixLength">How many bits of the source count.</param>
/// <param name="Range">The ports that all of its grants open; null where each element names its port.</param>
internal sealed partial record NftSet(bool IsIPv6, bool HasDestination, int PrefixLength, PortRange? Range)
{
    /// <summary>The shapes that are always there: one host, single ports.</summary>
    public static IReadOnlyList<NftSet> OfHosts { get; } =
    [
        new(IsIPv6: false, HasDestination: false, 32, null),
        new(IsIPv6: true, HasDestination: false, 128, null),
        new(IsIPv6: false, HasDestination: true, 32, null),
        new(IsIPv6: true, HasDestination: true, 128, null),
    ];

    /// <summary><c>grants4</c>, <c>grants6_to_net64_tcp_8000_8010</c>.</summary>
    public string Name
    {
        get
        {
            string name = (IsIPv6 ? "grants6" : "grants4") + (HasDestination ? "_to" : "");
            string net = IsOfHosts ? "" : string.Create(CultureInfo.InvariantCulture, $"_net{PrefixLength}");
            string range = Range is null ? "" : string.Create(CultureInfo.InvariantCulture, $"_{ProtocolOf(Range)}_{Range.First}_{Range.Last}");
            return name + net + range;
        }
    }

    public string Definition
    {
        get
        {
            string address = IsIPv6 ? "ipv6_addr" : "ipv4_addr";
            string addresses = HasDestination ? $"{address} . {address}" : address;
            return $"{{ type {addresses}{(Range is null ? " . inet_proto . inet_service" : "")}; flags timeout; }}";
        }
    }

    /// <summary>What of a packet must be, and what of it is looked up in the set.</summary>
    public string Selector
    {
        get
        {
            string ip = IsIPv6 ? "ip6" : "ip";
            string source = IsOfHosts ? $"{ip} saddr" : $"{ip} saddr & {Mask}";
            string addresses = HasDestination ? $"{source} . {ip} daddr" : source;
            return Range is null ? $"{addresses} . meta l4proto . th dport"
                : string.Create(CultureInfo.InvariantCulture, $"meta l4proto {ProtocolOf(Range)} th dport {Range.First}-{Range.Last} {addresses}");
        }
    }

    private bool IsOfHosts => PrefixLength == (IsIPv6 ? 128 : 32);

    private IPAddress Mask
    {
        get
        {
            byte[] mask = new byte[IsIPv6 ? 16 : 4];
            for (int bit = 0; bit < PrefixLength; bit++)
            {
                mask[bit / 8] |= (byte)(0x80 >> (bit % 8));
            }

            return new IPAddress(mask);
        }
    }

    /// <summary>The set in which a grant is an element.</summary>
    public static NftSet Of(GrantKey key) =>
        new(key.IsIPv6, key.Destination is not null, key.Source.PrefixLength, key.Ports.IsSingle ? null : key.Ports);

    /// <summary>Reads <see cref="Name"/>.</summary>
    public static bool TryParse(string name, [NotNullWhen(true)] out NftSet? set)
    {
        Match match = NamePattern().Match(name);
        bool isIPv6 = match.Groups["family"].Value == "6";
        int length = Number("net") ?? (isIPv6 ? 128 : 32);
        bool isGood = match.Success && length <= (isIPv6 ? 128 : 32)
            && (Number("first") is not { } from || (from >= 1 && from < Number("last") && Number("last") <= ushort.MaxValue));
        PortRange? range = isGood && Number("first") is { } first
            ? new PortRange(match.Groups["protocol"].Value == "udp" ? TransportProtocol.Udp : TransportProtocol.Tcp, first, Number("last")!.Value)
            : null;
        set = isGood ? new NftSet(isIPv6, match.Groups["to"].Success, length, range) : null;
        set = set?.Name == name ? set : null;
        return set is not null;

        int? Number(string group) =>
            match.Groups[group] is { Success: true } number ? int.Parse(number.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : null;
    }

    /// <summary><c>10.0.0.1 . tcp . 22</c>, or what the shape leaves of it.</summary>
    public string Element(GrantKey key)
    {
        string addresses = key.Destination is null ? $"{key.Source.BaseAddress}" : $"{key.Source.BaseAddress} . {key.Destination}";
        return Range is null
            ? string.Create(CultureInfo.InvariantCulture, $"{addresses} . {ProtocolOf(key.Ports)} . {key.Ports.First}")
            : addresses;
    }

    private static string ProtocolOf(PortRange range) => range.Protocol == TransportProtocol.Udp ? "udp" : "tcp";

    [GeneratedRegex(
        @"\Agrants(?<family>[46])(?<to>_to)?(_net(?<net>[0-9]{1,3}))?(_(?<protocol>tcp|udp)_(?<first>[0-9]{1,5})_(?<last>[0-9]{1,5}))?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex NamePattern();
}
