using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>A daemon that forwards, with a stanza for each thing that can be said about it.</summary>
public sealed class NatPair(Implementation daemon) : Pair(Implementation.Reference, daemon, Access())
{
    public const string Nothing = "nothing";
    public const string Forced = "FORCE_NAT";
    public const string ForcedSource = "FORCE_SNAT";
    public const string Masquerade = "FORCE_MASQUERADE";
    public const string Kept = "DISABLE_DNAT";
    public const string Everything = "FORWARD_ALL";

    private static readonly (string Name, string Lines)[] Stanzas =
    [
        (Nothing, ""),
        (Forced, "FORCE_NAT 10.5.5.3 22\n"),
        (ForcedSource, "FORCE_NAT 10.5.5.4 22\nFORCE_SNAT 10.6.6.6\n"),
        (Masquerade, "FORCE_NAT 10.5.5.5 22\nFORCE_MASQUERADE Y\n"),
        (Kept, "FORCE_NAT 10.5.5.6 22\nDISABLE_DNAT Y\n"),
        (Everything, "FORCE_NAT 10.5.5.7 22\nFORWARD_ALL Y\nFORCE_SNAT 10.6.6.6\n"),
    ];

    private static readonly Dictionary<string, SharedKeys> Keys = Stanzas.ToDictionary(stanza => stanza.Name, _ => SharedKeys.Random());

    /// <summary>What the daemon asks iptables for.</summary>
    public FirewallRecorder Recorder { get; } = new();

    protected override string Configuration =>
        $"FIREWALL_EXE {Recorder.Executable};\n"
        + "ENABLE_IPT_FORWARDING Y;\nENABLE_IPT_LOCAL_NAT Y;\nENABLE_IPT_SNAT Y;\nENABLE_IPT_OUTPUT Y;\n";

    /// <summary>Knocks for an address, and waits for the last of its lines.</summary>
    public void Knock(string stanza, string address, string arguments, string last) => Daemon.LogAfter(
        $"Added {last} rule to .* for {address} -> ",
        () => Client.Knock(["-D", $"{Network.ServerAddress}", "-a", address, .. arguments.Split(' '), .. Keys[stanza].ClientArguments]));

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Recorder.Dispose();
    }

    private static string Access() =>
        string.Concat(Stanzas.Select(stanza => $"SOURCE ANY\nFW_ACCESS_TIMEOUT 600\n{stanza.Lines}{Keys[stanza.Name].AccessLines}"));
}
