using System.Diagnostics;
using System.Globalization;
using System.Net;
using Fwknop.Configuration;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>The rules of grants (server.md 9.2.2, in that order of arguments).</summary>
internal sealed class IptablesRules(IptablesLayout layout)
{
    /// <summary>To this host, by the address of the interface that a packet comes in by.</summary>
    private const string RedirectTarget = "REDIRECT";

    /// <summary>All rules of a grant, in the order of their log lines.</summary>
    public IEnumerable<WrittenRule> Of(GrantKey key) => KindsOf(key).Select(kind => Write(kind, key));

    /// <summary>What log lines call them, and the chains that they are in.</summary>
    public IEnumerable<(string Name, string Chain)> NamesOf(GrantKey key) =>
        KindsOf(key).Select(kind => (GrantRules.NameOf(kind, key), layout.ChainOf(kind).Name));

    /// <summary>True when there is a chain for each of its rules.</summary>
    public bool CanMake(GrantKey key) => KindsOf(key).All(layout.Has);

    private IReadOnlyList<RuleKind> KindsOf(GrantKey key) => GrantRules.Of(key, layout.HasOutput);

    private WrittenRule Write(RuleKind kind, GrantKey key)
    {
        IptablesRule rule = new(layout.ChainOf(kind), layout.TargetOf(kind));
        return kind switch
        {
            RuleKind.Access => ToPorts(rule, key, key.Ports),
            RuleKind.LocalNat => ToPorts(rule, key with { Destination = LocalDestinationOf(key) }, NewPortOf(key)),
            RuleKind.Output => FromPorts(rule, key),
            RuleKind.Forward => Forward(rule, key),
            RuleKind.Dnat => NewDestination(rule, key),
            RuleKind.Snat or RuleKind.Masquerade => NewSource(rule, key),
            _ => throw new UnreachableException(),
        };
    }

    private static WrittenRule ToPorts(IptablesRule rule, GrantKey key, PortRange ports) => new(
        rule with { Source = key.Source, Destination = DestinationOf(key), Ports = ports },
        $"{ProtocolOf(ports)} -s {key.SourceText} -d {key.DestinationText} --dport {TextOf(ports)}",
        $"-j {rule.Target}");

    private static WrittenRule FromPorts(IptablesRule rule, GrantKey key) => new(
        rule with { Source = DestinationOf(key), Destination = key.Source, Ports = key.Ports, IsForSourcePorts = true },
        $"{ProtocolOf(key.Ports)} -d {key.SourceText} -s {key.DestinationText} --sport {TextOf(key.Ports)}",
        $"-j {rule.Target}");

    private static WrittenRule Forward(IptablesRule rule, GrantKey key)
    {
        if (key.Translation!.IsForAll)
        {
            return new(rule with { Source = key.Source }, $"-s {key.SourceText}", $"-j {rule.Target}");
        }

        PortRange ports = NewPortOf(key);
        return new(
            rule with { Source = key.Source, Ports = ports },
            $"{ProtocolOf(ports)} -s {key.SourceText} --dport {TextOf(ports)}",
            $"-j {rule.Target}");
    }

    private static WrittenRule NewDestination(IptablesRule rule, GrantKey key)
    {
        Translation translation = key.Translation!;
        IPAddress? newAddress = translation.Address ?? key.Destination;
        rule = rule with { Source = key.Source, Destination = DestinationOf(key), NewAddress = newAddress };
        string who = $"-s {key.SourceText} -d {key.DestinationText}";
        if (translation.IsForAll)
        {
            return new(rule, who, $"-j {rule.Target} --to-destination {translation.Address}");
        }

        rule = rule with { Ports = key.Ports, NewPort = translation.Port };
        string conditions = $"{ProtocolOf(key.Ports)} {who} --dport {TextOf(key.Ports)}";
        return newAddress is { } address
            ? new(rule, conditions, $"-j {rule.Target} --to-destination {new IPEndPoint(address, translation.Port)}")
            : new(rule with { Target = RedirectTarget }, conditions, $"-j {RedirectTarget} --to-ports {translation.Port}");
    }

    private static WrittenRule NewSource(IptablesRule rule, GrantKey key)
    {
        Translation translation = key.Translation!;
        IPAddress? address = translation.Source!.Address;

        // The reference adds --to-ports with the requested port to MASQUERADE: then all connections leave from one port, and only one can be made at a time.
        string action = address is null ? $"-j {rule.Target}" : $"-j {rule.Target} --to-source {address}";
        rule = rule with { NewAddress = address };
        if (translation.IsForAll)
        {
            return new(rule with { Source = key.Source }, $"-s {key.SourceText}", action);
        }

        PortRange ports = NewPortOf(key);
        return new(
            rule with { Destination = NetworkText.HostOf(translation.Address!), Ports = ports },
            $"{ProtocolOf(ports)} -d {translation.Address} --dport {TextOf(ports)}",
            action);
    }

    /// <summary>Where a connection that was sent to the destination arrives: rules of this host see it after its translation.</summary>
    private static IPAddress? LocalDestinationOf(GrantKey key) => key.Destination is null ? null : key.Translation!.Address ?? key.Destination;

    private static IPNetwork? DestinationOf(GrantKey key) => key.Destination is { } address ? NetworkText.HostOf(address) : null;

    private static PortRange NewPortOf(GrantKey key) => new(key.Ports.Protocol, key.Translation!.Port, key.Translation.Port);

    private static string ProtocolOf(PortRange ports) => string.Create(CultureInfo.InvariantCulture, $"-p {(int)ports.Protocol}");

    private static string TextOf(PortRange ports)
    {
        string first = ports.First.ToString(CultureInfo.InvariantCulture);
        return ports.IsSingle ? first : string.Create(CultureInfo.InvariantCulture, $"{first}:{ports.Last}");
    }
}
