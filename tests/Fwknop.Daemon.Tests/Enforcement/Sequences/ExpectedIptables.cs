using System.Globalization;

namespace Fwknop.Daemon.Tests.Enforcement.Sequences;

/// <summary>What iptables-save should say about a wish: written down from server.md 9.2.2, not from what makes the rules.</summary>
internal static class ExpectedIptables
{
    /// <summary>The rules of a wish.</summary>
    public static IEnumerable<RuleItem> Of(Wish wish, FirewallVariant variant)
    {
        string source = Network(wish.Source);
        string? destination = wish.Destination is null ? null : Network(wish.Destination);
        string protocol = wish.Protocol;
        string ports = PortText(wish.First, wish.Last);
        string toPort = PortText(wish.ToPort, wish.ToPort);
        switch (wish.Way)
        {
            case null:
                yield return Rule("filter", variant.InputChain, Match(source, destination, protocol, "dport", ports), "ACCEPT");
                if (variant.HasOutput)
                {
                    yield return Rule("filter", "FWKNOP_OUTPUT", Match(destination, source, protocol, "sport", ports), "ACCEPT");
                }

                yield break;

            case "local":
                string? arrives = wish.Destination is null ? null : Network(wish.To ?? wish.Destination);
                yield return Rule("filter", variant.InputChain, Match(source, arrives, protocol, "dport", toPort), "ACCEPT");
                break;

            case "forward":
                yield return Rule("filter", "FWKNOP_FORWARD", Match(source, null, protocol, "dport", toPort), "ACCEPT");
                break;

            default:
                yield return Rule("filter", "FWKNOP_FORWARD", Match(source, null, null, "", ""), "ACCEPT");
                break;
        }

        if (wish.ChangesDestination)
        {
            string port = wish.Way == "all" ? "" : $":{toPort}";
            string host = wish.IsIPv6 && wish.Way != "all" ? $"[{wish.To}]" : $"{wish.To}";
            yield return Rule(
                "nat",
                "FWKNOP_PREROUTING",
                wish.Way == "all" ? Match(source, destination, null, "", "") : Match(source, destination, protocol, "dport", ports),
                wish.To is null ? $"REDIRECT --to-ports {toPort}" : $"DNAT --to-destination {host}{port}");
        }

        if (wish.NewSource is { } newSource)
        {
            bool masquerades = newSource == Wish.Masquerade;
            yield return Rule(
                "nat",
                masquerades ? "FWKNOP_MASQUERADE" : "FWKNOP_POSTROUTING",
                wish.Way == "all" ? Match(source, null, null, "", "") : Match(null, Network(wish.To!), protocol, "dport", toPort),
                masquerades ? "MASQUERADE" : $"SNAT --to-source {newSource}");
        }

        RuleItem Rule(string table, string chain, string match, string target) =>
            new($"{variant.Program} {(wish.IsIPv6 ? 6 : 4)} {table} {chain}", $"-A {chain} {match}-m comment --comment _exp_EXP -j {target}");
    }

    private static string Match(string? source, string? destination, string? protocol, string side, string ports) =>
        (source is null ? "" : $"-s {source} ")
        + (destination is null ? "" : $"-d {destination} ")
        + (protocol is null ? "" : $"-p {protocol} -m {protocol} --{side} {ports} ");

    private static string Network(string text) =>
        text.Contains('/', StringComparison.Ordinal) ? text : text.Contains(':', StringComparison.Ordinal) ? $"{text}/128" : $"{text}/32";

    private static string PortText(int first, int last) =>
        first == last ? first.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{first}:{last}");
}
