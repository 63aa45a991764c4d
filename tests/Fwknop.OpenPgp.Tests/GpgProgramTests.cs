using System.Diagnostics;
using System.Text;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.OpenPgp.Tests;

/// <summary>Programs in the place of gpg that do what gpg should not.</summary>
public sealed class GpgProgramTests : IDisposable
{
    private static readonly TimeSpan LongTime = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("a program that ends with an error", "exit 3", Rejection.GpgmeRecipientKeyNotFound, "gpg ended with status 3")]
    [InlineData("a flood of keys", "while :; do echo 'pub:u:2048:1:C2A0CC1FBC7379BD:1704164645:::u:::scESC:'; done", Rejection.GpgmeRecipientKeylistStart, "printed more than it should")]
    [InlineData("a flood of errors", "while :; do echo 'No such luck, at great length and without end' >&2; done", Rejection.GpgmeRecipientKeylistStart, "printed more than it should")]
    public void Is_not_impressed_by(string what, string script, Rejection expected, string reason)
    {
        GpgKeyring keyring = new(Settings(script) with { TimeLimit = LongTime });
        Assert.False(keyring.TryFindRecipient("x", out _, out Rejection why, out string text), what);
        Assert.Equal(expected, why);
        Assert.Contains(reason, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Ends_a_program_that_hangs_and_its_children()
    {
        string pidFile = _folder.FilePath("pid");
        GpgKeyring keyring = new(Settings($"sleep 1000 & echo $! > {pidFile}; wait") with { TimeLimit = TimeSpan.FromSeconds(1) });

        Assert.False(keyring.TryFindSigner("x", out _, out Rejection why, out string text));

        Assert.Equal(Rejection.GpgmeSignerKeylistStart, why);
        Assert.Contains("did not end within 1 s", text, StringComparison.Ordinal);
        int child = int.Parse(File.ReadAllText(pidFile));
        Deadline.WaitUntil(() => !ProcessTable.Exists(child), TimeSpan.FromSeconds(10), "the child ends");
    }

    [Fact]
    public void Says_what_cannot_be_run()
    {
        GpgSettings settings = Settings("") with { Executable = _folder.Write("not executable", "") };
        Assert.False(new GpgKeyring(settings).TryFindRecipient("x", out _, out Rejection why, out string text));
        Assert.Equal(Rejection.GpgmeRecipientKeylistStart, why);
        Assert.EndsWith("/not executable cannot be run: Permission denied", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpg")]
    [InlineData("./gpg")]
    [InlineData("")]
    public void Takes_no_path_that_depends_on_the_current_folder(string path) =>
        Assert.Throws<ArgumentException>(() => Settings("") with { Executable = path });

    [Fact]
    public void Gives_it_only_its_own_environment_and_no_descriptors()
    {
        string seen = _folder.FilePath("seen");
        GpgSettings settings = Settings($"env > {seen}; ls /proc/$$/fd >> {seen}") with
        {
            Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["GNUPGHOME"] = "/x" },
        };
        using FileStream open = File.OpenRead(settings.Executable);

        new GpgKeyring(settings).TryFindRecipient("x", out _, out _, out _);

        string[] lines = File.ReadAllLines(seen);
        string[] variables = [.. lines.Where(line => line.Contains('=')).Select(line => line.Split('=')[0]).Except(["PWD", "SHLVL", "_", "OLDPWD"])];
        Assert.Equal(["GNUPGHOME", "PATH"], variables.Order());

        // 10 and up are the shell's own.
        Assert.DoesNotContain(lines, line => int.TryParse(line, out int number) && number is > 2 and < 10);
    }

    [Fact]
    public void Hands_the_passphrase_over_as_the_first_line()
    {
        string seen = _folder.FilePath("seen");
        using GpgOpenPgp gpg = On(Settings($"cat > {seen}; echo \"$@\" > {seen}.arguments"), "se cret");

        Assert.False(gpg.TryEncrypt("data\n"u8, out _, out Rejection why));

        Assert.Equal(Rejection.GpgmeEncryptSign, why);
        Assert.Equal("se cret\ndata\n", File.ReadAllText(seen));
        string arguments = File.ReadAllText(seen + ".arguments");
        Assert.Contains("--pinentry-mode loopback --passphrase-fd 0", arguments, StringComparison.Ordinal);
        Assert.DoesNotContain("cret", arguments, StringComparison.Ordinal);
    }

    [Fact]
    public void Keeps_it_to_itself_with_an_agent()
    {
        string seen = _folder.FilePath("seen");
        using GpgOpenPgp gpg = On(Settings($"cat > {seen}; echo \"$@\" > {seen}.arguments") with { UsesAgent = true }, "secret");

        gpg.TryEncrypt("data\n"u8, out _, out _);

        Assert.Equal("data\n", File.ReadAllText(seen));
        Assert.DoesNotContain("passphrase", File.ReadAllText(seen + ".arguments"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("zero\0byte")]
    public void Refuses_a_passphrase_that_gpg_would_read_in_part(string passphrase)
    {
        using GpgOpenPgp gpg = On(Settings("exit 0"), passphrase);
        Assert.False(gpg.TryEncrypt("data"u8, out _, out Rejection why));
        Assert.Equal(Rejection.GpgmeBadPassphrase, why);
        Assert.Equal("The passphrase is not one line of text", gpg.Last.ErrorText);
        Assert.False(gpg.TryDecrypt("data"u8, out _, out why));
        Assert.Equal(Rejection.GpgmeDecryptFailed, why);
    }

    [Fact]
    public void Takes_no_message_from_a_program_that_only_says_okay()
    {
        using GpgOpenPgp gpg = On(Settings("echo plaintext; exit 0"), "");
        Assert.False(gpg.TryDecrypt("data"u8, out DecryptedMessage? decrypted, out Rejection why));
        Assert.Null(decrypted);
        Assert.Equal(Rejection.GpgmeDecryptFailed, why);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Chooses_the_environment(bool usesAgent)
    {
        IReadOnlyDictionary<string, string> environment = GpgEnvironment.From(name => name == "PATH" ? null : "of " + name, usesAgent);
        Assert.Equal("of HOME", environment["HOME"]);
        Assert.Equal("of GNUPGHOME", environment["GNUPGHOME"]);
        Assert.Equal("/usr/local/bin:/usr/bin:/bin", environment["PATH"]);
        Assert.Equal(usesAgent, environment.ContainsKey("GPG_AGENT_INFO"));
        Assert.Equal(usesAgent, environment.ContainsKey("GPG_TTY"));
        Assert.DoesNotContain("LD_PRELOAD", environment.Keys);
    }

    public void Dispose() => _folder.Dispose();

    private static GpgOpenPgp On(GpgSettings settings, string passphrase) => new(
        settings, new OpenPgpNames("r", "s", null, settings.Executable), "r", "s", new GpgPassphrase(Encoding.UTF8.GetBytes(passphrase)));

    private GpgSettings Settings(string script) => new()
    {
        Executable = _folder.WriteProgram($"gpg{Stopwatch.GetTimestamp()}", "#!/bin/sh\n" + script + "\n"),
        Environment = GpgEnvironment.From(Environment.GetEnvironmentVariable, usesAgent: false),
    };
}
