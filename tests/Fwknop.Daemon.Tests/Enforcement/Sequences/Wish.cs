using System.Globalization;
using System.Net;
using Fwknop.Configuration;
using Fwknop.Daemon.Enforcement;
using Fwknop.Grants;

namespace Fwknop.Daemon.Tests.Enforcement.Sequences;

/// <summary>What a step of a sequence asks for, in words: the model predicts rules from these alone.</summary>
/// <param name="Source">An address, or a network.</param>
/// <param name="Protocol">tcp or udp.</param>
/// <param name="First">First port.</param>
/// <param name="Last">Last port.</param>
internal sealed record Wish(string Source, string Protocol, int First, int Last)
{
    /// <summary>The source address in place of which that of the interface is written.</summary>
    public const string Masquerade = "masquerade";

    /// <summary>Null for everywhere.</summary>
    public string? Destination { get; init; }

    /// <summary>forward, local, all (FORWARD_ALL); null where connections stay.</summary>
    public string? Way { get; init; }

    /// <summary>The address that connections are led to, or null.</summary>
    public string? To { get; init; }

    public int ToPort { get; init; }

    /// <summary>DISABLE_DNAT.</summary>
    public bool Keeps { get; init; }

    /// <summary>The new source address, <see cref="Masquerade"/>, or null.</summary>
    public string? NewSource { get; init; }

    public bool IsIPv6 => Source.Contains(':', StringComparison.Ordinal);

    public bool ChangesDestination => Way is not null && !Keeps && (To is not null || ToPort != 0);

    public bool IsHost => !Source.Contains('/', StringComparison.Ordinal);

    public static Wish Port(string source, string protocol, int first, int? last = null) => new(source, protocol, first, last ?? first);

    public FirewallGrant ToGrant(int seconds) => new(
        Grants.Network(Source),
        Destination is null ? null : IPAddress.Parse(Destination),
        [Ports],
        TimeSpan.FromSeconds(seconds),
        Translation);

    public GrantKey ToKey() => ToGrant(1).Keys.Single();

    public override string ToString()
    {
        string ports = string.Create(CultureInfo.InvariantCulture, $"{Protocol}/{First}{(First == Last ? "" : $"-{Last}")}");
        string way = Way is null ? "" : string.Create(CultureInfo.InvariantCulture, $" {Way} {To}:{ToPort}{(Keeps ? " as it is" : "")}");
        return $"{Source}->{Destination ?? "*"} {(Way == "all" ? "*" : ports)}{way}{(NewSource is null ? "" : $" from {NewSource}")}";
    }

    private PortRange Ports => Grants.Range(string.Create(CultureInfo.InvariantCulture, $"{Protocol}/{First}-{Last}"));

    private Translation? Translation => Way is null ? null : new Translation(
        Way == "local" ? NatKind.Local : NatKind.Forward,
        To is null ? null : IPAddress.Parse(To),
        (ushort)ToPort,
        IsForAll: Way == "all",
        Keeps,
        NewSource is null ? null : new SourceTranslation(NewSource == Masquerade ? null : IPAddress.Parse(NewSource)));
}
