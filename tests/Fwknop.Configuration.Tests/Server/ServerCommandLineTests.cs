using Fwknop.Configuration.Server;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Tests.Server;

/// <summary>The options of server.md 1.2.</summary>
public class ServerCommandLineTests
{
    [Theory]
    [InlineData("-f", ServerAction.Run)]
    [InlineData("--foreground -t -U", ServerAction.Run)]
    [InlineData("-D", ServerAction.DumpConfig)]
    [InlineData("--exit-parse-config", ServerAction.CheckConfig)]
    [InlineData("--exit-parse-config -D", ServerAction.DumpConfig)]
    [InlineData("-h -D", ServerAction.ShowUsage)]
    [InlineData("--help --foo", ServerAction.ShowUsage)]
    [InlineData("--key-gen -h", ServerAction.GenerateKeys)]
    [InlineData("--key-gen -V", ServerAction.ShowVersion)]
    [InlineData("-y -V", ServerAction.ShowVersion)]
    [InlineData("", ServerAction.Run)]
    [InlineData("-S", ServerAction.ShowStatus)]
    [InlineData("--status", ServerAction.ShowStatus)]
    [InlineData("-K", ServerAction.Kill)]
    [InlineData("--kill", ServerAction.Kill)]
    [InlineData("-R -f", ServerAction.Restart)]
    [InlineData("--restart", ServerAction.Restart)]
    [InlineData("--fw-list", ServerAction.ListFirewall)]
    [InlineData("--fw-list-all", ServerAction.ListWholeFirewall)]
    [InlineData("--fw-flush", ServerAction.FlushFirewall)]
    [InlineData("--exit-parse-digest-cache", ServerAction.CheckDigestCache)]
    [InlineData("--explain -", ServerAction.Explain)]
    [InlineData("--explain /p --explain-source 10.0.0.1", ServerAction.Explain)]
    [InlineData("-S --dump-serv-err-codes", ServerAction.ShowErrorCodes)]
    [InlineData("-S --json -v", ServerAction.ShowStatus)]
    [InlineData("--list-grants --json", ServerAction.ListGrants)]
    [InlineData("--revoke 192.0.2.7,22 --cut", ServerAction.Revoke)]
    [InlineData("--re", ServerAction.Restart)]
    public void ChoosesTheAction(string line, ServerAction expected) => Assert.Equal(expected, Parse(line).Action);

    /// <summary>Every action with every other, in either order, with what the reference does where it has both and neither changes anything.</summary>
    [Fact]
    public void DoesOneActionAndRefusesOthersThatWouldSilentlyBeLost()
    {
        // In the order in which one beats the others.
        (string Option, bool IsAlone, bool IsExclusive)[] actions =
        [
            ("--key-gen", false, false),
            ("--dump-serv-err-codes", false, false),
            ("--kill", true, true),
            ("--restart", true, true),
            ("--status", false, true),
            ("--list-grants", true, false),
            ("--revoke", true, false),
            ("--fw-list", false, false),
            ("--fw-list-all", false, false),
            ("--fw-flush", true, false),
            ("--dump-config", false, true),
            ("--exit-parse-config", false, false),
            ("--exit-parse-digest-cache", false, false),
            ("--explain", true, false),
        ];
        for (int i = 0; i < actions.Length; i++)
        {
            for (int j = i + 1; j < actions.Length; j++)
            {
                (string first, string second) = (actions[i].Option, actions[j].Option);
                string? expected = actions[i].IsExclusive && actions[j].IsExclusive
                    ? "The -D, -K, -R, and -S options are mutually exclusive.  Pick only one."
                    : actions[i].IsAlone || actions[j].IsAlone ? $"[*] {first} and {second} do not go together.  Pick only one." : null;
                foreach (string line in (string[])[$"{WithArgument(first)} {WithArgument(second)}", $"{WithArgument(second)} {WithArgument(first)}"])
                {
                    ServerOptions options = Parse(line);
                    Assert.Equal((line, expected), (line, options.Diagnostics.SingleOrDefault()?.Text));
                    Assert.Equal(expected is not null, options.HasErrors);
                    Assert.Equal(Parse(WithArgument(first)).Action, options.Action);
                }
            }
        }
    }

    /// <summary>Without its action an option would be lost, and fwknopd might start as the daemon.</summary>
    [Theory]
    [InlineData("--cut", "[*] --cut goes with --revoke ADDRESS[,PORT]")]
    [InlineData("--cut --list-grants", "[*] --cut goes with --revoke ADDRESS[,PORT]")]
    [InlineData("--json", "[*] --json goes with --list-grants, --revoke or --status")]
    [InlineData("--json -D", "[*] --json goes with --list-grants, --revoke or --status")]
    [InlineData("--json --explain /p", "[*] --json goes with --list-grants, --revoke or --status")]
    [InlineData("--json -S --fw-list", "[*] --status and --fw-list do not go together.  Pick only one.")]
    [InlineData("--explain-source 10.0.0.1", "[*] --explain-source goes with --explain FILE")]
    [InlineData("--explain-source 10.0.0.1 --exit-parse-config", "[*] --explain-source goes with --explain FILE")]
    [InlineData("--revoke 1.2.3.4 -K --fw-list", "[*] --kill and --revoke and --fw-list do not go together.  Pick only one.")]
    public void RefusesOptionsWithoutTheirAction(string line, string expected)
    {
        ServerOptions options = Parse("-f " + line);

        Assert.Equal(expected, Assert.Single(options.Diagnostics).Text);
        Assert.True(options.HasErrors);
    }

    [Theory]
    [InlineData("-f -c /c", "/c")]
    [InlineData("-f --config-file=/c", "/c")]
    [InlineData("-f", "/etc/fwknop/fwknopd.conf")]
    public void SetsTheConfigFile(string line, string expected) => Assert.Equal(expected, Parse(line).ConfigFile);

    [Fact]
    public void SetsTheRest()
    {
        ServerOptions options = Parse("-fvtv -C 3 -O a,b --verbose");

        Assert.Empty(options.Diagnostics);
        Assert.Equal((true, true, 3, 3), (options.IsForeground, options.IsTest, options.PacketLimit, options.VerboseCount));
        Assert.Equal(["a", "b"], options.OverrideFiles);
    }

    [Theory]
    [InlineData("-a /a", nameof(ServerConfig.AccessFile), "/a")]
    [InlineData("-a /a", nameof(ServerConfig.IsAccessFileFromCommandLine), "True")]
    [InlineData("--access-folder /a/", nameof(ServerConfig.AccessFolder), "/a")]
    [InlineData("--access-folder /a", nameof(ServerConfig.IsAccessFolderFromCommandLine), "True")]
    [InlineData("-i lo", nameof(ServerConfig.CaptureInterfaces), "lo")]
    [InlineData("-i lo,eth1", nameof(ServerConfig.CaptureInterfaces), "lo, eth1")]
    [InlineData("-n", nameof(ServerConfig.UsesQueue), "True")]
    [InlineData("--nfq-capture", nameof(ServerConfig.UsesQueue), "True")]
    [InlineData("--pcap-file /etc/passwd", nameof(ServerConfig.PcapFile), "/etc/passwd")]
    [InlineData("-P tcp", nameof(ServerConfig.PcapFilter), "tcp")]
    [InlineData("--pcap-any-direction", nameof(ServerConfig.CapturesAnyDirection), "True")]
    [InlineData("-U", nameof(ServerConfig.UsesUdpServer), "True")]
    [InlineData("-d /d", nameof(ServerConfig.DigestFile), "/d")]
    [InlineData("--digest-file /d", nameof(ServerConfig.DigestFile), "/d")]
    [InlineData("-p /p", nameof(ServerConfig.PidFile), "/p")]
    [InlineData("-r /r", nameof(ServerConfig.RunDirectory), "/r")]
    [InlineData("--run-dir /r", nameof(ServerConfig.PidFile), "/r/fwknopd.pid")]
    [InlineData("-v", nameof(ServerConfig.Verbosity), "1")]
    public void BeatsTheFile(string line, string property, string expected)
    {
        const string File = "ACCESS_FILE x\nPCAP_INTF x\nPCAP_FILTER x\nFWKNOP_RUN_DIR /x\n";
        ServerConfig config = ServerKeywordTests.Parse(File, [.. line.Split(' '), "-f"]).Value!;

        Assert.Equal(expected, typeof(ServerConfig).GetProperty(property)!.GetValue(config)?.ToString());
    }

    [Theory]
    [InlineData("-C -1", "[*] invalid -C packet count limit '-1'")]
    [InlineData("-C 5x", "[*] invalid -C packet count limit '5x'")]
    [InlineData("-A", "[*] fwknopd not compiled with AFL fuzzing support")]
    [InlineData("--afl-pkt-file x", "[*] fwknopd not compiled with AFL fuzzing support")]
    [InlineData("--fault-injection-tag x", "[*] fwknopd not compiled with libfiu support")]
    [InlineData("--key-len 0", "Invalid key length '0', must be in [1-128]")]
    [InlineData("--key-len 129", "Invalid key length '129', must be in [1-128]")]
    [InlineData("--hmac-key-len x", "Invalid hmac key length 'x', must be in [1-128]")]
    [InlineData("--hmac-digest-type crc", "* Invalid hmac digest type: crc, use {md5,sha1,sha256,sha384,sha512,sha3_256,sha3_512}")]
    [InlineData("-O ,", "[*] -O needs a file")]
    [InlineData("--revoke host --cut --json", "[*] --revoke 'host': expected ADDRESS or ADDRESS/PREFIX, and perhaps ,PORT: 192.0.2.7  2001:db8::/64,22  192.0.2.7,tcp/22")]
    public void RefusesValues(string line, string expected)
    {
        ServerOptions options = Parse("-f " + line);

        Assert.Equal(expected, Assert.Single(options.Diagnostics).Text);
        Assert.True(options.HasErrors);
        Assert.False(options.NeedsUsage);
    }

    [Theory]
    [InlineData("--fw", "fwknopd: option '--fw' is ambiguous; possibilities: '--fw-list' '--fw-list-all' '--fw-flush'")]
    [InlineData("-k", "fwknopd: invalid option -- 'k'")]
    [InlineData("-L", "fwknopd: invalid option -- 'L'")]
    [InlineData("-a", "fwknopd: option requires an argument -- 'a'")]
    [InlineData("--test=1", "fwknopd: option '--test' doesn't allow an argument")]
    public void RefusesWords(string line, string expected)
    {
        ServerOptions options = Parse("-f " + line);

        Assert.Equal(expected, Assert.Single(options.Diagnostics).Text);
        Assert.True(options.NeedsUsage);
    }

    [Theory]
    [InlineData("-D -K")]
    [InlineData("-K -R")]
    [InlineData("-S --dump-config")]
    [InlineData("-SKRD")]
    public void RefusesTwoActionsAtOnce(string line)
    {
        ServerOptions options = Parse(line);

        Assert.Equal("The -D, -K, -R, and -S options are mutually exclusive.  Pick only one.", Assert.Single(options.Diagnostics).Text);
        Assert.True(options.HasErrors);
        Assert.False(options.NeedsUsage);
    }

    [Theory]
    [InlineData("-t", false)]
    [InlineData("-f", true)]
    [InlineData("--exit-parse-config", true)]
    [InlineData("--exit-parse-digest-cache", true)]
    [InlineData("-D", true)]
    [InlineData("--explain -", true)]
    public void KnowsWhatRunsInTheForeground(string line, bool expected) => Assert.Equal(expected, Parse(line).IsForeground);

    [Fact]
    public void TakesWhatIsToBeRevoked()
    {
        ServerOptions options = Parse("--revoke 2001:db8::/64,tcp/22 --cut --json");

        Assert.Empty(options.Diagnostics);
        Assert.Equal(("2001:db8::/64,tcp/22", true, true), (options.Revoked?.ToString(), options.CutsConnections, options.ShowsJson));
        Assert.False(options.NeedsAccess);
    }

    /// <summary>Abbreviations of the reference's options mean what they did.</summary>
    [Theory]
    [InlineData("--c /x", "ConfigFile", "/x")]
    [InlineData("--l C --r", null, null)]
    public void OurOptionsTakeNoAbbreviationAway(string line, string? property, string? expected)
    {
        ServerOptions options = Parse("-f " + line);

        if (property is null)
        {
            Assert.Equal(
                "fwknopd: option '--r' is ambiguous; possibilities: '--run-dir' '--restart' '--rotate-digest-cache'", Assert.Single(options.Diagnostics).Text);
        }
        else
        {
            Assert.Equal(expected, typeof(ServerOptions).GetProperty(property)!.GetValue(options));
        }
    }

    [Fact]
    public void SetsTheSwitchesOfLogAndRecord()
    {
        ServerOptions options = Parse("-f --syslog-enable --rotate-digest-cache");

        Assert.Empty(options.Diagnostics);
        Assert.Equal((true, true), (options.IsSyslogEnabled, options.RotatesDigestCache));
    }

    [Theory]
    [InlineData("--explain /p --explain-source 10.0.0.1", "10.0.0.1", null)]
    [InlineData("--explain - --explain-source=2001:db8::1", "2001:db8::1", null)]
    [InlineData("--explain /p", null, null)]
    [InlineData("--explain /p --explain-source x", null, "[*] Invalid --explain-source address 'x'")]
    [InlineData("--explain /p --explain-source fe80::1%2", null, "[*] Invalid --explain-source address 'fe80::1%2'")]
    [InlineData("--explain /p --explain-source ::ffff:1.2.3.4", null, "[*] Invalid --explain-source address '::ffff:1.2.3.4'")]
    public void ReadsWhatIsToBeExplained(string line, string? source, string? remark)
    {
        ServerOptions options = Parse(line);

        Assert.Equal(remark is null ? [] : [remark], options.Diagnostics.Select(item => item.Text));
        Assert.Equal(source, options.ExplainSource?.ToString());
    }

    [Theory]
    [InlineData("--gpg-exe", "program", null)]
    [InlineData("--gpg-exe", "file", "[*] gpg path '{0}' could not lstat()/not executable?")]
    [InlineData("--gpg-exe", "link", "[*] gpg path '{0}' could not lstat()/not executable?")]
    [InlineData("--gpg-exe", "nothing", "[-] unable to lstat() path: {0}: No such file or directory\n[*] gpg path '{0}' could not lstat()/not executable?")]
    [InlineData("--sudo-exe", "program", null)]
    [InlineData("--sudo-exe", "folder", "[*] sudo path '{0}' could not stat()/not executable?")]
    [InlineData("--sudo-exe", "file", "[*] sudo path '{0}' could not stat()/not executable?")]
    [InlineData("--gpg-home-dir", "folder", null)]
    [InlineData("--gpg-home-dir", "folder/", null)]
    [InlineData("--gpg-home-dir", "file", "[*] gpg home directory '{0}' could not lstat(), does not exist, or too large?")]
    [InlineData("--gpg-home-dir", "nothing", "[-] unable to lstat() path: {0}: No such file or directory\n[*] gpg home directory '{0}' could not lstat(), does not exist, or too large?")]
    [InlineData("--pcap-file", "file", null)]
    [InlineData("--pcap-file", "link", "[*] Invalid pcap file path '{0}'")]
    [InlineData("--pcap-file", "folder", "[*] Invalid pcap file path '{0}'")]
    [InlineData("--pcap-file", "nothing", "[-] unable to lstat() path: {0}: No such file or directory\n[*] Invalid pcap file path '{0}'")]
    public void ChecksPathsAtOnce(string option, string what, string? refusal)
    {
        using TemporaryFolder folder = new();
        string program = folder.PathOf("program");
        File.WriteAllText(program, "");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.WriteAllText(folder.PathOf("file"), "");
        File.CreateSymbolicLink(folder.PathOf("link"), program);
        Directory.CreateDirectory(folder.PathOf("folder"));
        string path = folder.PathOf(what);

        ServerOptions options = ServerCommandLine.Parse("fwknopd", ["-f", option, path]);

        Assert.Equal(refusal is null ? [] : [string.Format(null, refusal, path)], options.Diagnostics.Select(item => item.Text));
        Assert.Contains(path, options.Settings.Values);
    }

    [Fact]
    public void ShowsEveryErrorCode()
    {
        using StringWriter output = new();
        ServerErrorCodes.Write(output);

        string[] lines = output.ToString().Split('\n');
        Assert.Equal(18, lines.Length);
        Assert.Equal("err code: 4096, err string: 'Data is not a valid SPA message format'", lines[0]);
        Assert.Equal("err code: 8193, err string: 'An error occurred while tring to delete a firewall rule'", lines[15]);
    }

    [Theory]
    [InlineData("--no-ipt-check-support")]
    [InlineData("--no-firewd-check-support")]
    public void SaysWhatHasNoEffect(string option)
    {
        ServerOptions options = Parse($"-f {option} stray");

        Assert.Equal([ConfigSeverity.Warning, ConfigSeverity.Info], options.Diagnostics.Select(item => item.Severity));
        Assert.False(options.HasErrors);
    }

    [Fact]
    public void ReportsAllErrors() => Assert.Equal(4, Parse("-f -y -C x --afl-fuzzing --foo").Diagnostics.Count);

    [Fact]
    public void ReadsKeyGenerationOptions()
    {
        ServerOptions options = Parse("--key-gen --key-gen-file /k --key-len 16 --hmac-key-len 20 --hmac-digest-type SHA3_512");

        Assert.Equal(
            ("/k", 16, 20, HmacType.Sha3_512),
            (options.KeyGeneration.File, options.KeyGeneration.KeyLength, options.KeyGeneration.HmacKeyLength, options.KeyGeneration.HmacType));
        Assert.Empty(options.Diagnostics);
    }

    [Fact]
    public void UsageNamesEveryOptionOfTheReference()
    {
        string[] names =
        [
            "access-file", "access-folder", "afl-fuzzing", "afl-pkt-file", "config-file", "packet-limit", "digest-file", "dump-config",
            "dump-serv-err-codes", "exit-parse-config", "exit-parse-digest-cache", "foreground", "fault-injection-tag", "fw-list",
            "fw-list-all", "fw-flush", "gpg-exe", "gpg-home-dir", "help", "interface", "key-gen", "key-gen-file", "key-len",
            "hmac-key-len", "hmac-digest-type", "kill", "locale", "nfq-capture", "no-firewd-check-support", "no-ipt-check-support",
            "override-config", "pid-file", "pcap-filter", "pcap-any-direction", "pcap-file", "run-dir", "restart",
            "rotate-digest-cache", "status", "sudo-exe", "syslog-enable", "test", "udp-server", "verbose", "version",
        ];
        string usage = ServerCommandLine.Usage("1.2.3");

        Assert.StartsWith("\nfwknopd server version 1.2.3\n", usage, StringComparison.Ordinal);
        Assert.Contains("\nUsage: fwknopd [options]\n", usage, StringComparison.Ordinal);
        Assert.All(names, name => Assert.Contains("--" + name, usage, StringComparison.Ordinal));
    }

    private static string WithArgument(string action) =>
        action + action switch { "--revoke" => " 192.0.2.7", "--explain" => " /p", _ => "" };

    private static ServerOptions Parse(string line) =>
        ServerCommandLine.Parse("fwknopd", line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
