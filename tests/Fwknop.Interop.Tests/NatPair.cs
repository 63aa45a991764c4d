using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>A daemon that forwards, with a stanza for each thing that can be said about it.</summary>
/// <param name="daemon">Whose it is.</param>
/// <param name="settings">More of its fwknopd.conf.</param>
public sealed class NatPair(Implementation daemon, string settings = "") : Pair(Implementation.Reference, daemon, Access())
{
    public const string Nothing = "nothing";
    public const string Forced = "FORCE_NAT";
    public const string ForcedSource = "FORCE_SNAT";
    public const string Masquerade = "FORCE_MASQUERADE";
    public const string Kept = "DISABLE_DNAT";
    public const string Everything = "FORWARD_ALL";
    public const string Gateway = "FORWARD_ALL, FORCE_SNAT";
    public const string MasqueradeGateway = "FORWARD_ALL, FORCE_MASQUERADE";
    public const string KeptGateway = "FORWARD_ALL, FORCE_SNAT, DISABLE_DNAT";
    public const string KeptMasqueradeGateway = "FORWARD_ALL, FORCE_MASQUERADE, DISABLE_DNAT";

    private static readonly (string Name, string Lines)[] Stanzas =
    [
        (Nothing, ""),
        (Forced, "FORCE_NAT 10.5.5.3 22\n"),
        (ForcedSource, "FORCE_NAT 10.5.5.4 22\nFORCE_SNAT 10.6.6.6\n"),
        (Masquerade, "FORCE_NAT 10.5.5.5 22\nFORCE_MASQUERADE Y\n"),
        (Kept, "FORCE_NAT 10.5.5.6 22\nDISABLE_DNAT Y\n"),
        (Everything, "FORCE_NAT 10.5.5.7 22\nFORWARD_ALL Y\nFORCE_SNAT 10.6.6.6\n"),
        (Gateway, "FORWARD_ALL Y\nFORCE_SNAT 10.6.6.6\n"),
        (MasqueradeGateway, "FORWARD_ALL Y\nFORCE_MASQUERADE Y\n"),
        (KeptGateway, "FORWARD_ALL Y\nFORCE_SNAT 10.6.6.6\nDISABLE_DNAT Y\n"),
        (KeptMasqueradeGateway, "FORWARD_ALL Y\nFORCE_MASQUERADE Y\nDISABLE_DNAT Y\n"),
    ];

    private static readonly Dictionary<string, SharedKeys> Keys = Stanzas.ToDictionary(stanza => stanza.Name, _ => SharedKeys.Random());

    /// <summary>What the daemon asks iptables for.</summary>
    public FirewallRecorder Recorder { get; } = new();

    protected override string Configuration =>
        $"FIREWALL_EXE {Recorder.Executable};\n"
        + "ENABLE_IPT_FORWARDING Y;\nENABLE_IPT_LOCAL_NAT Y;\nENABLE_IPT_SNAT Y;\nENABLE_IPT_OUTPUT Y;\n"
        + settings;

    /// <summary>The host of FORCE_NAT, or nothing.</summary>
    public static string HostOf(string stanza) => Regex.Match(Stanzas.Single(each => each.Name == stanza).Lines, "(?<=FORCE_NAT )[0-9.]+").Value;

    /// <summary>Knocks for an address, and waits for the last of its lines.</summary>
    /// <param name="times">How many lines there are like the last one.</param>
    public void Knock(string stanza, string address, string arguments, string last, int times = 1)
    {
        Client.Knock(["-D", $"{Network.ServerAddress}", "-a", address, .. arguments.Split(' '), .. Keys[stanza].ClientArguments]);
        Daemon.WaitForLog($"Added {last} rule to .* for {address} -> ", after: times - 1);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Recorder.Dispose();
    }

    private static string Access() =>
        string.Concat(Stanzas.Select(stanza => $"SOURCE ANY\nFW_ACCESS_TIMEOUT 600\n{stanza.Lines}{Keys[stanza.Name].AccessLines}"));
}
