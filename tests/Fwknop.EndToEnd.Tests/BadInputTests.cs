using System.Globalization;

using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>What cannot work is said once and clearly, ends with a status that is not 0, and leaves nothing behind.</summary>
public sealed class BadInputTests
{
    private const string GoodAccess = "SOURCE ANY\nKEY_BASE64 {key}\nHMAC_KEY_BASE64 {hmac}\n";
    private const string Nftables = "FIREWALL_TYPE nftables;\nGUARD_PORTS tcp/22;\n";

    /// <summary>What is wrong, access.conf, fwknopd.conf, arguments, and what is said about it.</summary>
    private static readonly (string What, string Access, string Configuration, string[] Arguments, string Message)[] Rows =
    [
        ("no stanza", "", Nftables, [], "Could not find valid SOURCE stanza|could not find any valid access.conf stanzas"),
        ("no keys", "SOURCE ANY\n", Nftables, [], "No keys found for access stanza source: 'ANY'"),
        ("empty key", "SOURCE ANY\nKEY_BASE64\n", Nftables, [], "Invalid access file entry in .* at line 2"),
        ("placeholder key", "SOURCE ANY\nKEY_BASE64 __CHANGEME__\n", Nftables, [], "KEY_BASE64 value is not properly set"),
        ("placeholder HMAC key", "SOURCE ANY\nKEY_BASE64 {key}\nHMAC_KEY __CHANGEME__\n", Nftables, [], "HMAC_KEY value is not properly set"),
        ("key too long", "SOURCE ANY\nKEY {long}\n", Nftables, [], "KEY.*longer than"),
        ("HMAC key too long", "SOURCE ANY\nKEY_BASE64 {key}\nHMAC_KEY {long}{long}{long}\n", Nftables, [], "KEY.*longer than"),
        ("the same key twice", "SOURCE ANY\nKEY_BASE64 {key}\nHMAC_KEY_BASE64 {key}\n", Nftables, [], "should not be identical"),
        ("key that is not base64", "SOURCE ANY\nKEY_BASE64 a%b\n", Nftables, [], "doesn't look like base64"),
        ("bad source", "SOURCE 1.2.3.4/99\n" + GoodAccess[11..], Nftables, [], "Fatal invalid SOURCE in access stanza"),
        ("bad port list", GoodAccess + "OPEN_PORTS tcp/99999\n", Nftables, [], "OPEN_PORTS|Invalid port"),
        ("bad time", GoodAccess + "FW_ACCESS_TIMEOUT never\n", Nftables, [], "FW_ACCESS_TIMEOUT"),
        ("bad number", GoodAccess, Nftables + "MAX_SPA_PACKET_AGE 0;\n", [], "MAX_SPA_PACKET_AGE"),
        ("both files", "SOURCE 1.2.3.4/99\n" + GoodAccess[11..], Nftables + "MAX_SPA_PACKET_AGE 0;\n", [], "(?s)MAX_SPA_PACKET_AGE.*Fatal invalid SOURCE in access stanza"),
        ("unknown firewall", GoodAccess, "FIREWALL_TYPE moat;\n", [], "FIREWALL_TYPE"),
        ("bad guarded port", GoodAccess, "FIREWALL_TYPE nftables;\nGUARD_PORTS tcp/x;\n", [], "GUARD_PORTS"),
        ("chain that does not exist", GoodAccess, "FIREWALL_TYPE nftables;\nNFT_INSERT inet nowhere input;\n", [], "nowhere"),
        ("firewall program that does not exist", GoodAccess, "FIREWALL_TYPE iptables;\nFIREWALL_EXE /nonexistent/iptables;\n", [], "/nonexistent/iptables"),
        ("firewall program that fails", GoodAccess, "FIREWALL_TYPE iptables;\nFIREWALL_EXE /bin/false;\n", [], "(?i)false"),
        ("run directory that is not absolute", GoodAccess, Nftables, ["--run-dir", "run"], "is not absolute"),
        ("run directory that is a file", GoodAccess, Nftables, ["--run-dir", "/etc/passwd"], "NOT a directory"),
        ("interface that does not exist", GoodAccess, Nftables, ["-i", "nosuch0"], "nosuch0"),
        ("bad filter", GoodAccess, Nftables, ["-P", "udp portt 1"], "(?i)filter|syntax"),
        ("missing access.conf", GoodAccess, Nftables, ["-a", "/nonexistent/access.conf"], "/nonexistent/access.conf"),
        ("missing fwknopd.conf", GoodAccess, Nftables, ["-c", "/nonexistent/fwknopd.conf"], "/nonexistent/fwknopd.conf"),
        ("folder for access.conf", GoodAccess, Nftables, ["-a", "/etc"], "Invalid access.conf file path '/etc'"),
        ("unknown option", GoodAccess, Nftables, ["--no-such-option"], "no-such-option"),
        ("feature of a later version", GoodAccess, Nftables + "FAULT_INJECTION_TAG x;\n", [], "not supported yet"),
    ];

    public static TheoryData<string> Names() => [.. Rows.Select(row => row.What)];

    [RootTheory("nft", "iptables")]
    [MemberData(nameof(Names))]
    public void Is_refused_at_the_start(string what)
    {
        (_, string access, string configuration, string[] arguments, string message) = Rows.Single(row => row.What == what);
        using NetworkNamespace space = SpaceWithInterface();

        using SpaDaemon daemon = SpaDaemon.Launch(Programs.Daemon, space, new DaemonSetup(WithKeys(access), configuration, arguments));
        int status = daemon.Process.WaitForExit();

        Assert.NotEqual(0, status);
        Assert.Matches(message, daemon.Process.Errors + "\n" + daemon.Process.Output);
        AssertNothingLeft(space, daemon);
    }

    [RootFact("nft", "setpriv")]
    public void Needs_root()
    {
        using NetworkNamespace space = SpaceWithInterface();
        using var folder = new TemporaryFolder();
        string program = folder.WriteProgram("fwknopd-as-nobody", $"""
            #!/bin/sh
            chmod -R a+rX "$(dirname "$3")"
            chown -R 65534 "$(dirname "$3")"
            exec setpriv --reuid 65534 --regid 65534 --clear-groups "{Programs.Daemon}" "$@"

            """);

        using SpaDaemon daemon = SpaDaemon.Launch(program, space, new DaemonSetup(WithKeys(GoodAccess), Nftables));

        Assert.NotEqual(0, daemon.Process.WaitForExit());
        Assert.Matches("(?i)root|permi", daemon.Log);
        AssertNothingLeft(space, daemon);
    }

    [RootFact("nft")]
    public void Needs_its_listener()
    {
        using NetworkNamespace space = SpaceWithInterface();
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(Programs.Folder).Where(file => !file.Contains("listener", StringComparison.Ordinal)))
        {
            File.Copy(file, folder.FilePath(Path.GetFileName(file)));
        }

        using SpaDaemon daemon = SpaDaemon.Launch(folder.FilePath("fwknopd"), space, new DaemonSetup(WithKeys(GoodAccess), Nftables));

        Assert.NotEqual(0, daemon.Process.WaitForExit());
        Assert.Contains("fwknopd-listener", daemon.Log, StringComparison.Ordinal);
        AssertNothingLeft(space, daemon);
    }

    private static NetworkNamespace SpaceWithInterface()
    {
        NetworkNamespace space = NetworkNamespace.Create("bad");
        space.RunChecked("ip", "link", "add", TestNetwork.Interface, "type", "veth", "peer", "name", "far");
        space.RunChecked("ip", "link", "set", TestNetwork.Interface, "up");
        return space;
    }

    private static string WithKeys(string access)
    {
        SharedKeys keys = SharedKeys.Random();
        return access.Replace("{key}", keys.Key, StringComparison.Ordinal)
            .Replace("{hmac}", keys.HmacKey, StringComparison.Ordinal)
            .Replace("{long}", new string('k', 50), StringComparison.Ordinal);
    }

    private static void AssertNothingLeft(NetworkNamespace space, SpaDaemon daemon)
    {
        Assert.Equal("", ProcessRun.Run("ip", "netns", "pids", space.Name).Output);
        string rules = space.RunChecked("nft", "list", "ruleset").Output.ToLower(CultureInfo.InvariantCulture);
        Assert.False(rules.Contains("fwknop", StringComparison.Ordinal), $"{rules}\n{daemon.Process.Describe()}");
    }
}
