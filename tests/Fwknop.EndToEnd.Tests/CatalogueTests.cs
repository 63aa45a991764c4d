using System.Text.Json;
using System.Text.RegularExpressions;

using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>
/// The lines of server.md 10 about the life of a daemon, its capture and its firewall: one row for each run, with text and level of what it must write. The log is
/// read as JSON, for that has the levels.
/// </summary>
public sealed class CatalogueTests
{
    private static readonly Row[] Rows =
    [
        new("iptables, a grant and its end", Firewall.Iptables)
        {
            Stanza = "FW_ACCESS_TIMEOUT 1\n",
            Act = (site, daemon) =>
            {
                daemon.LogAfter("Added access rule", () => site.Send(site.Seal(PortSpec.Tcp(Site.Ssh))));
                daemon.WaitForLog("Removed rule");
            },
            Lines =
            [
                "warning Run directory: .*/run does not exist. Attempting to create it.",
                "info Successfully created Run directory: .*/run",
                "info Starting fwknopd",
                "info Sniffing interface: eth0",
                "info PCAP filter is: 'udp port 62201'",
                "info Added jump rule from chain: INPUT to chain: FWKNOP_INPUT",
                "info iptables 'comment' match is available",
                "info Starting fwknopd main event loop.",
                "info (stanza #1) SPA Packet from IP: 10.77.0.2 received with access source match",
                "info Added access rule to FWKNOP_INPUT for 10.77.0.2 -> 0.0.0.0/0 tcp/22, expires at [0-9]+",
                "info Removed rule 1 from FWKNOP_INPUT with expire time of [0-9]+",
                "info Gracefully leaving the fwknopd event loop.",
                "warning Got SIGTERM. Exiting...",
                "info Shutting Down fwknopd.",
            ],
        },
        new("nftables names the grant in place of a number", Firewall.NftablesGuard)
        {
            Stanza = "FW_ACCESS_TIMEOUT 1\n",
            Act = (site, daemon) =>
            {
                daemon.LogAfter("Added access rule", () => site.Send(site.Seal(PortSpec.Tcp(Site.Ssh))));
                daemon.WaitForLog("Removed rule");
            },
            Lines =
            [
                "info Added access rule to FWKNOP_INPUT for 10.77.0.2 -> 0.0.0.0/0 tcp/22, expires at [0-9]+",
                "info Removed rule for 10.77.0.2 -> 0.0.0.0/0 tcp/22 from FWKNOP_INPUT with expire time of [0-9]+",
            ],
        },
        new("SIGINT", Firewall.NftablesGuard) { End = Signal.Interrupt, Lines = ["warning Got SIGINT. Exiting...", "info Shutting Down fwknopd."] },
        new("SIGQUIT", Firewall.NftablesGuard) { End = Signal.Quit, Lines = ["warning Got signal 3. No defined action but to exit."] },
        new("SIGHUP", Firewall.NftablesGuard)
        {
            Act = (_, daemon) => daemon.LogAfter("Starting fwknopd main event loop", () => daemon.Process.Send(Signal.Hangup)),
            Lines = ["warning Got SIGHUP. Re-reading configs.", "info Re-starting fwknopd"],
        },
        new("the packet limit", Firewall.NftablesGuard)
        {
            Arguments = ["-C", "1"],
            Act = (site, daemon) => daemon.LogAfter("Packet count limit", () => site.Send(site.Seal(PortSpec.Tcp(Site.Ssh)))),
            End = null,
            Lines = ["warning * Incoming packet count limit of 1 reached", "info Packet count limit (1) reached. Exiting..."],
        },
        new("UDP server", Firewall.NftablesInsert)
        {
            Configuration = "UDPSERV_PORT 62202\n",
            Arguments = ["-U"],
            Lines = ["info Kicking off UDP server to listen on port 62202."],
        },
        new("TCP server", Firewall.NftablesGuard) { Configuration = "ENABLE_TCP_SERVER Y\n", Lines = ["info Kicking off TCP server to listen on port 62201."] },
        new("traces of capture", Firewall.NftablesGuard)
        {
            Arguments = ["-v"],
            Act = (site, daemon) => daemon.LogAfter("processed: 1 packets", () => site.Send(site.Seal(PortSpec.Tcp(Site.Ssh)))),
            Lines = ["debug pcap_dispatch() processed: 1 packets"],
        },
        new("a locale", Firewall.NftablesGuard) { Configuration = "LOCALE C\n", Lines = ["info Locale set to 'C'."] },
        new("a locale that is not there", Firewall.NftablesGuard)
        {
            Configuration = "LOCALE xx_XX\n",
            Lines = ["err WARNING: Unable to set locale to 'xx_XX'."],
        },
    ];

    public static TheoryData<string> Names => [.. Rows.Select(row => row.Name)];

    [RootTheory("nft", "iptables")]
    [MemberData(nameof(Names))]
    public void Text_and_level(string name)
    {
        Row row = Rows.Single(row => row.Name == name);
        using var site = new Site(row.Firewall, hasServices: false);
        using SpaDaemon daemon = site.StartDaemon(row.Stanza, $"LOG_FORMAT json\n{row.Configuration}", row.Arguments);
        row.Act(site, daemon);
        if (row.End is { } signal)
        {
            daemon.Process.Send(signal);
        }

        Assert.Equal(0, daemon.Process.WaitForExit());
        string[] lines =
        [
            .. daemon.Log.Split('\n').Select(line => JsonDocument.Parse(line).RootElement)
                .Select(item => $"{item.GetProperty("level").GetString()} {item.GetProperty("message").GetString()}"),
        ];
        foreach (string expected in row.Lines)
        {
            Regex pattern = new($@"\A{Regex.Escape(expected).Replace(@"\.\*", ".*", StringComparison.Ordinal).Replace(@"\[0-9]\+", "[0-9]+", StringComparison.Ordinal)}\z");
            Assert.True(lines.Any(pattern.IsMatch), $"{expected}\nis not in\n{string.Join('\n', lines)}");
        }
    }

    /// <summary>One run of the daemon.</summary>
    /// <param name="Name">What is special about it.</param>
    /// <param name="Firewall">The firewall of the machine.</param>
    private sealed record Row(string Name, Firewall Firewall)
    {
        public string Stanza { get; init; } = "";

        public string Configuration { get; init; } = "";

        public IReadOnlyList<string> Arguments { get; init; } = [];

        /// <summary>What is done while it runs.</summary>
        public Action<Site, SpaDaemon> Act { get; init; } = (_, _) => { };

        /// <summary>What ends it; null when it ends by itself.</summary>
        public Signal? End { get; init; } = Signal.Terminate;

        /// <summary>Level and text, with <c>.*</c> and <c>[0-9]+</c> for what is not the same each time.</summary>
        public required IReadOnlyList<string> Lines { get; init; }
    }
}
