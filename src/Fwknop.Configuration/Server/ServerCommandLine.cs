using System.Net;
using Fwknop.Configuration.CommandLine;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Server;

/// <summary>The options of fwknopd in one table (server.md 1.2).</summary>
public static class ServerCommandLine
{
    private const string NotYetHelp = "Not supported yet.";

    private static readonly OptionTable<ServerOptions> Table = new OptionTable<ServerOptions>()
        .Text('a', ["access-file"], "FILE", "Read this access.conf.", (options, value) => options.Settings["ACCESS_FILE"] = value)
        .Text('c', ["config-file"], "FILE", "Read this fwknopd.conf.", (options, value) => options.ConfigFile = value)
        .Value('O', ["override-config"], "FILE[,FILE...]", "Read these after fwknopd.conf; the last setting wins.", SetOverrideFiles)
        .Flag('f', ["foreground"], "Stay in the foreground and log to standard error.", options => options.IsForeground = true)
        .Text('i', ["interface"], "NAME[,NAME...]", "Capture on this interface, or on several with commas.", (options, value) => options.Settings["PCAP_INTF"] = value)
        .Text('P', ["pcap-filter"], "FILTER", "Capture what this pcap filter lets pass.", (options, value) => options.Settings["PCAP_FILTER"] = value)
        .Flag(null, ["pcap-any-direction"], "Take outgoing packets too.", options => options.Settings["ENABLE_PCAP_ANY_DIRECTION"] = "Y")
        .Flag('U', ["udp-server"], "Receive on a UDP socket instead of capturing.", options => options.Settings["ENABLE_UDP_SERVER"] = "Y")
        .Flag('n', ["nfq-capture"], "Take packets from NFQUEUE instead of capturing.", options => options.Settings["ENABLE_NFQ_CAPTURE"] = "Y")
        .Number(
            'C',
            ["packet-limit"],
            "N",
            "Stop after so many packets; 0 means never.",
            (0, int.MaxValue),
            value => $"[*] invalid -C packet count limit '{value}'",
            (options, number) => options.PacketLimit = number)
        .Text('d', ["digest-file"], "FILE", "Keep the record of packets in this file.", (options, value) => options.Settings["DIGEST_FILE"] = value)
        .Text('p', ["pid-file"], "FILE", "Use this PID file.", (options, value) => options.Settings["FWKNOP_PID_FILE"] = value)
        .Text('r', ["run-dir"], "DIR", "Use this run directory.", (options, value) => options.Settings["FWKNOP_RUN_DIR"] = value)
        .Flag('t', ["test"], "Process packets, but open nothing and remember nothing.", options => options.IsTest = true)
        .Flag('v', ["verbose"], "Say more; given twice the configuration and programs that are run, three times packets byte by byte, too.", options => options.VerboseCount++)
        .Flag('D', ["dump-config"], "Show the configuration and exit.", options => options.Asked.Add(ServerAction.DumpConfig))
        .Flag(null, ["exit-parse-config"], "Check the configuration and exit.", options => options.Asked.Add(ServerAction.CheckConfig))
        .Flag(null, ["exit-parse-digest-cache"], "Check the configuration and the record of packets and exit.", options =>
            options.Asked.Add(ServerAction.CheckDigestCache))
        .Flag('S', ["status"], "Tell whether fwknopd is running; with -v, what it has done.", options => options.Asked.Add(ServerAction.ShowStatus))
        .Add(Ours("list-grants", null, "List what the running fwknopd has opened, and for whom.", (options, _) =>
        {
            options.Asked.Add(ServerAction.ListGrants);
            return null;
        }))
        .Add(Ours("revoke", "ADDRESS[,PORT]", "Let it shut that again: for an address or network, at one port (22, tcp/22) or all.", SetRevoked))
        .Add(Ours("cut", null, "With --revoke: end connections, too.", (options, _) =>
        {
            options.CutsConnections = true;
            return null;
        }))
        .Add(Ours("json", null, "With --list-grants, --revoke, --status: show JSON.", (options, _) =>
        {
            options.ShowsJson = true;
            return null;
        }))
        .Text(null, ["explain"], "FILE", "Tell why the packet in FILE (its text, or a pcap file; - is standard input) would be granted or refused, do nothing, and exit.", SetExplain)
        .Value(null, ["explain-source"], "ADDRESS", "With --explain: where the text of a packet came from.", SetExplainSource)
        .Flag('K', ["kill"], "End the running fwknopd.", options => options.Asked.Add(ServerAction.Kill))
        .Flag('R', ["restart"], "Let the running fwknopd read its configuration again.", options => options.Asked.Add(ServerAction.Restart))
        .Flag(null, ["fw-list"], "List the firewall rules of fwknopd.", options => options.Asked.Add(ServerAction.ListFirewall))
        .Flag(null, ["fw-list-all"], "List the tables that they are in.", options => options.Asked.Add(ServerAction.ListWholeFirewall))
        .Flag(null, ["fw-flush"], "Remove the firewall rules of fwknopd.", options => options.Asked.Add(ServerAction.FlushFirewall))
        .Flag(null, ["rotate-digest-cache"], "Begin a new record of packets; the old one becomes FILE-old.", options =>
            options.RotatesDigestCache = true)
        .Flag(null, ["syslog-enable"], "With -f: log to syslog as well as to standard error.", options => options.IsSyslogEnabled = true)
        .Flag(null, ["dump-serv-err-codes"], "Show the error codes and exit.", options => options.Asked.Add(ServerAction.ShowErrorCodes))
        .Text('l', ["locale"], "NAME", "Language of the system's texts, such as de_DE.UTF-8.", (options, value) => options.Settings["LOCALE"] = value)
        .Value(null, ["gpg-home-dir"], "DIR", "GPG_HOME_DIR of stanzas that do not set it.", SetGpgHome)
        .Value(null, ["gpg-exe"], "FILE", "Use this gpg.", (options, value) => SetProgram(options, "GPG_EXE", value, "gpg", "lstat"))
        .Value(null, ["sudo-exe"], "FILE", "Use this sudo.", (options, value) => SetProgram(options, "SUDO_EXE", value, "sudo", "stat"))
        .Flag(null, ["no-ipt-check-support"], "Accepted; has no effect.", options => options.Notices.Add(
            "--no-ipt-check-support has no effect: rules are not looked for with iptables -C"))
        .Flag(null, ["no-firewd-check-support"], "Accepted; has no effect.", options => options.Notices.Add(
            "--no-firewd-check-support has no effect: rules are not looked for with -C"))
        .Flag(null, ["key-gen"], "Make an encryption key and an HMAC key and exit.", options => options.IsKeyGenerationAsked = true)
        .Text(null, ["key-gen-file"], "FILE", "Write the keys to this file.", (options, value) =>
            options.KeyGeneration = options.KeyGeneration with { File = value })
        .Number(
            null,
            ["key-len"],
            "BYTES",
            "Length of the encryption key; 32 when not given.",
            (1, Limits.HmacKeyProgramBytes),
            value => $"Invalid key length '{value}', must be in [1-128]",
            (options, number) => options.KeyGeneration = options.KeyGeneration with { KeyLength = number })
        .Number(
            null,
            ["hmac-key-len"],
            "BYTES",
            "Length of the HMAC key; by digest type when not given.",
            (1, Limits.HmacKeyProgramBytes),
            value => $"Invalid hmac key length '{value}', must be in [1-128]",
            (options, number) => options.KeyGeneration = options.KeyGeneration with { HmacKeyLength = number })
        .Value(null, ["hmac-digest-type"], "TYPE", "md5, sha1, sha256 (when not given), sha384, sha512, sha3_256 or sha3_512.", SetHmacType)
        .Flag('V', ["version"], "Show the version and exit.", options => options.IsVersionAsked = true)
        .Flag('h', ["help"], "Show this and exit.", options => options.IsHelpAsked = true)
        .Text(null, ["access-folder"], "DIR", "Read the files of this folder in place of access.conf.", (options, value) => options.Settings["ACCESS_FOLDER"] = value)
        .Value(null, ["pcap-file"], "FILE", "Read packets from this file instead of capturing.", SetPcapFile)
        .Add(Refused('A', "afl-fuzzing", null, "[*] fwknopd not compiled with AFL fuzzing support"))
        .Add(Refused(null, "afl-pkt-file", "FILE", "[*] fwknopd not compiled with AFL fuzzing support"))
        .Add(Refused(null, "fault-injection-tag", "TAG", "[*] fwknopd not compiled with libfiu support"));

    /// <summary>Reads a command line. Version, key generation and help beat everything, errors too.</summary>
    /// <param name="programName">The name of the program as it was called.</param>
    /// <param name="arguments">The words after it.</param>
    /// <param name="stopAtFirstWord">True when <c>POSIXLY_CORRECT</c> is set.</param>
    public static ServerOptions Parse(string programName, IReadOnlyList<string> arguments, bool stopAtFirstWord = false)
    {
        ServerOptions options = new();
        CommandLineResult result = Table.Parse(programName, arguments, options, stopAtFirstWord);
        DiagnosticList diagnostics = new();
        foreach (CommandLineError error in result.Errors)
        {
            diagnostics.Error(ConfigDiagnostic.CommandLineSource, 0, error.Text);
        }

        foreach (string word in result.Words)
        {
            diagnostics.Warning(ConfigDiagnostic.CommandLineSource, 0, $"{programName}: '{word}' is not an option and is ignored");
        }

        foreach (string notice in options.Notices)
        {
            diagnostics.Info(ConfigDiagnostic.CommandLineSource, 0, notice);
        }

        if (ActionRules.FindConflict(options) is { } conflict)
        {
            diagnostics.Error(ConfigDiagnostic.CommandLineSource, 0, conflict);
        }

        options.IsForeground |= options.Action != ServerAction.Run;
        options.NeedsUsage = result.NeedsUsage;
        options.Diagnostics = diagnostics.Items;
        return options;
    }

    /// <summary>What <c>-h</c> shows.</summary>
    /// <param name="version">The version of the program.</param>
    public static string Usage(string version) =>
        $"""

        fwknopd server version {version}
        Single Packet Authorization server

        Usage: fwknopd [options]

        {Table.FormatHelp()}

        """;

    /// <summary>What <c>-V</c> shows.</summary>
    /// <param name="version">The version of the program.</param>
    public static string Version(string version) =>
        $"fwknopd server {version}, compiled for firewall bin: {ServerConfig.DefaultFirewallExe}\n";

    private static string? SetOverrideFiles(ServerOptions options, string value)
    {
        string[] files = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        options.OverrideFiles = files;
        return files.Length == 0 ? "[*] -O needs a file" : null;
    }

    private static void SetExplain(ServerOptions options, string value)
    {
        options.ExplainFile = value;
        options.Asked.Add(ServerAction.Explain);
    }

    // In the form that the daemon knows addresses in: no scope, no IPv4 written as IPv6.
    private static string? SetExplainSource(ServerOptions options, string value)
    {
        bool isGood = IPAddress.TryParse(value, out IPAddress? address)
            && !address.IsIPv4MappedToIPv6 && address.Equals(new IPAddress(address.GetAddressBytes()));
        options.ExplainSource = isGood ? address : null;
        return isGood ? null : $"[*] Invalid --explain-source address '{value}'";
    }

    private static string? SetPcapFile(ServerOptions options, string value)
    {
        options.Settings["PCAP_FILE"] = value;
        return OptionPath.IsFile(value) ? null : $"{Missing(value)}[*] Invalid pcap file path '{value}'";
    }

    private static string? SetGpgHome(ServerOptions options, string value)
    {
        options.Settings["GPG_HOME_DIR"] = value;
        return OptionPath.IsDirectory(value)
            ? null
            : $"{Missing(value)}[*] gpg home directory '{value}' could not lstat(), does not exist, or too large?";
    }

    private static string? SetProgram(ServerOptions options, string variable, string value, string name, string call)
    {
        options.Settings[variable] = value;
        return OptionPath.IsProgram(value) ? null : $"{Missing(value)}[*] {name} path '{value}' could not {call}()/not executable?";
    }

    private static string? SetRevoked(ServerOptions options, string value)
    {
        options.Asked.Add(ServerAction.Revoke);
        if (!GrantSelector.TryParse(value, out GrantSelector? selector))
        {
            return $"[*] --revoke '{value}': expected ADDRESS or ADDRESS/PREFIX, and perhaps ,PORT: 192.0.2.7  2001:db8::/64,22  192.0.2.7,tcp/22";
        }

        options.Revoked = selector;
        return null;
    }

    /// <summary>An option that the reference does not have: abbreviations of its options stay what they are.</summary>
    private static Option<ServerOptions> Ours(string name, string? argument, string help, OptionSetter<ServerOptions> set) =>
        new(null, [name], argument, help, set) { GivesWay = true };

    private static string Missing(string path) =>
        Path.Exists(path) ? "" : $"[-] unable to lstat() path: {path}: No such file or directory\n";

    private static string? SetHmacType(ServerOptions options, string value)
    {
        if (!AlgorithmNames.TryParseHmac(value, out HmacType type))
        {
            return $"* Invalid hmac digest type: {value}, use {{md5,sha1,sha256,sha384,sha512,sha3_256,sha3_512}}";
        }

        options.KeyGeneration = options.KeyGeneration with { HmacType = type };
        return null;
    }

    private static Option<ServerOptions> Refused(char? letter, string name, string? argument, string message) =>
        new(letter, [name], argument, NotYetHelp, (_, _) => message);
}
