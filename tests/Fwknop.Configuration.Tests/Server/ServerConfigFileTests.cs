using Fwknop.Configuration.Files;
using Fwknop.Configuration.Server;

namespace Fwknop.Configuration.Tests.Server;

/// <summary>Grammar and files of server.md 3.1 and 2.2.</summary>
public class ServerConfigFileTests
{
    [Theory]
    [InlineData("comment", "#PCAP_INTF x")]
    [InlineData("semicolon comment", ";PCAP_INTF x")]
    [InlineData("empty lines", "\n\n\r\n")]
    [InlineData("byte order mark", "\uFEFF# x")]
    public void SkipsLines(string name, string text) => Assert.Equal((name, 0), (name, Parse(text).Diagnostics.Count));

    [Theory]
    [InlineData("plain", "PCAP_INTF eth1", "eth1")]
    [InlineData("leading blanks", " \t PCAP_INTF\t eth1", "eth1")]
    [InlineData("ended by a semicolon", "PCAP_INTF eth1;", "eth1")]
    [InlineData("remark after the semicolon", "PCAP_INTF eth1;  # the outer one", "eth1")]
    [InlineData("trailing blanks are trimmed (Q31)", "PCAP_INTF eth1  \t", "eth1")]
    [InlineData("blanks before the semicolon", "PCAP_INTF eth1 ;", "eth1")]
    [InlineData("carriage return", "PCAP_INTF eth1\r\n", "eth1")]
    [InlineData("semicolon and carriage return", "PCAP_INTF eth1;\r\n", "eth1")]
    [InlineData("no newline at the end", "PCAP_INTF eth0\nPCAP_INTF eth1", "eth1")]
    [InlineData("hash inside a value", "PCAP_INTF eth#1", "eth#1")]
    [InlineData("quotes are part of the value", "PCAP_INTF \"eth1\"", "\"eth1\"")]
    [InlineData("last one wins", "PCAP_INTF eth0\nPCAP_INTF eth2\nPCAP_INTF eth1", "eth1")]
    [InlineData("dollar inside a value", "PCAP_INTF eth$PCAP_FILTER", "eth$PCAP_FILTER")]
    [InlineData("dollar before a small letter", "PCAP_INTF $eth1", "$eth1")]
    [InlineData("dollar alone", "PCAP_INTF $", "$")]
    public void ReadsValues(string name, string text, string expected)
    {
        Loaded<ServerConfig> loaded = Parse(text);

        Assert.Equal((name, 0), (name, loaded.Diagnostics.Count));
        Assert.Equal(expected, loaded.Value!.CaptureInterfaces.ToString());
    }

    [Fact]
    public void ReadsLinesOfAnyLength()
    {
        string filter = string.Join(" or ", Enumerable.Repeat("udp port 62201", 500));

        Assert.Equal(filter, Parse($"PCAP_FILTER {filter};\n").Value!.PcapFilter);
    }

    [Theory]
    [InlineData("only blanks", "   ", "*Invalid config file entry in f.conf at line 1.\n - '   '")]
    [InlineData("one word", "PCAP_INTF", "*Invalid config file entry in f.conf at line 1.\n - 'PCAP_INTF'")]
    [InlineData("empty value", "PCAP_FILTER ;", "*Invalid config file entry in f.conf at line 1.\n - 'PCAP_FILTER ;'")]
    [InlineData("equals sign", "PCAP_INTF=eth0", "*Invalid config file entry in f.conf at line 1.\n - 'PCAP_INTF=eth0'")]
    [InlineData("escape codes", "\u001b[2J", "*Invalid config file entry in f.conf at line 1.\n - '?[2J'")]
    [InlineData("unknown name", "FOO bar", "[*] Ignoring unknown configuration parameter: 'FOO' in f.conf at line 1")]
    [InlineData("small letters", "pcap_intf eth0", "[*] Ignoring unknown configuration parameter: 'pcap_intf' in f.conf at line 1")]
    [InlineData("hash after a blank", " # x", "[*] Ignoring unknown configuration parameter: '#' in f.conf at line 1")]
    [InlineData("lost text", "PCAP_INTF a; b", "[*] Text after ';' is not part of the value of 'PCAP_INTF'")]
    [InlineData("never implemented", "EXTERNAL_CMD_OPEN x", "[*] Ignoring unknown configuration parameter: 'EXTERNAL_CMD_OPEN' in f.conf at line 1")]
    public void WarnsAndGoesOn(string name, string text, string expected)
    {
        Loaded<ServerConfig> loaded = Parse(text);

        Assert.Equal([(name, ConfigSeverity.Warning, expected)], loaded.Diagnostics.Select(item => (name, item.Severity, item.Text)));
        Assert.False(loaded.HasErrors);
    }

    [Theory]
    [InlineData("NUL byte", "PCAP_INTF e\0th", "[*] NUL byte or stray carriage return in f.conf at line 1.")]
    [InlineData("old Macintosh lines", "PCAP_INTF a\rVERBOSE 1\r", "[*] NUL byte or stray carriage return in f.conf at line 1.")]
    [InlineData("escape code in a value", "PCAP_INTF \u001b[2J", "[*] PCAP_INTF value holds control characters or is not UTF-8")]
    public void RefusesBinary(string name, string text, string expected) =>
        Assert.Equal([(name, expected)], Parse(text).Diagnostics.Select(item => (name, item.Text)));

    [Fact]
    public void RefusesWhatIsNotUtf8()
    {
        Loaded<ServerConfig> loaded = ServerConfigFile.Parse([.. "PCAP_INTF "u8, 0xE9], ServerCommandLine.Parse("fwknopd", ["-f"]));

        Assert.Equal("[*] PCAP_INTF value holds control characters or is not UTF-8", Assert.Single(loaded.Diagnostics).Text);
    }

    [Theory]
    [InlineData("earlier line", "FWKNOP_RUN_DIR /r\nDIGEST_FILE $FWKNOP_RUN_DIR/d", "/r/d")]
    [InlineData("default", "DIGEST_FILE $FWKNOP_RUN_DIR/d", "/run/fwknop/d")]
    [InlineData("bare name adds nothing (Q16)", "LISTENER_EXE $FWKNOP_RUN_DIR/tail\nDIGEST_FILE $FWKNOP_RUN_DIR", "/run/fwknop")]
    [InlineData("itself", "DIGEST_FILE /a\nDIGEST_FILE $DIGEST_FILE/b", "/a/b")]
    public void ExpandsVariables(string name, string text, string expected) =>
        Assert.Equal((name, expected), (name, Parse(text).Value!.DigestFile));

    [Fact]
    public void IgnoresASettingWithAnUnknownVariable()
    {
        Loaded<ServerConfig> loaded = Parse("PCAP_INTF $NOPE/x");

        Assert.Equal(
            ["[*] Invalid embedded variable in: '$NOPE/x'", "[*] Ignoring unknown configuration parameter: 'PCAP_INTF' in f.conf at line 1"],
            loaded.Diagnostics.Select(item => item.Text));
        Assert.Equal("eth0", loaded.Value!.CaptureInterfaces.ToString());
    }

    [Fact]
    public void WarnsOfTextAfterAnExpansionThatIsDropped()
    {
        Loaded<ServerConfig> loaded = Parse("DIGEST_FILE $FWKNOP_RUN_DIR/a b");

        Assert.Equal("/run/fwknop/a", loaded.Value!.DigestFile);
        Assert.Equal("[*] Text after the blank is not used in: '$FWKNOP_RUN_DIR/a b'", Assert.Single(loaded.Diagnostics).Text);
    }

    [Fact]
    public void ReportsAllErrorsInTheOrderOfTheFile()
    {
        Loaded<ServerConfig> loaded = Parse("VERBOSE x\nFOO bar\nUDPSERV_PORT 0\nTCPSERV_PORT 0\nPCAP_LOOP_SLEEP 1\nMAX_SNIFF_BYTES 0\n");

        Assert.True(loaded.HasErrors);
        Assert.Equal([1, 2, 3, 4, 5, 6], loaded.Diagnostics.Select(item => item.Line));
    }

    [Fact]
    public void DoesNotDrownInErrors()
    {
        Loaded<ServerConfig> loaded = Parse(string.Concat(Enumerable.Repeat("FOO bar\n", 100_000)) + "VERBOSE x");

        Assert.Equal(1001, loaded.Diagnostics.Count);
        Assert.True(loaded.HasErrors);
    }

    [Fact]
    public void CommandLineBeatsOverrideFilesWhichBeatTheFile()
    {
        using TemporaryFolder folder = new();
        string main = folder.Write("main", "PCAP_INTF a\nPCAP_FILTER a\nUDPSERV_PORT 1\nVERBOSE 1\n");
        string first = folder.Write("first", "PCAP_FILTER b\nUDPSERV_PORT 2\n");
        string second = folder.Write("second", "UDPSERV_PORT 3\n");
        ServerOptions options = ServerCommandLine.Parse("fwknopd", ["-f", "-vv", "-c", main, "-O", $"{first},{second}", "-i", "cli", "-P", ""]);

        Loaded<ServerConfig> loaded = ServerConfigFile.Load(options);

        Assert.Empty(loaded.Diagnostics);
        ServerConfig config = loaded.Value!;
        Assert.Equal(("cli", "", 3, 3), (config.CaptureInterfaces.ToString(), config.PcapFilter, config.UdpServerPort, config.Verbosity));
    }

    [Theory]
    [InlineData("-i", "PCAP_INTF")]
    [InlineData("-r", "FWKNOP_RUN_DIR")]
    [InlineData("-a", "ACCESS_FILE")]
    public void RefusesEmptyOptions(string option, string keyword)
    {
        Loaded<ServerConfig> loaded = Parse("", option, "");

        Assert.Equal(new ConfigDiagnostic("command line", 0, ConfigSeverity.Error, $"[*] {keyword} is empty"), Assert.Single(loaded.Diagnostics));
    }

    [Theory]
    [InlineData(0b110_000_000, null, ConfigSeverity.Info)]
    [InlineData(0b110_100_000, "[-] file: {0} permissions should only be user read/write (0600, -rw-------)", ConfigSeverity.Warning)]
    [InlineData(0b110_100_100, "[-] file: {0} permissions should only be user read/write (0600, -rw-------)", ConfigSeverity.Warning)]
    [InlineData(0b100_000_000, "[-] file: {0} permissions should only be user read/write (0600, -rw-------)", ConfigSeverity.Warning)]
    [InlineData(0b110_110_110, "[*] Config file: '{0}' can be changed by other users (mode 0666). Use mode 0600: chmod 600 {0}", ConfigSeverity.Error)]
    public void ChecksTheMode(int mode, string? expected, ConfigSeverity severity)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("c", "PCAP_INTF a\n", (UnixFileMode)mode);

        Loaded<ServerConfig> loaded = ServerConfigFile.Load(ServerCommandLine.Parse("fwknopd", ["-f", "-c", path]));

        (ConfigSeverity, string)[] wanted =
            expected is null ? [] : [(severity, string.Format(System.Globalization.CultureInfo.InvariantCulture, expected, path))];
        Assert.Equal(wanted, loaded.Diagnostics.Select(item => (item.Severity, item.Text)));
    }

    [Fact]
    public void FollowsALinkToTheConfiguration()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("c", "PCAP_INTF a\n");
        File.CreateSymbolicLink(folder.PathOf("link"), path);

        Assert.False(ServerConfigFile.Load(ServerCommandLine.Parse("fwknopd", ["-f", "-c", folder.PathOf("link")])).HasErrors);
    }

    [Fact]
    public void RefusesFilesThatAreMissingFoldersOrTooLong()
    {
        using TemporaryFolder folder = new();
        string missing = folder.PathOf("missing");
        string directory = Directory.CreateDirectory(folder.PathOf("folder")).FullName;
        string huge = folder.Write("huge", "");
        using (FileStream file = new(huge, FileMode.Open))
        {
            file.SetLength(ConfigFile.MaxBytes + 1);
        }

        Loaded<ServerConfig> loaded = ServerConfigFile.Load(ServerCommandLine.Parse("fwknopd", ["-f", "-c", missing, "-O", $"{directory},{huge}"]));

        Assert.Equal(
            [
                $"[*] Could not open config file: {missing}: No such file or directory",
                $"[-] file: {directory} is not a regular file or symbolic link.",
                $"[*] Config file: '{huge}' is longer than 16 MiB.",
            ],
            loaded.Diagnostics.Select(item => item.Text));
        Assert.True(loaded.HasErrors);
    }

    [Fact]
    public void ReportsWhatTheProbeTells()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("c", "");
        ServerOptions options = ServerCommandLine.Parse("fwknopd", ["-f", "-c", path]);

        Loaded<ServerConfig> foreign = ServerConfigFile.Load(options, _ => new FileFacts(IsRegular: true, IsOwnedByUs: false, IsOwnedByRoot: false));
        Loaded<ServerConfig> pipe = ServerConfigFile.Load(options, _ => new FileFacts(IsRegular: false, IsOwnedByUs: true, IsOwnedByRoot: true));

        Assert.Equal($"[-] file: {path} not owned by current effective user id", Assert.Single(foreign.Diagnostics).Text);
        Assert.False(foreign.HasErrors);
        Assert.Equal($"[-] file: {path} is not a regular file or symbolic link.", Assert.Single(pipe.Diagnostics).Text);
        Assert.True(pipe.HasErrors);
    }

    [Theory]
    [InlineData("a text that names neither", 3, "a text that names neither (f.conf, line 3)")]
    [InlineData("a text in f.conf at line 3.", 3, "a text in f.conf at line 3.")]
    [InlineData("a text about the whole", 0, "a text about the whole (f.conf)")]
    [InlineData("a text about f.conf", 0, "a text about f.conf")]
    public void DiagnosticsNameTheirPlaceOnce(string text, int line, string expected) =>
        Assert.Equal(expected, new ConfigDiagnostic("f.conf", line, ConfigSeverity.Error, text).ToString());

    /// <summary>What an earlier run has left is looked for there.</summary>
    [Theory]
    [InlineData("FWKNOP_RUN_DIR /srv/run\nMAX_SNIFF_BYTES many\n", 0x180, "", "/srv/run", "/srv/run/fwknopd.pid", 9)]
    [InlineData("MAX_SNIFF_BYTES many\n", 0x180, "", "/run/fwknop", "/run/fwknop/fwknopd.pid", 9)]
    [InlineData("FWKNOP_RUN_DIR run\n", 0x180, "", null, null, 0)]
    [InlineData("FWKNOP_RUN_DIR run\n", 0x180, "-r /srv/r -p /srv/p", "/srv/r", "/srv/p", 9)]
    [InlineData("", 0x180, "-r ", null, null, 0)]
    [InlineData("", 0x180, "-p ", null, null, 0)]
    [InlineData("\0\n", 0x180, "-r /srv/r", null, null, 0)]
    [InlineData("\0\nMAX_SNIFF_BYTES many\n", 0x180, "", null, null, 0)]
    [InlineData("\0\n", 0x180, "-r /srv/r -p /srv/p", "/srv/r", "/srv/p", 30)]
    [InlineData("FWKNOP_RUN_DIR /srv/run\n", 0x1b6, "", null, null, 0)]
    [InlineData("FWKNOP_RUN_DIR /srv/run\n", 0x1b6, "-r /srv/r -p /srv/p", "/srv/r", "/srv/p", 30)]
    public void Leads_to_an_earlier_run_where_it_is_known_for_sure(
        string text, int mode, string arguments, string? runDirectory, string? pidFile, int commandTimeout)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("c", text + "CMD_EXEC_TIMEOUT 9\n", (UnixFileMode)mode);
        string[] named = arguments.Length == 0 ? [] : arguments.Split(' ');

        ServerConfigFile.Load(ServerCommandLine.Parse("fwknopd", ["-f", "-c", path, .. named]), null, out PartialServerConfig partial);

        Assert.Equal(
            (runDirectory, pidFile, commandTimeout),
            (partial.LeadingToRun?.RunDirectory, partial.LeadingToRun?.PidFile, partial.LeadingToRun?.CommandTimeout ?? 0));
    }

    private static Loaded<ServerConfig> Parse(string text, params string[] arguments) => ServerKeywordTests.Parse(text, arguments);
}
