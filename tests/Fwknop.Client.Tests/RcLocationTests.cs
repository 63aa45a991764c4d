using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>Where settings are read from: home, configuration folder, further files, descriptors (client.md 6.1, 20).</summary>
public sealed class RcLocationTests
{
    private static readonly string[] Ordinary = ["-T", "-v", "-a", "192.0.2.7", "-A", "tcp/22", "--key-rijndael", "k"];

    [Fact]
    public void Configuration_folder_is_used_when_the_classic_file_is_missing()
    {
        using ClientHarness client = new();
        client.Write(".config/fwknop/fwknoprc", "[default]\nSPA_SERVER modern\n");
        Assert.Contains("IP/host: modern\n", client.Run(Ordinary).Output, StringComparison.Ordinal);
        Assert.False(File.Exists(client.RcPath));
        client.WithRc("[default]\nSPA_SERVER classic\n");
        Assert.Contains("IP/host: classic\n", client.Run(Ordinary).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Configuration_folder_can_be_named()
    {
        using ClientHarness client = new();
        client.Write("xdg/fwknop/fwknoprc", "[default]\nSPA_SERVER named\n");
        client.Variables["XDG_CONFIG_HOME"] = client.Path("xdg");
        Assert.Contains("IP/host: named\n", client.Run(Ordinary).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_the_folder_come_after_the_main_file_in_order_of_name()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\nSPA_SERVER main\nFW_TIMEOUT 1\n[x]\nSPOOF_USER main\n");
        client.Write(".fwknoprc.d/20.conf", "[default]\nSPA_SERVER second\n");
        client.Write(".fwknoprc.d/10.conf", "[default]\nSPA_SERVER first\n[x]\nSPOOF_USER included\n[y]\n");
        client.Write(".fwknoprc.d/30.conf~", "[default]\nnonsense\n");
        client.Write(".fwknoprc.d/.hidden.conf", "[default]\nnonsense\n");
        ClientRunResult run = client.Run([.. Ordinary, "-n", "X"]);
        Assert.Contains("IP/host: second\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("Username: included\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("Client Timeout: 1\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("\n - y\n", client.Run("--stanza-list").Output, StringComparison.Ordinal);
        Assert.Equal(0, client.Run([.. Ordinary, "-n", "y"]).Status);
    }

    [Theory]
    [InlineData(".fwknoprc.d", 0x1ff)] // 0777
    [InlineData(".fwknoprc.d", 0x1f8)] // 0770
    [InlineData(".fwknoprc.d/1.conf", 0x1b6)] // 0666
    public void File_that_others_can_change_is_not_used(string name, int mode)
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\nSPA_SERVER main\n");
        string path = client.Write(".fwknoprc.d/1.conf", "[default]\nSPA_SERVER evil\nKEY_CMD touch evil\n");
        File.SetUnixFileMode(client.Path(name), (UnixFileMode)mode);
        ClientRunResult run = client.Run(Ordinary);
        Assert.Contains("IP/host: main\n", run.Output, StringComparison.Ordinal);
        Assert.Equal((0, $"[-] WARNING: {path} is not used: others may write to {client.Path(name)}.\n"), (run.Status, run.Error));
    }

    [Theory]
    [InlineData("KEY_CMD")]
    [InlineData("HMAC_KEY_CMD")]
    [InlineData("WGET_CMD")]
    [InlineData("GPG_EXE")]
    public void File_that_others_can_change_names_no_program(string keyword)
    {
        using ClientHarness client = new ClientHarness().WithRc($"[default]\nSPA_SERVER h\n{keyword} /bin/false\n");
        Assert.DoesNotContain("names a program", client.Run(Ordinary).Error, StringComparison.Ordinal);
        File.SetUnixFileMode(client.RcPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite);
        ClientRunResult run = client.Run(Ordinary);
        Assert.Equal(1, run.Status);
        Assert.EndsWith($"[*] {client.RcPath}, line 3: {keyword} names a program to run, but others may write to the file.\n", run.Error, StringComparison.Ordinal);
    }

    [ProgramFact("setpriv")]
    public void Folder_that_may_not_be_read_counts_as_empty()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\nSPA_SERVER main\n");
        client.Write(".fwknoprc.d/1.conf", "[default]\nnonsense\n");
        File.SetUnixFileMode(client.Path(".fwknoprc.d"), UnixFileMode.None);
        string[] words = [ClientFile.Location, .. Ordinary, "--no-save-args"];
        if (Environment.IsPrivilegedProcess)
        {
            words = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", .. words];
        }

        ProcessRun run = ProcessRun.Run(new ProcessCommand(words[0], words[1..])
        {
            Environment = new Dictionary<string, string?> { ["HOME"] = Path.GetDirectoryName(client.RcPath), ["XDG_CONFIG_HOME"] = null },
        });
        File.SetUnixFileMode(client.Path(".fwknoprc.d"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Equal((0, $"Unable to open rc folder: {client.RcPath}.d: Permission denied"), (run.ExitCode, run.Errors));
        Assert.Contains("IP/host: main\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Error_in_an_included_file_names_it()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\nSPA_SERVER main\n");
        string path = client.Write(".fwknoprc.d/1.conf", "[default]\n\nFW_TIMEOUT x\n");
        ClientRunResult run = client.Run(Ordinary);
        Assert.Equal((1, $"Parameter error in {path}, line 3: var=FW_TIMEOUT, val=x\n[*] The keyword does not take this value.\n"), (run.Status, run.Error));
    }

    [Fact]
    public void Stanza_is_saved_where_it_stands()
    {
        const string main = "[default]\n[a]\nACCESS tcp/1\n";
        using ClientHarness client = new ClientHarness().WithRc(main);
        string path = client.Write(".fwknoprc.d/1.conf", "[h]\nACCESS tcp/2\n");
        Assert.Equal(0, client.Run([.. Ordinary, "-D", "h", "--save-rc-stanza", "-n", "H"]).Status);
        Assert.Equal(main, File.ReadAllText(client.RcPath));
        Assert.Contains("ACCESS                      tcp/22", File.ReadAllLines(path));
    }

    [Fact]
    public void Explicit_file_has_no_folder()
    {
        using ClientHarness client = new();
        string path = client.Write("rc", "[default]\nSPA_SERVER alone\n");
        client.Write("rc.d/1.conf", "[default]\nSPA_SERVER other\n");
        Assert.Contains("IP/host: alone\n", client.Run([.. Ordinary, "--rc-file", path]).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--rc-file - --stdin")]
    [InlineData("--rc-file /dev/stdin --fd 0")]
    public void Settings_and_keys_cannot_both_come_from_standard_input(string options)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, .. options.Split(' ')]);
        Assert.Equal((1, "Settings and keys cannot both be read from standard input.\n"), (run.Status, run.Error));
    }

    [Theory]
    [InlineData("-", "")]
    [InlineData("/dev/stdin", "")]
    [InlineData("/dev/fd/7", "7<&0")]
    public void Descriptor_is_read_without_complaint_and_not_written(string path, string redirection)
    {
        using TestSupport.TemporaryFolder folder = new();
        string program = ClientFile.Location;
        string script = folder.Write("script", $"""
            cat <<'END' | "{program}" -T -v --no-save-args --rc-file {path} -n x --key-rijndael k {redirection}
            [x]
            SPA_SERVER from-descriptor
            ACCESS tcp/22
            ALLOW_IP source
            END
            echo "status $?"
            echo '[default]' | "{program}" -D h -s -A tcp/22 --no-save-args --rc-file {path} --save-rc-stanza --key-rijndael k {redirection}
            echo "status $?"
            """);
        TestSupport.ProcessRun run = TestSupport.ProcessRun.Run(new TestSupport.ProcessCommand("bash", script));
        Assert.Contains("IP/host: from-descriptor\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("status 0\n", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("status 1", run.Output.TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("no stanza can be saved there", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("permissions", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("not a regular file", run.Errors, StringComparison.Ordinal);
    }
}
