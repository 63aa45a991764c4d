namespace Fwknop.Configuration.Server;

/// <summary>The variables about chains (server.md 3.2), which iptables and firewalld have alike.</summary>
/// <param name="infix"><c>IPT</c> or <c>FIREWD</c>.</param>
/// <param name="read">The settings in a configuration.</param>
/// <param name="write">The configuration with others.</param>
internal sealed class ChainKeywords(string infix, Func<ServerConfig, ChainSettings> read, Func<ServerConfig, ChainSettings, ServerConfig> write)
{
    private static readonly ChainSettings Standard = new();

    /// <summary>What may be forwarded.</summary>
    public ServerKeyword[] Forwarding =>
    [
        Flag($"ENABLE_{infix}_FORWARDING", "N", (chains, yes) => chains with { Forwards = yes }),
        Flag($"ENABLE_{infix}_LOCAL_NAT", "N", (chains, yes) => chains with { ForwardsLocally = yes }),
        Flag($"ENABLE_{infix}_SNAT", "N", (chains, yes) => chains with { TranslatesSource = yes }),
    ];

    /// <summary>Where rules are, and when they are taken away.</summary>
    public ServerKeyword[] Chains =>
    [
        Flag($"ENABLE_{infix}_OUTPUT", "N", (chains, yes) => chains with { HasOutput = yes }),
        Flag($"FLUSH_{infix}_AT_INIT", "Y", (chains, yes) => chains with { FlushesAtInit = yes }),
        new($"FLUSH_{infix}_AT_EXIT", "Y", (config, value, place) =>
            write(config, read(config) with { FlushesAtExit = place.ReadFlagUnlessNo($"FLUSH_{infix}_AT_EXIT", value) })),
        Chain("INPUT", Standard.Input, (chains, spec) => chains with { Input = spec }),
        Chain("OUTPUT", Standard.Output, (chains, spec) => chains with { Output = spec }),
        Chain("FORWARD", Standard.Forward, (chains, spec) => chains with { Forward = spec }),
        Chain("DNAT", Standard.Dnat, (chains, spec) => chains with { Dnat = spec }),
        Chain("SNAT", Standard.Snat, (chains, spec) => chains with { Snat = spec }),
        Chain("MASQUERADE", Standard.Masquerade, (chains, spec) => chains with { Masquerade = spec }),
        Flag($"ENABLE_{infix}_COMMENT_CHECK", "Y", (chains, yes) => chains with { ChecksComment = yes }),
    ];

    private ServerKeyword Flag(string name, string standard, Func<ChainSettings, bool, ChainSettings> set) =>
        new(name, standard, (config, value, place) => write(config, set(read(config), place.ReadFlag(name, value))));

    private ServerKeyword Chain(string kind, ChainSpec standard, Func<ChainSettings, ChainSpec, ChainSettings> set)
    {
        string name = $"{infix}_{kind}_ACCESS";
        return new(name, standard.ToString(), (config, value, place) =>
            ServerKeywords.ReadChain(name, value, place) is { } spec ? write(config, set(read(config), spec)) : config);
    }
}
