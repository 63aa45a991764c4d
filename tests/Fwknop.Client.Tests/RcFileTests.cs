using System.Text;

namespace Fwknop.Client.Tests;

/// <summary>client.md 6.1 to 6.4: location, creation, permissions, grammar, merging.</summary>
public sealed class RcFileTests
{
    private static readonly string[] Ordinary = ["-T", "-D", "h", "-a", "192.0.2.7", "-A", "tcp/22", "--key-rijndael", "k"];

    [Theory]
    [InlineData("NAME value", "NAME", "value")]
    [InlineData("NAME: value", "NAME", "value")]
    [InlineData("NAME:x: value", "NAME:x", "value")]
    [InlineData("NAME = value", "NAME", "value")]
    [InlineData("NAME =value", "NAME", "=value")]
    [InlineData("NAME\tvalue", "NAME", "value")]
    [InlineData("  NAME value", "NAME", "value")]
    [InlineData("NAME value ; comment", "NAME", "value")]
    [InlineData("NAME value # comment", "NAME", "value")]
    [InlineData("NAME value; comment", "NAME", "value")]
    [InlineData("NAME value\r", "NAME", "value")]
    [InlineData("NAME \"two words; # one value\" ; comment", "NAME", "two words; # one value")]
    [InlineData("NAME \"\"", "NAME", "")]
    [InlineData("NAME \"open", "NAME", "\"open")]
    [InlineData(" # indented", "#", "indented")]
    public void Parameter(string line, string name, string value)
    {
        RcLine parsed = RcLine.Parse(Encoding.UTF8.GetBytes(line));
        Assert.Equal(RcLineKind.Parameter, parsed.Kind);
        Assert.Equal((name, value, false), (parsed.NameText, Encoding.UTF8.GetString(parsed.Value), parsed.DroppedText));
    }

    [Theory]
    [InlineData("KEY two words", "two")]
    [InlineData("KEY a#b", "a")]
    [InlineData("KEY a;b", "a")]
    [InlineData("KEY \"a\" b", "a")]
    public void Text_that_is_dropped_is_noticed(string line, string value)
    {
        RcLine parsed = RcLine.Parse(Encoding.UTF8.GetBytes(line));
        Assert.Equal((value, true), (Encoding.UTF8.GetString(parsed.Value), parsed.DroppedText));
    }

    [Theory]
    [InlineData("NAME")]
    [InlineData("NAME ")]
    [InlineData("NAME=value")]
    [InlineData("NAME #x")]
    [InlineData("NAME ;x")]
    [InlineData("NAME:value")]
    [InlineData("[open value")]
    [InlineData("   ")]
    [InlineData(": value")]
    public void Line_without_value(string line)
    {
        RcLineKind kind = RcLine.Parse(Encoding.UTF8.GetBytes(line)).Kind;
        Assert.Equal(line.StartsWith('[') ? RcLineKind.Parameter : RcLineKind.Incomplete, kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("#x y")]
    [InlineData(";x y")]
    [InlineData("\r")]
    [InlineData("\0x")]
    public void Blank_or_comment(string line) => Assert.Equal(RcLineKind.Blank, RcLine.Parse(Encoding.UTF8.GetBytes(line)).Kind);

    [Theory]
    [InlineData("[name]", "name")]
    [InlineData("  [my name] rest", "my name")]
    [InlineData("[name]\r", "name")]
    [InlineData("[]", "")]
    public void Header(string line, string name)
    {
        RcLine parsed = RcLine.Parse(Encoding.UTF8.GetBytes(line));
        Assert.Equal((RcLineKind.Header, name), (parsed.Kind, parsed.NameText));
    }

    [Theory]
    [InlineData("DIGEST_TYPE md6", "")]
    [InlineData("digest_type md5", "")]
    [InlineData("UNKNOWN x", "")]
    [InlineData("GPG_AGENT x", "")]
    [InlineData("SPA_SERVER_PROTO x", "")]
    [InlineData("ENCRYPTION_MODE x", "")]
    [InlineData("SPA_SERVER_PORT 65536", "")]
    [InlineData("SPA_SERVER_PORT 22x", "")]
    [InlineData("SPA_SOURCE_PORT -1", "")]
    [InlineData("NAT_PORT 65536", "")]
    [InlineData("FW_TIMEOUT 65537", "")]
    [InlineData("VERBOSE 100", "")]
    [InlineData("VERBOSE 5", "")]
    [InlineData("VERBOSE -1", "")]
    [InlineData("ALLOW_IP host.example", "")]
    [InlineData("ALLOW_IP resolved", "")]
    [InlineData("TIME_OFFSET 1w", "TIME_OFFSET argument '1w' invalid.\n")]
    [InlineData("TIME_OFFSET --1", "TIME_OFFSET argument '-1' invalid.\n")]
    [InlineData("HMAC_DIGEST_TYPE x", "HMAC_DIGEST_TYPE argument 'x' must be one of {md5,sha1,sha256,sha384,sha512,sha3_256,sha3_512}\n")]
    [InlineData("KEY_BASE64 a%", "KEY_BASE64 argument '<hidden>' doesn't look like base64-encoded data.\n")]
    [InlineData("HMAC_KEY_BASE64 a%", "HMAC_KEY_BASE64 argument '<hidden>' doesn't look like base64-encoded data.\n")]
    [InlineData("GPG_SIGNING_PW_BASE64 a%", "GPG_SIGNING_KEY_BASE64 argument '<hidden>' doesn't look like base64-encoded data.\n")]
    public void Bad_parameter_in_default_or_named_stanza(string line, string reason)
    {
        string[] words = line.Split(' ');
        string shown = words[0].Contains("BASE64", StringComparison.Ordinal) ? "<hidden>" : words[1];
        string why = ClientOptions.FindKeyword(words[0]) is null ? "[*] There is no such keyword.\n" : "[*] The keyword does not take this value.\n";
        foreach (string stanza in (string[])["default", "x"])
        {
            using ClientHarness client = new ClientHarness().WithRc($"[{stanza}]\n{line}\nFW_TIMEOUT 5\n");
            ClientRunResult run = client.Run([.. Ordinary, "-n", "X"]);
            Assert.Equal(1, run.Status);
            Assert.Equal($"{reason}Parameter error in {client.RcPath}, line 2: var={words[0]}, val={shown}\n{why}", run.Error);
        }
    }

    [Theory]
    [InlineData("key_base64 U0VDUkVU", "Parameter error in {0}, line 2: var=key_base64, val=<hidden>")]
    [InlineData("HMAC_KEY_BASE65 U0VDUkVU", "Parameter error in {0}, line 2: var=HMAC_KEY_BASE65, val=<hidden>")]
    [InlineData("Gpg_Signing_Pw U0VDUkVU", "Parameter error in {0}, line 2: var=Gpg_Signing_Pw, val=<hidden>")]
    [InlineData("PASSPHRASE U0VDUkVU", "Parameter error in {0}, line 2: var=PASSPHRASE, val=<hidden>")]
    [InlineData("KEY_BASE64 YWJj\nU0VDUkVU==", "*Invalid entry in '<hidden>\n'")]
    [InlineData("ACCESS=U0VDUkVU", "*Invalid entry in 'ACCESS<hidden>\n'")]
    [InlineData("ACCESS", "*Invalid entry in 'ACCESS\n'")]
    [InlineData("FW_TIMEOUT \u001b[31m\u009bx", "Parameter error in {0}, line 2: var=FW_TIMEOUT, val=?[31m?x")]
    public void What_may_be_a_key_and_what_moves_the_cursor_is_not_printed(string line, string error)
    {
        using ClientHarness client = new ClientHarness().WithRc($"[default]\n{line}\n");
        ClientRunResult run = client.Run(Ordinary);
        Assert.Equal(1, run.Status);
        Assert.StartsWith(error.Replace("{0}", client.RcPath, StringComparison.Ordinal) + "\n", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("U0VDUkVU", run.Output + run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Output + run.Error);
    }

    [Fact]
    public void All_bad_lines_are_reported_up_to_one_without_value()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\nFW_TIMEOUT x\nBAD y\nKEY=secret\nBAD z\n");
        ClientRunResult run = client.Run(Ordinary);
        Assert.Equal(1, run.Status);
        Assert.Equal(
            $"Parameter error in {client.RcPath}, line 2: var=FW_TIMEOUT, val=x\n[*] The keyword does not take this value.\n"
                + $"Parameter error in {client.RcPath}, line 3: var=BAD, val=y\n[*] There is no such keyword.\n"
                + $"*Invalid entry in 'KEY<hidden>\n'\n[*] {client.RcPath}, line 4: a keyword and a value are needed.\n",
            run.Error);
    }

    [Fact]
    public void Lines_before_the_first_stanza_and_of_other_stanzas_are_not_checked()
    {
        using ClientHarness client = new ClientHarness().WithRc("junk\n[other]\nDIGEST_TYPE md6\n \n[Default]\r\nFW_TIMEOUT 33\r\n[x]\njunk");
        ClientRunResult run = client.Run(Ordinary);
        Assert.Equal((0, "", "33"), (run.Status, run.Error, run.Field("Client Timeout")));
    }

    [Fact]
    public void Stanza_of_the_same_name_twice_is_loaded_twice()
    {
        using ClientHarness client = new ClientHarness().WithRc("[x]\nFW_TIMEOUT 1\nDIGEST_TYPE md5\n[default]\n[X]\nFW_TIMEOUT 2\n");
        ClientRunResult run = client.Run([.. Ordinary, "-n", "x"]);
        Assert.Equal(("2", "1 (MD5)"), (run.Field("Client Timeout"), run.Field("Digest Type")));
    }

    [Fact]
    public void Long_lines_are_one_line()
    {
        using ClientHarness client = new ClientHarness().WithRc($"[default]\n#{new string('x', 5000)} y\nFW_TIMEOUT 3 ; {new string('z', 5000)}\n");
        Assert.Equal("3", client.Run(Ordinary).Field("Client Timeout"));
    }

    [Theory]
    [InlineData("FW_TIMEOUT 1", "FW_TIMEOUT 2", "-f 3", "Client Timeout", "3")]
    [InlineData("FW_TIMEOUT 1", "FW_TIMEOUT 2", "", "Client Timeout", "2")]
    [InlineData("FW_TIMEOUT 1", "", "", "Client Timeout", "1")]
    [InlineData("", "", "", "Client Timeout", "0")]
    [InlineData("ALLOW_IP 192.0.2.1", "ALLOW_IP 192.0.2.2", "-a 192.0.2.3", "Message String", "192.0.2.3,tcp/22")]
    [InlineData("ALLOW_IP 192.0.2.1", "ALLOW_IP source", "", "Message String", "0.0.0.0,tcp/22")]
    [InlineData("ALLOW_IP resolve", "ALLOW_IP 192.0.2.2", "", "Message String", "192.0.2.2,tcp/22")]
    [InlineData("", "ALLOW_IP 192.0.2.2", "-s", "Message String", "0.0.0.0,tcp/22")]
    [InlineData("ALLOW_IP 192.0.2.1", "RESOLVE_IP_HTTPS Y\nALLOW_IP 192.0.2.2", "", "Message String", "192.0.2.2,tcp/22")]
    [InlineData("NAT_LOCAL Y\nALLOW_IP source", "", "", "Message Type", "5 (Local NAT access msg)")]
    [InlineData("NAT_LOCAL Y\nALLOW_IP source", "NAT_LOCAL N", "", "Message Type", "1 (Access msg)")]
    [InlineData("NAT_LOCAL yes\nALLOW_IP source", "NAT_LOCAL off", "", "Message Type", "1 (Access msg)")]
    [InlineData("NAT_LOCAL 0\nALLOW_IP source", "NAT_LOCAL on", "", "Message Type", "5 (Local NAT access msg)")]
    [InlineData("NAT_LOCAL Y\nALLOW_IP source", "NAT_LOCAL false", "--nat-local", "Message Type", "5 (Local NAT access msg)")]
    [InlineData("ALLOW_IP source\nTIME_OFFSET -1m", "", "", "Timestamp", "1699999940")]
    [InlineData("ALLOW_IP source\nTIME_OFFSET -1m", "TIME_OFFSET +2", "", "Timestamp", "1700000002")]
    [InlineData("ALLOW_IP source\nTIME_OFFSET -1m", "", "--time-offset-plus 5", "Timestamp", "1700000005")]
    [InlineData("ALLOW_IP source\nSPOOF_USER one", "SPOOF_USER two", "-U three", "Username", "three")]
    [InlineData("ALLOW_IP source\nHMAC_KEY x", "", "", "HMAC Type", "3 (SHA256)")]
    [InlineData("ALLOW_IP source\nHMAC_KEY x\nUSE_HMAC N", "", "", "HMAC Type", "3 (SHA256)")]
    [InlineData("ALLOW_IP source\nHMAC_KEY x", "USE_HMAC N", "", "HMAC Type", "0 (None)")]
    [InlineData("ALLOW_IP source\nHMAC_KEY x", "USE_HMAC N", "--use-hmac", "HMAC Type", "3 (SHA256)")]
    [InlineData("ALLOW_IP source\nHMAC_DIGEST_TYPE md5", "", "", "HMAC Type", "0 (None)")]
    [InlineData("ALLOW_IP source\nHMAC_KEY x", "", "--hmac-digest-type md5", "HMAC Type", "1 (MD5)")]
    public void Command_line_beats_stanza_beats_default(string inDefault, string inStanza, string options, string field, string expected)
    {
        using ClientHarness client = new ClientHarness().WithRc($"[default]\n{inDefault}\n[x]\n{inStanza}\n");
        ClientRunResult run = client.Run(
            ["-T", "-n", "x", "-A", "tcp/22", "-D", "h", "--key-rijndael", "k", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), .. DefaultAllow(inDefault + inStanza + options)]);
        Assert.Equal((0, expected), (run.Status, run.Field(field)));
    }

    [Fact]
    public void Neither_yes_nor_no_is_warned_of_and_ignored()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\nUSE_HMAC Y\nHMAC_KEY x\n[x]\nUSE_HMAC maybe\n");
        ClientRunResult run = client.Run([.. Ordinary, "-n", "x"]);
        Assert.Equal("3 (SHA256)", run.Field("HMAC Type"));
        Assert.Equal($"[-] WARNING: {client.RcPath}, line 5: the value of USE_HMAC is neither yes nor no, ignored.\n", run.Error);
    }

    [Theory]
    [InlineData("VERBOSE 0", "-vv", true)]
    [InlineData("VERBOSE 2", "", false)]
    [InlineData("VERBOSE Y", "", false)]
    public void The_larger_verbosity_counts(string setting, string options, bool tellsOfDefault)
    {
        using ClientHarness client = new ClientHarness().WithRc($"[default]\n{setting}\n");
        ClientRunResult run = client.Run([.. Ordinary, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Contains("Generating SPA packet:", run.Output, StringComparison.Ordinal);
        Assert.Equal(tellsOfDefault, run.Output.Contains("process_rc_section() : Parsing section 'default' ...", StringComparison.Ordinal));
    }

    [Fact]
    public void Missing_file_is_created_for_its_owner_and_is_readable_afterwards()
    {
        using ClientHarness client = new();
        ClientRunResult first = client.Run(Ordinary);
        Assert.Equal((0, ""), (first.Status, first.Error));
        Assert.StartsWith($"[*] Creating initial rc file: {client.RcPath}.\n", first.Output, StringComparison.Ordinal);
        Assert.Contains("This file contains", File.ReadAllText(client.RcPath), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(client.RcPath));
        ClientRunResult second = client.Run(Ordinary);
        Assert.Equal((0, ""), (second.Status, second.Error));
        Assert.StartsWith("SPA Field Values:\n", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void File_that_cannot_be_created_is_reported_and_the_run_goes_on()
    {
        using ClientHarness client = new();
        string path = client.Path("none/rc");
        ClientRunResult run = client.Run([.. Ordinary, "--rc-file", path]);
        Assert.Equal((0, $"Unable to create initial rc file: {path}: No such file or directory\n"), (run.Status, run.Error));
    }

    [Fact]
    public void Home_is_needed_only_for_the_files_in_it()
    {
        using ClientHarness client = new();
        client.Variables["HOME"] = null;
        ClientRunResult run = client.Run(Ordinary);
        Assert.Equal((1, "Warning: Unable to determine HOME directory.\n No .fwknoprc file processed.\n"), (run.Status, run.Error));
        Assert.Equal(0, client.Run([.. Ordinary, "--no-save-args", "--no-rc-file"]).Status);
        Assert.Equal(0, client.Run([.. Ordinary, "--no-save-args", "--rc-file", client.Write("rc", "[default]\n")]).Status);
        run = client.Run([.. Ordinary, "--no-home-dir"]);
        Assert.Equal((1, "Warning: in --no-home-dir mode, must set --rc-file path.\n"), (run.Status, run.Error));
        Assert.Equal(0, client.Run([.. Ordinary, "--no-home-dir", "--no-save-args", "--no-rc-file"]).Status);
    }

    [Theory]
    [InlineData(0x1a4, true)] // 0644
    [InlineData(0x1b0, true)] // 0660
    [InlineData(0x1c0, true)] // 0700
    [InlineData(0x180, false)] // 0600
    [InlineData(0x100, false)] // 0400
    public void Permissions_of_others_are_complained_about_once(int mode, bool complains)
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\n[x]\n");
        File.SetUnixFileMode(client.RcPath, (UnixFileMode)mode);
        ClientRunResult run = client.Run([.. Ordinary, "-n", "x"]);
        string expected = complains ? $"[-] file: {client.RcPath} permissions should only be user read/write (0600, -rw-------)\n" : "";
        Assert.Equal((0, expected), (run.Status, run.Error));
    }

    [Fact]
    public void Value_cut_at_a_blank_is_warned_of_without_showing_it()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\nHMAC_KEY my secret\n");
        ClientRunResult run = client.Run(Ordinary);
        Assert.Contains("line 2: the value of HMAC_KEY ends at the first blank", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_keyword_of_the_table_is_accepted()
    {
        string[] keywords =
        [
            "DIGEST_TYPE", "SPA_SERVER_PROTO", "SPA_SERVER_PORT", "SPA_SOURCE_PORT", "FW_TIMEOUT", "ALLOW_IP", "TIME_OFFSET", "ENCRYPTION_MODE",
            "USE_GPG", "USE_GPG_AGENT", "GPG_RECIPIENT", "GPG_SIGNER", "GPG_HOMEDIR", "GPG_EXE", "GPG_SIGNING_PW", "GPG_SIGNING_PW_BASE64",
            "GPG_NO_SIGNING_PW", "SPOOF_USER", "SPOOF_SOURCE_IP", "ACCESS", "SPA_SERVER", "RAND_PORT", "KEY", "KEY_BASE64", "HMAC_DIGEST_TYPE",
            "HMAC_KEY_BASE64", "HMAC_KEY", "USE_HMAC", "USE_WGET_USER_AGENT", "KEY_FILE", "HMAC_KEY_FILE", "NAT_ACCESS", "HTTP_USER_AGENT",
            "RESOLVE_URL", "SERVER_RESOLVE_IPV4", "NAT_LOCAL", "NAT_RAND_PORT", "NAT_PORT", "VERBOSE", "RESOLVE_IP_HTTP", "RESOLVE_IP_HTTPS",
            "RESOLVE_HTTP_ONLY", "WGET_CMD", "NO_SAVE_ARGS",
        ];
        string[] ours = ["HISTORY_WITHOUT_KEYS", "KEY_CMD", "HMAC_KEY_CMD", "SERVER_RESOLVE_IPV6"];
        Assert.Equal(keywords.Concat(ours).Order(), ClientOptions.Table.Select(option => option.Keyword).OfType<string>().Order());
        Assert.All(ClientOptions.Table.Where(option => option.Keyword is not null), option => Assert.NotNull(option.SetFromRc));
    }

    private static string[] DefaultAllow(string said) =>
        said.Contains("ALLOW_IP", StringComparison.Ordinal) || said.Contains("-a", StringComparison.Ordinal) ? [] : ["-a", "192.0.2.7"];
}
