using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>
/// One set of grants of one shape, each an element with its own kernel timeout. What makes a shape stands in the rule that looks the set up, so elements of
/// a set are equal or have nothing in common: the kernel refuses elements that overlap, and grants of different shapes may.
/// Elements of forwarded grants name the destination that was asked for (as connection tracking remembers it) and the one that has become of it, so that
/// nothing passes but what the grant itself has led there. nft packs at most five parts, hence a set for each protocol.
/// </summary>
/// <param name="IsIPv6">The address family.</param>
/// <param name="HasDestination">The grants name a destination.</param>
/// <param name="PrefixLength">How many bits of the source count.</param>
/// <param name="Range">The ports that all of its grants open; null where each element names its port.</param>
/// <param name="Way">How its grants are forwarded; null where they are not.</param>
internal sealed partial record NftSet(bool IsIPv6, bool HasDestination, int PrefixLength, PortRange? Range, NftWay? Way = null)
{
    private enum Part
    {
        Source,
        Destination,
        Protocol,
        Port,
        TargetAddress,
        TargetPort,
    }

    /// <summary>The shapes that are always there: one host, single ports.</summary>
    public static IReadOnlyList<NftSet> OfHosts { get; } =
    [
        new(IsIPv6: false, HasDestination: false, 32, null),
        new(IsIPv6: true, HasDestination: false, 128, null),
        new(IsIPv6: false, HasDestination: true, 32, null),
        new(IsIPv6: true, HasDestination: true, 128, null),
    ];

    /// <summary><c>grants4</c>, <c>grants6_to_net64_tcp_8000_8010</c>, <c>forward4_tcp_dnat</c>, <c>forward6_all_masquerade</c>.</summary>
    public string Name
    {
        get
        {
            string who = NftMatch.NamePart(IsIPv6, HasDestination, PrefixLength);
            if (Way is null)
            {
                string range = Range is null ? "" : string.Create(CultureInfo.InvariantCulture, $"_{PortSpec.NameOf(Range.Protocol)}_{Range.First}_{Range.Last}");
                return $"grants{who}{range}";
            }

            string kind = Way.Kind == NatKind.Local ? "local" : "forward";
            string what = Way.Protocol is { } protocol ? PortSpec.NameOf(protocol) : "all";
            string turn = Way.Turn switch { NftTurn.Dnat => "_dnat", NftTurn.Redirect => "_redirect", _ => "" };
            string source = Way.Source is null ? ""
                : Way.Source.Address is { } address ? $"_snat_{Convert.ToHexStringLower(address.GetAddressBytes())}"
                : "_masquerade";
            return $"{kind}{who}_{what}{turn}{source}";
        }
    }

    public string Definition => $"{{ type {string.Join(" . ", Parts.Select(TypeOf))}; flags timeout; }}";

    /// <summary>What of a packet must be, and what of it is looked up in the set.</summary>
    public string Selector
    {
        get
        {
            // Without a protocol, connection tracking's port has no type in nft's grammar; "meta l4proto" would do, but is not listed, so that what nft lists
            // could not be loaded.
            string condition = Way is { Protocol: { } protocol } ? $"{PortSpec.NameOf(protocol)} dport != 0 "
                : Range is null ? ""
                : $"meta l4proto {PortSpec.NameOf(Range.Protocol)} th dport {NftMatch.Ports(Range)} ";
            return condition + string.Join(" . ", Parts.Select(part => MatchOf(part, byOriginal: Way is { Turn: not NftTurn.Keep })));
        }
    }

    /// <summary>The same for what others have led elsewhere, as published ports of containers: by the destination that was asked for.</summary>
    public string OriginalSelector
    {
        get
        {
            string condition = Range is null ? "meta l4proto { tcp, udp } "
                : $"meta l4proto {PortSpec.NameOf(Range.Protocol)} ct original proto-dst {NftMatch.Ports(Range)} ";
            return $"ct status dnat {condition}{string.Join(" . ", Parts.Select(part => MatchOf(part, byOriginal: true)))}";
        }
    }

    private IEnumerable<Part> Parts
    {
        get
        {
            yield return Part.Source;
            if (HasDestination)
            {
                yield return Part.Destination;
            }

            if (Way is null && Range is null)
            {
                yield return Part.Protocol;
            }

            if (Way is null ? Range is null : Way is { Protocol: not null, Turn: not NftTurn.Keep })
            {
                yield return Part.Port;
            }

            if (Way is { Turn: NftTurn.Dnat } or { Kind: NatKind.Forward, Protocol: not null })
            {
                yield return Part.TargetAddress;
            }

            if (Way is { Protocol: not null })
            {
                yield return Part.TargetPort;
            }
        }
    }

    /// <summary>The set in which a grant is an element.</summary>
    public static NftSet Of(GrantKey key) => new(
        key.IsIPv6, key.Destination is not null, key.Source.PrefixLength, key.Ports.IsSingle || key.Translation is not null ? null : key.Ports, NftWay.Of(key));

    /// <summary>Reads <see cref="Name"/>.</summary>
    public static bool TryParse(string name, [NotNullWhen(true)] out NftSet? set)
    {
        Match match = NamePattern().Match(name);
        bool isIPv6 = match.Groups["family"].Value == "6";
        int length = Number("net") ?? (isIPv6 ? 128 : 32);
        bool isGood = match.Success && length <= (isIPv6 ? 128 : 32)
            && (Number("first") is not { } from || (from >= 1 && from < Number("last") && Number("last") <= ushort.MaxValue));
        TransportProtocol protocol = match.Groups["protocol"].Value == "udp" ? TransportProtocol.Udp : TransportProtocol.Tcp;
        PortRange? range = isGood && Number("first") is { } first ? new PortRange(protocol, first, Number("last")!.Value) : null;
        set = isGood ? new NftSet(isIPv6, match.Groups["to"].Success, length, range, ReadWay(match)) : null;
        set = set?.Name == name ? set : null;
        return set is not null;

        int? Number(string group) =>
            match.Groups[group] is { Success: true } number ? int.Parse(number.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : null;
    }

    /// <summary><c>10.0.0.1 . tcp . 22</c>, or what the shape leaves of it.</summary>
    public string Element(GrantKey key) => string.Join(" . ", Parts.Select(part => part switch
    {
        Part.Source => $"{key.Source.BaseAddress}",
        Part.Destination => $"{key.Destination}",
        Part.Protocol => PortSpec.NameOf(key.Ports.Protocol),
        Part.Port => key.Ports.First.ToString(CultureInfo.InvariantCulture),
        Part.TargetAddress => $"{key.Translation!.Address}",
        _ => key.Translation!.Port.ToString(CultureInfo.InvariantCulture),
    }));

    /// <summary>Reads <see cref="Element"/>; null for what is no grant of this shape.</summary>
    public GrantKey? Read(string element)
    {
        string[] words = element.Split(" . ");
        Part[] parts = [.. Parts];
        if (words.Length != parts.Length)
        {
            return null;
        }

        Dictionary<Part, string> values = parts.Zip(words).ToDictionary(pair => pair.First, pair => pair.Second);
        IPAddress? destination = Address(Part.Destination);
        IPAddress? target = Address(Part.TargetAddress);
        int targetPort = Port(Part.TargetPort);
        bool isRead = NetworkText.TryRead(values[Part.Source], PrefixLength, out IPNetwork source)
            && (destination is not null || !HasDestination) && (target is not null || !values.ContainsKey(Part.TargetAddress))
            && (targetPort > 0 || !values.ContainsKey(Part.TargetPort))
            && (Port(Part.Port) > 0 || !values.ContainsKey(Part.Port));
        if (!isRead || PortsOf(values.GetValueOrDefault(Part.Protocol), Port(Part.Port), targetPort) is not { } ports)
        {
            return null;
        }

        Translation? translation = Way is null ? null : new Translation(
            Way.Kind, target, (ushort)targetPort, Way.Protocol is null, Way is { Turn: NftTurn.Keep, Protocol: not null }, Way.Source);
        GrantKey key = new(source, destination, ports, translation);

        // What is not of the set's shape is not ours.
        return GrantPrefix.MayBe(source) && Of(key) == this && NftGrants.Plain(key) == key && key.IsOfOneFamily ? key : null;

        IPAddress? Address(Part part) => values.TryGetValue(part, out string? text) && IPAddress.TryParse(text, out IPAddress? address) ? address : null;

        int Port(Part part) => values.TryGetValue(part, out string? text)
            && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) ? port : 0;
    }

    private PortRange? PortsOf(string? protocol, int port, int targetPort) => (Way, protocol) switch
    {
        (null, null) => Range,
        (null, "tcp") => new PortRange(TransportProtocol.Tcp, port, port),
        (null, "udp") => new PortRange(TransportProtocol.Udp, port, port),
        (null, _) => null,
        ({ Protocol: null }, _) => PortRange.Everything,
        ({ Protocol: { } way, Turn: NftTurn.Keep }, _) => new PortRange(way, targetPort, targetPort),
        ({ Protocol: { } way }, _) => new PortRange(way, port, port),
    };

    private static NftWay? ReadWay(Match match)
    {
        if (!match.Groups["kind"].Success)
        {
            return null;
        }

        TransportProtocol? protocol = match.Groups["what"].Value switch { "tcp" => TransportProtocol.Tcp, "udp" => TransportProtocol.Udp, _ => null };
        NftTurn turn = match.Groups["turn"].Value switch { "dnat" => NftTurn.Dnat, "redirect" => NftTurn.Redirect, _ => NftTurn.Keep };
        SourceTranslation? source = match.Groups["snat"] is { Success: true } hex ? new SourceTranslation(new IPAddress(Convert.FromHexString(hex.ValueSpan)))
            : match.Groups["masquerade"].Success ? new SourceTranslation(null)
            : null;
        return new NftWay(match.Groups["kind"].Value == "local" ? NatKind.Local : NatKind.Forward, turn, protocol, source);
    }

    private string TypeOf(Part part) => part switch
    {
        Part.Protocol => "inet_proto",
        Part.Port or Part.TargetPort => "inet_service",
        _ => NftMatch.AddressType(IsIPv6),
    };

    private string MatchOf(Part part, bool byOriginal)
    {
        string ip = NftMatch.Family(IsIPv6);
        return part switch
        {
            Part.Source => NftMatch.Source(IsIPv6, PrefixLength),
            Part.Destination => byOriginal ? $"ct original {ip} daddr" : $"{ip} daddr",
            Part.Protocol => "meta l4proto",
            Part.Port => byOriginal ? "ct original proto-dst" : "th dport",
            Part.TargetAddress => $"{ip} daddr",
            _ => "th dport",
        };
    }

    [GeneratedRegex(
        @"\A(grants|(?<kind>forward|local))(?<family>[46])(?<to>_to)?(_net(?<net>[0-9]{1,3}))?"
        + @"(?(kind)_(?<what>tcp|udp|all)(_(?<turn>dnat|redirect))?(?<masquerade>_masquerade)?(_snat_(?<snat>[0-9a-f]{8}|[0-9a-f]{32}))?"
        + @"|(_(?<protocol>tcp|udp)_(?<first>[0-9]{1,5})_(?<last>[0-9]{1,5}))?)\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex NamePattern();
}
