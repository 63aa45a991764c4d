using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>The kept command line (client.md 7, 15.3).</summary>
public sealed class HistoryTests
{
    private static readonly string[] Ordinary = ["-D", "h", "-a", "192.0.2.7", "-A", "tcp/22", "--key-rijndael", "k", "--no-rc-file"];

    [Fact]
    public void Command_line_is_kept_shown_and_run_again()
    {
        using ClientHarness client = new();
        Assert.Equal(0, client.Run([.. Ordinary, "-U", "it's me"]).Status);
        string path = client.Path(".fwknop.run");
        Assert.Equal(@"fwknop -D h -a 192.0.2.7 -A tcp/22 --key-rijndael k --no-rc-file -U 'it'\''s me' " + "\n", File.ReadAllText(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        ClientRunResult shown = client.Run("--show-last", "--no-rc-file");
        Assert.Equal(
            (0, @"Last fwknop client command line: fwknop -D h -a 192.0.2.7 -A tcp/22 --key-rijndael k --no-rc-file -U 'it'\''s me' " + "\n\n"),
            (shown.Status, shown.Output));
        ClientRunResult again = client.Run("-l", "--no-rc-file", "-v", "-D", "ignored");
        Assert.Equal(0, again.Status);
        Assert.StartsWith("Executing: fwknop -D h ", again.Output, StringComparison.Ordinal);
        Assert.Equal(2, client.Sender.Sent.Count);
        using Protocol.PacketKeys keys = ClientHarness.KeysOf("k", null);
        Assert.True(Protocol.SpaPacket.TryOpen(client.Sender.Sent[1].Packet, keys, out Protocol.AuthenticMessage? message, out _));
        Assert.Equal("it's me", message.Message.Username.ToString());
    }

    [Theory]
    [InlineData("fwknop -A tcp/22 -s    -D 127.0.0.1 --verbose --key-rijndael k --no-rc-file")]
    [InlineData("/usr/bin/fwknop -A tcp/22 -s -D h -U o'neill --key-rijndael k --no-rc-file")]
    public void File_of_the_reference_is_run(string line)
    {
        using ClientHarness client = new();
        Assert.Equal(0, client.Run("-l", "--no-rc-file", "-E", client.Write("run", line + " \n")).Status);
        Assert.Single(client.Sender.Sent);
        Assert.False(File.Exists(client.Path(".fwknop.run")));
    }

    [Fact]
    public void Kept_l_does_not_recurse()
    {
        using ClientHarness client = new();
        string path = client.Write("run", "fwknop -l -D h -s -A tcp/22 --key-rijndael k --no-rc-file\n");
        Assert.Equal(0, client.Run("-l", "--no-rc-file", "-E", path).Status);
        Assert.Single(client.Sender.Sent);
    }

    [Fact]
    public void File_that_others_can_read_is_complained_about()
    {
        using ClientHarness client = new();
        string path = client.Write("run", "old\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        ClientRunResult run = client.Run(["-T", .. Ordinary, "-E", path]);
        Assert.Equal((0, $"[-] file: {path} permissions should only be user read/write (0600, -rw-------)\n"), (run.Status, run.Error));
    }

    [RootFact("chown")]
    public void Link_to_the_file_of_somebody_else_is_not_followed()
    {
        using ClientHarness client = new();
        string path = client.Write("theirs", "old\n");
        ProcessRun.RunChecked(new ProcessCommand("chown", "12345", path));
        File.CreateSymbolicLink(client.Path(".fwknop.run"), path);
        ClientRunResult run = client.Run(Ordinary);
        Assert.Equal(1, run.Status);
        Assert.Contains($"Could not open args file: {client.Path(".fwknop.run")}\n", run.Error, StringComparison.Ordinal);
        Assert.Equal("old\n", File.ReadAllText(path));
    }

    [ProgramFact("flock")]
    public void Who_reads_the_file_does_not_stop_the_knock()
    {
        using ClientHarness client = new();
        string path = client.Write("run", "old\n");
        string program = ClientFile.Location;
        ProcessRun run = ProcessRun.Run(new ProcessCommand(
            "flock", ["-x", path, program, "-T", .. Ordinary, "-E", path]));
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.StartsWith("fwknop -T ", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--no-save-args")]
    [InlineData("-k")]
    [InlineData("--stanza-list")]
    [InlineData("-V")]
    [InlineData("-h")]
    public void Nothing_is_kept(string options)
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\n");
        client.Run([.. Ordinary[..^1], .. options.Split(' ')]);
        Assert.False(File.Exists(client.Path(".fwknop.run")));
    }

    [Fact]
    public void Rc_file_can_turn_it_off()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\nNO_SAVE_ARGS Y\n");
        Assert.Equal(0, client.Run(Ordinary[..^1]).Status);
        Assert.False(File.Exists(client.Path(".fwknop.run")));
    }

    [Fact]
    public void Keys_can_be_left_out()
    {
        using ClientHarness client = new();
        Assert.Equal(0, client.Run([.. Ordinary, "--key-base64-hmac", "b3RoZXI=", "--history-without-keys"]).Status);
        Assert.Equal(
            "fwknop --destination=h --allow-ip=192.0.2.7 --access=tcp/22 --no-rc-file --history-without-keys \n", File.ReadAllText(client.Path(".fwknop.run")));
    }

    [Fact]
    public void Long_command_line_is_refused_unless_it_is_not_kept()
    {
        using ClientHarness client = new();
        string[] line = [.. Ordinary, .. Enumerable.Repeat(new[] { "-A", "tcp/22" }, 300).SelectMany(words => words)];
        ClientRunResult run = client.Run(line);
        Assert.Equal(1, run.Status);
        Assert.StartsWith("argument string too long, exiting.\n", run.Error, StringComparison.Ordinal);
        Assert.Contains("--no-save-args", run.Error, StringComparison.Ordinal);
        Assert.Empty(client.Sender.Sent);
        Assert.Equal(0, client.Run([.. line, "--no-save-args"]).Status);
    }

    [Fact]
    public void Argument_with_a_line_break_is_not_kept()
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, "-C", "two\nlines"]);
        Assert.Equal(0, run.Status);
        Assert.StartsWith("[-] WARNING: The command line is not kept: ", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(client.Path(".fwknop.run")));
    }

    [Theory]
    [InlineData("--show-last --no-rc-file", "Could not open args file: <home>/.fwknop.run\n[*] No such file or directory.\n")]
    [InlineData("-l --no-rc-file", "Could not open args file: <home>/.fwknop.run\n[*] No such file or directory.\n")]
    [InlineData("--show-last --no-home-dir --no-rc-file", "In --no-home-dir mode must set the args save file path with -E\n")]
    [InlineData("-D h -s -A tcp/22 --no-home-dir --no-rc-file", "In --no-home-dir mode must set the args save file path with -E\n")]
    [InlineData("-D h -s -A tcp/22 --no-rc-file -E /nowhere/run", "Could not open args file: /nowhere/run\n[*] No such file or directory; with --no-save-args the command line is not kept.\n")]
    public void Missing_file(string line, string error)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run(line.Split(' '));
        Assert.Equal((1, error), (run.Status, run.Error.Replace(client.Path("."), "<home>/.", StringComparison.Ordinal)));
        Assert.Empty(client.Sender.Sent);
    }

    [Fact]
    public void Missing_home_is_told_even_with_an_rc_file()
    {
        using ClientHarness client = new();
        client.Variables["HOME"] = null;
        ClientRunResult run = client.Run("--show-last", "--rc-file", client.Write("rc", "[default]\n"));
        Assert.Equal((1, "Unable to determine args save file\n"), (run.Status, run.Error));
    }

    [Fact]
    public void Empty_file_is_told_on_standard_output()
    {
        using ClientHarness client = new();
        string path = client.Write("run", string.Empty);
        ClientRunResult run = client.Run("--show-last", "--no-rc-file", "-E", path);
        Assert.Equal((1, $"Could not read line from file: {path}\n", string.Empty), (run.Status, run.Output, run.Error));
        Assert.Equal(1, client.Run("-l", "--no-rc-file", "-E", "/dev/null").Status);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("'")]
    [InlineData("")]
    [InlineData("a'b 'c")]
    [InlineData(@"back\slash")]
    [InlineData(@"\'")]
    [InlineData("line\nbreak")]
    [InlineData("tab\there")]
    public void Word_survives(string word)
    {
        string[] words = ["x", word, "y"];
        Assert.Equal(words, ShellWords.Split(ShellWords.Join(words)));
    }
}
