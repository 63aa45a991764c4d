using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>The completion scripts, in the shells they are for.</summary>
public sealed class CompletionTests : IDisposable
{
    private static readonly string Scripts = Path.Combine(RepositoryRoot.Path, "packaging", "completion");

    private readonly TemporaryFolder _folder = new();

    public CompletionTests()
    {
        _folder.Write(".fwknoprc", "[default]\n[work]\nKEY k\n[Home server]\nKEY k\n");
        _folder.Write("other.rc", "[default]\n[zebra]\n");
        _folder.Write("zone.txt", "");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bash", "fwknop.bash")]
    [InlineData("zsh", "_fwknop")]
    [InlineData("fish", "fwknop.fish")]
    public void Committed_script_is_that_of_the_option_table(string shell, string file)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run("--completion", shell, "--rc-file", "/nonexistent");
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.True(run.Output == File.ReadAllText(Path.Combine(Scripts, file)), $"{file} differs from the option table: run packaging/update");
    }

    [Fact]
    public void Unknown_shell()
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run("--completion", "csh");
        Assert.Equal((1, "", "Unknown shell 'csh', must be bash, zsh or fish\n"), (run.Status, run.Output, run.Error));
    }

    [ProgramTheory("bash")]
    [InlineData("--server-pro", "--server-proto")]
    [InlineData("--hmac-d", "--hmac-digest-type")]
    [InlineData("-P tc", "tcp tcpraw")]
    [InlineData("--server-proto = ud", "udp udpraw")]
    [InlineData("-M =", "CBC ECB CFB OFB CTR legacy Asymmetric")]
    [InlineData("-m sha3_", "sha3_256 sha3_512")]
    [InlineData("--hmac-digest-type sha5", "sha512")]
    [InlineData("--completion f", "fish")]
    [InlineData("-n wo", "work")]
    [InlineData("-n Ho", "Home\\ server")]
    [InlineData("--rc-file other.rc -n z", "zebra")]
    [InlineData("--rc-file = other.rc --named-config = z", "zebra")]
    [InlineData("-G zo", "zone.txt")]
    [InlineData("-A t", "")]
    [InlineData("wor", "")]
    public void Bash(string words, string expected)
    {
        string script = $$"""
            source {{Scripts}}/fwknop.bash
            COMP_WORDS=(fwknop {{words}})
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _fwknop fwknop
            echo "${COMPREPLY[*]}"
            """;
        ProcessRun run = Run("bash", "--norc", "-uc", script);
        Assert.Equal((0, expected, ""), (run.ExitCode, run.Output, run.Errors));
    }

    [ProgramTheory("fish")]
    [InlineData("--server-pro", "--server-proto")]
    [InlineData("-P tc", "tcp tcpraw")]
    [InlineData("--server-proto=ud", "--server-proto=udp --server-proto=udpraw")]
    [InlineData("-m sha3_", "sha3_256 sha3_512")]
    [InlineData("-n wo", "work")]
    [InlineData("--rc-file other.rc -n z", "zebra")]
    [InlineData("-G zo", "zone.txt")]
    [InlineData("zo", "")]
    public void Fish(string words, string expected)
    {
        ProcessRun run = Run("fish", "--no-config", "-c", $"source {Scripts}/fwknop.fish; complete -C 'fwknop {words}'");
        Assert.Equal(
            (0, expected, ""),
            (run.ExitCode, string.Join(' ', run.Output.Split('\n').Select(line => line.Split('\t')[0]).Order(StringComparer.Ordinal)), run.Errors));
    }

    [ProgramTheory("zsh")]
    [InlineData("--server-pro", "--server-proto=")]
    [InlineData("-P tcpr", "-P tcpraw ")]
    [InlineData("--server-proto=tcpr", "--server-proto=tcpraw ")]
    [InlineData("-M AS", "-M AS")]
    [InlineData("-M As", "-M Asymmetric ")]
    [InlineData("-n wo", "-n work ")]
    [InlineData("-n Ho", "-n Home\\ server ")]
    [InlineData("--rc-file other.rc -n z", "--rc-file other.rc -n zebra ")]
    [InlineData("-G zo", "-G zone.txt ")]
    public void Zsh(string typed, string expected)
    {
        // A shell on a pseudo-terminal gets the words and the tab key, then a key that prints the line as completed.
        string script = $$"""
            zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell 'PS1=; fpath=({{Scripts}} $fpath); autoload -Uz compinit; compinit -u -D'
            zpty -w shell 'show() { local mark=LI; print -r -- "${mark}NE<$BUFFER>" }; zle -N show; bindkey "^O" show; unsetopt beep; print REA''DY'
            zpty -r shell seen '*READY*' || exit 1
            zpty -w -n shell $'fwknop {{typed}}\t\x0f'
            zpty -r shell seen '*LINE<*>*' || exit 1
            zpty -d shell
            seen=${seen#*LINE<}
            print -rn -- "${seen%%>*}"
            """;
        ProcessRun run = Run("zsh", "-f", "-c", script);
        Assert.Equal((0, $"fwknop {expected}", ""), (run.ExitCode, run.Output, run.Errors));
    }

    private ProcessRun Run(string shell, params string[] arguments) => ProcessRun.Run(new ProcessCommand(shell, arguments)
    {
        WorkingDirectory = _folder.Path,
        Environment = new Dictionary<string, string?>
        {
            ["HOME"] = _folder.Path,
            ["TERM"] = "xterm",
            ["PATH"] = $"{AppContext.BaseDirectory.TrimEnd('/')}:{Environment.GetEnvironmentVariable("PATH")}",
        },
    });
}
