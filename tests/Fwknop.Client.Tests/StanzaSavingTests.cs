using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary><c>--save-rc-stanza</c> and <c>--stanza-list</c> (client.md 6.6, 6.7, 15.3).</summary>
public sealed class StanzaSavingTests
{
    private static readonly string[] Server = ["-D", "2.2.2.2", "-A", "tcp/22", "-a", "192.0.2.7"];

    [Fact]
    public void New_stanza_is_appended_in_the_order_of_the_reference()
    {
        using ClientHarness client = new ClientHarness().WithRc("# mine\n[default]\nFW_TIMEOUT 7\n[other]\nACCESS tcp/1");
        ClientRunResult run = client.Run([.. Server, "-T", "--save-rc-stanza", "--key-rijndael", "secret", "-m", "sha1", "-v", "--use-hmac", "--key-hmac", "other"]);
        Assert.Equal((0, string.Empty), (run.Status, run.Error));
        Assert.Equal(
            """
            # mine
            [default]
            FW_TIMEOUT 7
            [other]
            ACCESS tcp/1

            [2.2.2.2]
            DIGEST_TYPE                 SHA1
            ALLOW_IP                    192.0.2.7
            ACCESS                      tcp/22
            SPA_SERVER                  2.2.2.2
            KEY                         secret
            HMAC_KEY                    other
            USE_HMAC                    Y
            VERBOSE                     Y

            """,
            File.ReadAllText(client.RcPath));
    }

    [Fact]
    public void Saved_stanza_sends_the_same_packet()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\n");
        string[] given = ["-f", "77", "-U", "two words", "--time-offset-minus", "1M", "--nat-local", "--nat-port", "555", "-p", "5", "-S", "6"];
        Assert.Equal(0, client.Run([.. Server, .. given, "--key-base64-rijndael", "c2VjcmV0", "--key-base64-hmac", "b3RoZXI=", "--save-rc-stanza", "-n", "My Host"]).Status);
        Assert.Equal(0, client.Run("-n", "my host").Status);
        using Protocol.PacketKeys keys = ClientHarness.KeysOf("secret", "other");
        Assert.True(Protocol.SpaPacket.TryOpen(client.Sender.Sent[0].Packet, keys, out Protocol.AuthenticMessage? one, out _));
        Assert.True(Protocol.SpaPacket.TryOpen(client.Sender.Sent[1].Packet, keys, out Protocol.AuthenticMessage? two, out _));
        Assert.Equal(one.Message with { RandomValue = two.Message.RandomValue }, two.Message);
        Assert.Equal("two words", two.Message.Username.ToString());
    }

    [Fact]
    public void Old_parameters_go_and_comments_and_other_stanzas_stay()
    {
        using ClientHarness client = new ClientHarness().WithRc(
            "; top\n\n[a]\nACCESS tcp/1\n\n[H] rest\n# why\nFW_TIMEOUT 60 ; old\nnonsense\nSPOOF_USER x\n# end\n[b]\nACCESS tcp/2\n");
        Assert.Equal(0, client.Run("-T", "-D", "h", "-s", "--key-rijndael", "k", "-A", "tcp/22", "--save-rc-stanza").Status);
        Assert.Equal(
            "; top\n\n[a]\nACCESS tcp/1\n\n[H] rest\n# why\n"
            + "ALLOW_IP                    0.0.0.0\nACCESS                      tcp/22\nSPA_SERVER                  h\nKEY                         k\n"
            + "# end\n\n[b]\nACCESS tcp/2\n",
            File.ReadAllText(client.RcPath));
    }

    [Fact]
    public void A_stanza_that_is_replaced_as_a_whole_is_parted_from_the_next()
    {
        using ClientHarness client = new ClientHarness().WithRc("[h]\nFW_TIMEOUT 60\n[b]\nACCESS tcp/2\n");
        Assert.Equal(0, client.Run("-T", "-D", "h", "-s", "-A", "tcp/22", "--key-rijndael", "k", "--save-rc-stanza").Status);
        Assert.EndsWith(" k\n\n[b]\nACCESS tcp/2\n", File.ReadAllText(client.RcPath), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y", "k", "")]
    [InlineData("Yes", "k", "")]
    [InlineData("n", "old", "")]
    [InlineData("", "old", "")]
    [InlineData(null, "old", "")]
    [InlineData(null, "k", "--force-stanza")]
    public void Keys_are_replaced_only_when_the_user_says_so(string? answer, string expected, string option)
    {
        using ClientHarness client = new ClientHarness().WithRc("[h]\nKEY old\nFW_TIMEOUT 3\n");
        if (answer is not null)
        {
            client.Answers.Enqueue(answer);
        }

        ClientRunResult run = client.Run(["-T", "-D", "h", "-s", "--key-rijndael", "k", "-A", "tcp/22", "--save-rc-stanza", .. option.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal(0, run.Status);
        Assert.Equal(option.Length == 0, run.Output.StartsWith("Variable 'KEY' found in stanza 'h'. Overwrite [N/y] ? \n", StringComparison.Ordinal));
        string[] lines = File.ReadAllLines(client.RcPath);
        Assert.Equal(expected, Assert.Single(lines, line => line.StartsWith("KEY ", StringComparison.Ordinal)).Split(' ')[^1]);
        Assert.DoesNotContain(lines, line => line.StartsWith("FW_TIMEOUT", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--resolve-url https://x/ -a 192.0.2.1 -s", "ALLOW_IP                    0.0.0.0")]
    [InlineData("-a 192.0.2.1 -s", "ALLOW_IP                    0.0.0.0")]
    [InlineData("-s", "ALLOW_IP                    0.0.0.0")]
    [InlineData("-s -v -v", "VERBOSE                     2")]
    [InlineData("-s --verbose", "VERBOSE                     Y")]
    [InlineData("-s --time-offset-plus 1H", "TIME_OFFSET                 3600")]
    [InlineData("-s --time-offset-minus 1M", "TIME_OFFSET                 -60")]
    [InlineData("-s --hmac-digest-type sha512", "HMAC_DIGEST_TYPE            SHA512")]
    [InlineData("-s --hmac-digest-type sha512", "USE_HMAC                    Y")]
    [InlineData("-s -M ctr", "ENCRYPTION_MODE             CTR")]
    [InlineData("-s -G file", "KEY_FILE                    file")]
    [InlineData("-s --get-hmac-key file", "HMAC_KEY_FILE               file")]
    [InlineData("-s -P TCPRAW -Q 192.0.2.3", "SPOOF_SOURCE_IP             192.0.2.3")]
    [InlineData("-s -P TCPRAW -Q 192.0.2.3", "SPA_SERVER_PROTO            tcpraw")]
    [InlineData("-s -r", "RAND_PORT                   Y")]
    [InlineData("-s -u Fwknop/x", "HTTP_USER_AGENT             Fwknop/x")]
    [InlineData("-s --server-resolve-ipv4", "SERVER_RESOLVE_IPV4         Y")]
    [InlineData("-s -4", "SERVER_RESOLVE_IPV4         Y")]
    [InlineData("-R", "RESOLVE_IP_HTTPS            Y")]
    [InlineData("-R -a 192.0.2.1", "RESOLVE_IP_HTTPS            N")]
    [InlineData("-a resolve6", "ALLOW_IP                    resolve6")]
    [InlineData("--resolve-http-only", "RESOLVE_IP_HTTPS            Y")]
    [InlineData("--resolve-http-only", "RESOLVE_HTTP_ONLY           Y")]
    [InlineData("--resolve-url https://127.0.0.1:1/", "RESOLVE_URL                 https://127.0.0.1:1/")]
    [InlineData("-s -w /x", "WGET_CMD                    /x")]
    [InlineData("-s -u agent", "HTTP_USER_AGENT             agent")]
    [InlineData("-s --use-wget-user-agent", "USE_WGET_USER_AGENT         Y")]
    public void Values_are_written_as_the_reference_writes_them(string options, string line)
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\nKEY k\nHMAC_KEY j\n");
        client.Run(["-T", "-D", "h", "-A", "tcp/22", "--save-rc-stanza", .. options.Split(' ')]);
        Assert.Contains(line, File.ReadAllLines(client.RcPath));
    }

    [Theory]
    [InlineData("-P udp")]
    [InlineData("-p 5")]
    [InlineData("-S 5")]
    [InlineData("-f 5")]
    public void Other_options_do_not_save_use_hmac(string options)
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\nHMAC_KEY j\n");
        Assert.Equal(0, client.Run(["-T", "-D", "h", "-s", "-A", "tcp/22", "--key-rijndael", "k", "--save-rc-stanza", .. options.Split(' ')]).Status);
        Assert.DoesNotContain("USE_HMAC", File.ReadAllText(client.RcPath), StringComparison.Ordinal);
    }

    [Fact]
    public void New_keys_go_into_the_stanza_and_are_not_shown()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\n");
        ClientRunResult run = client.Run([.. Server, "-k", "--save-rc-stanza", "--key-rijndael", "unused"]);
        Assert.Equal((0, $"[+] Wrote Rijndael and HMAC keys to rc file: {client.RcPath}\n", string.Empty), (run.Status, run.Output, run.Error));
        string[] lines = File.ReadAllLines(client.RcPath);
        Assert.Single(lines, line => System.Text.RegularExpressions.Regex.IsMatch(line, "^KEY_BASE64 {18}[A-Za-z0-9+/]{43}=$"));
        Assert.Single(lines, line => System.Text.RegularExpressions.Regex.IsMatch(line, "^HMAC_KEY_BASE64 {13}[A-Za-z0-9+/]{86}==$"));
        Assert.Contains("USE_HMAC                    Y", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("KEY ", StringComparison.Ordinal));
        Assert.Empty(client.Sender.Sent);
        Assert.Equal(0, client.Run("-n", "2.2.2.2").Status);
    }

    [Fact]
    public void Declined_new_keys_are_not_claimed()
    {
        using ClientHarness client = new ClientHarness().WithRc("[h]\nKEY_BASE64 b2xk\n");
        ClientRunResult run = client.Run("-D", "h", "-s", "-k", "--save-rc-stanza");
        Assert.Equal(0, run.Status);
        Assert.EndsWith(
            $"[+] Wrote HMAC key to rc file: {client.RcPath}\n[*] The old Rijndael key stayed in rc file: {client.RcPath}\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("KEY_BASE64 b2xk", File.ReadAllLines(client.RcPath));
    }

    [Fact]
    public void Values_of_options_are_shown_with_vv_but_never_keys()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\n");
        ClientRunResult run = client.Run("-T", "-D", "h", "-s", "-A", "tcp/22", "-m", "sha1", "--key-rijndael", "verysecret", "--save-rc-stanza", "-v", "-v");
        Assert.Matches(@"(?m)^add_single_var_to_rc\(\) : Updating param \(\d+\) DIGEST_TYPE to SHA1$", run.Output);
        Assert.Contains("KEY to <hidden>", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("verysecret", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Symbolic_link_stays_and_its_target_is_replaced()
    {
        using ClientHarness client = new();
        string target = client.Write("real", "[default]\n");
        File.CreateSymbolicLink(client.RcPath, target);
        Assert.Equal(0, client.Run("-T", "-D", "h", "-s", "-A", "tcp/22", "--key-rijndael", "k", "--save-rc-stanza").Status);
        Assert.Equal(target, new FileInfo(client.RcPath).LinkTarget);
        Assert.Contains("[h]", File.ReadAllText(target), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(target));
    }

    [Fact]
    public void Nothing_saved_is_an_error_and_nothing_is_sent()
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run("-D", "h", "-s", "-A", "tcp/22", "--key-rijndael", "k", "--save-rc-stanza", "--rc-file", client.Path("no/rc"));
        Assert.Equal(1, run.Status);
        Assert.Contains($"update_rc() : Unable to create temporary rc file: {client.Path("no/rc")}: No such file or directory\n", run.Error, StringComparison.Ordinal);
        Assert.Empty(client.Sender.Sent);
    }

    [Theory]
    [InlineData("-n", "a]b")]
    [InlineData("-U", "quo\"te ;")]
    [InlineData("-U", "line\nbreak")]
    public void What_an_rc_file_cannot_hold_is_refused(string option, string value)
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\n");
        ClientRunResult run = client.Run("-D", "h", "-s", "-A", "tcp/22", "--key-rijndael", "k", "--save-rc-stanza", option, value);
        Assert.Equal((1, "[default]\n"), (run.Status, File.ReadAllText(client.RcPath)));
        Assert.EndsWith("Nothing was saved.\n", run.Error, StringComparison.Ordinal);
    }

    [RootFact("mknod")]
    public void Device_is_not_replaced()
    {
        using ClientHarness client = new();
        string device = client.Path("null");
        ProcessRun.RunChecked(new ProcessCommand("mknod", device, "c", "1", "3"));
        ClientRunResult run = client.Run("-D", "h", "-s", "-A", "tcp/22", "--key-rijndael", "k", "--save-rc-stanza", "--rc-file", device);
        Assert.Equal(1, run.Status);
        Assert.Contains("Not a regular file", run.Error, StringComparison.Ordinal);
        File.WriteAllText(device, "gone");
        Assert.Empty(File.ReadAllText(device));
        Assert.Empty(client.Sender.Sent);
    }

    [Fact]
    public void Bad_default_stanza_stops_saving()
    {
        const string content = "[default]\nFW_TIMEOUT x\n";
        using ClientHarness client = new ClientHarness().WithRc(content);
        ClientRunResult run = client.Run("-D", "h", "-s", "-A", "tcp/22", "--key-rijndael", "k", "--save-rc-stanza", "-n", "default");
        Assert.Equal((1, content), (run.Status, File.ReadAllText(client.RcPath)));
        Assert.Contains("Parameter error in", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Saving_at_the_same_time_loses_nothing()
    {
        using TemporaryFolder folder = new();
        string[] names = [.. Enumerable.Range(0, 6).Select(number => $"s{number}")];
        ProcessRun[] runs = await Task.WhenAll(names.Select(name => Task.Run(() => ProcessRun.Run(new ProcessCommand(
            ClientFile.Location, "-k", "--save-rc-stanza", "-n", name, "-D", "192.0.2.1", "-s")
        {
            Environment = new Dictionary<string, string?> { ["HOME"] = folder.Path, ["XDG_CONFIG_HOME"] = null },
        }))));
        Assert.All(runs, run => Assert.Equal((0, ""), (run.ExitCode, run.Errors)));
        string[] lines = File.ReadAllLines(folder.FilePath(".fwknoprc"));
        Assert.All(names, name => Assert.Single(lines, line => line == $"[{name}]"));
        Assert.Equal(names.Length, lines.Count(line => line.StartsWith("KEY_BASE64 ", StringComparison.Ordinal)));
        Assert.Equal([folder.FilePath(".fwknoprc")], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Change_by_an_editor_meanwhile_is_kept()
    {
        using ClientHarness client = new ClientHarness().WithRc("[h]\nKEY old\n");
        client.OnQuestion = () => client.WithRc("[h]\nKEY edited\n");
        client.Answers.Enqueue("y");
        ClientRunResult run = client.Run("-T", "-D", "h", "-s", "--key-rijndael", "k", "-A", "tcp/22", "--save-rc-stanza");
        Assert.Equal(1, run.Status);
        Assert.Contains("Was changed by somebody else meanwhile\n", run.Error, StringComparison.Ordinal);
        Assert.Equal("[h]\nKEY edited\n", File.ReadAllText(client.RcPath));
    }

    [Fact]
    public void What_a_killed_client_left_is_removed()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\n");
        string left = client.Write(".fwknoprc.fwknop-abcd.tmp", "KEY k\n");
        string mine = client.Write(".fwknoprc.mine.tmp", "mine");
        Assert.Equal(0, client.Run([.. Server, "-T", "--save-rc-stanza", "--key-rijndael", "k"]).Status);
        Assert.Equal((false, true), (File.Exists(left), File.Exists(mine)));
    }

    [Fact]
    public void Mode_of_the_new_file_does_not_depend_on_the_umask()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\n");
        string program = ClientFile.Location;
        ProcessRun.RunChecked(new ProcessCommand("bash", "-c", $"umask 0777; exec {program} -k --save-rc-stanza -D 192.0.2.1 -s --rc-file {client.RcPath}"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(client.RcPath));
    }

    [RootFact("chown", "stat")]
    public void Owner_of_the_file_stays()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\n");
        ProcessRun.RunChecked(new ProcessCommand("chown", "12345:23456", client.RcPath));
        Assert.Equal(0, client.Run([.. Server, "-T", "--save-rc-stanza", "--key-rijndael", "k"]).Status);
        Assert.Contains("[2.2.2.2]", File.ReadAllText(client.RcPath), StringComparison.Ordinal);
        Assert.Equal("12345:23456 600", ProcessRun.RunChecked(new ProcessCommand("stat", "-c", "%u:%g %a", client.RcPath)).Output);
    }

    [RootFact("unshare", "mount")]
    public void Full_disk_leaves_the_old_file_whole()
    {
        using TemporaryFolder folder = new();
        string program = ClientFile.Location;
        string script = folder.Write("script", $"""
            set -e
            mount -t tmpfs -o size=8k,mode=700 tmpfs "$1"
            printf '[default]\n#%05000d\n' 7 >"$1/rc"
            chmod 600 "$1/rc"
            sum=$(md5sum <"$1/rc")
            "{program}" -D h -s -A tcp/22 --key-rijndael k --no-save-args --rc-file "$1/rc" --save-rc-stanza && exit 9
            echo "status $?" "$([ "$sum" = "$(md5sum <"$1/rc")" ] && echo whole)" $(ls -A "$1")
            """);
        string disk = Directory.CreateDirectory(folder.FilePath("disk")).FullName;
        ProcessRun run = ProcessRun.Run(new ProcessCommand("unshare", "--mount", "--propagation", "private", "bash", script, disk));
        Assert.Equal("status 1 whole rc", run.Output);
        Assert.Contains("No space left on device", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void List_has_all_stanzas_but_default()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\n[One]\nbad line\n  [two words] x\n[one]\n");
        ClientRunResult run = client.Run("--stanza-list");
        Assert.Equal(
            (0, $"The following stanzas are configured in {client.RcPath} :\n - One\n - two words\n - one\n", string.Empty), (run.Status, run.Output, run.Error));
        string missing = client.Path("none");
        run = client.Run("--stanza-list", "--rc-file", missing);
        Assert.Equal((1, $"Unable to open rc file: {missing}: No such file or directory\n"), (run.Status, run.Error));
        Assert.False(File.Exists(missing));
    }

    [Fact]
    public void Complaint_about_the_file_is_made_once()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\n");
        File.SetUnixFileMode(client.RcPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        ClientRunResult run = client.Run([.. Server, "-k", "--save-rc-stanza"]);
        Assert.Equal(
            (0, $"[-] file: {client.RcPath} permissions should only be user read/write (0600, -rw-------)\n"), (run.Status, run.Error));
    }

    [Fact]
    public void Keys_stay_when_the_file_for_new_ones_cannot_be_written()
    {
        const string old = "[2.2.2.2]\nKEY_BASE64 b2xk\n";
        using ClientHarness client = new ClientHarness().WithRc(old);
        ClientRunResult run = client.Run([.. Server, "-k", "--save-rc-stanza", "--force-stanza", "-K", client.Path("no/keys")]);
        Assert.Equal((1, old), (run.Status, File.ReadAllText(client.RcPath)));
        Assert.StartsWith("Unable to create key gen file: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void List_does_not_move_the_cursor()
    {
        using ClientHarness client = new ClientHarness().WithRc("[a\u001b[2J]\n");
        Assert.EndsWith("\n - a?[2J\n", client.Run("--stanza-list").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_option_with_a_keyword_is_saved() =>
        Assert.DoesNotContain(ClientOptions.Table, option => option is { Names.Length: > 0, Keyword: not null, Saved: null });

    [Fact]
    public void Each_saved_keyword_has_a_place_of_its_own()
    {
        int[] places = [.. ClientOptions.Table.Where(option => option.Saved is not null).Select(option => option.Saved!.Place)];
        Assert.Equal(places.Distinct().Count(), places.Length);
    }
}
