using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>Files, descriptors and arguments that are not what they should be: the program ends soon, says why and breaks nothing.</summary>
public sealed class BadInputTests : IDisposable
{
    private const string Ordinary = "-T --no-save-args -D h -a 192.0.2.9 -A tcp/22";
    private const string WithKeys = $"{Ordinary} --key-rijndael abc --key-hmac def";

    private static readonly string Program = ClientFile.Location;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string, int, string> RcFiles() => new()
    {
        { "binary", "head -c 100000 /bin/true > rc", 0, "" },
        { "a program", "cp /bin/true rc", 0, "" },
        { "too large", "(echo '[default]'; echo 'SPOOF_USER joe'; head -c 4200000 /dev/zero | tr '\\0' '#') > rc", 0, "Unable to open rc file: rc: File too large" },
        { "endless", "ln -s /dev/zero rc", 0, "*Unable to open rc file: rc: File too large" },
        { "a line of 3 MiB", "(echo '[default]'; echo -n 'SPA_SERVER_PORT '; head -c 3145728 /dev/zero | tr '\\0' 9; echo) > rc", 1, "*var=SPA_SERVER_PORT*" },
        { "a line of 100 kB", "(echo '[default]'; echo -n '#'; head -c 100000 /dev/zero | tr '\\0' x; echo; echo 'SPA_SERVER_PORT x') > rc", 1, "Parameter error in rc, line 3: var=SPA_SERVER_PORT, val=x\n[*] *" },
        { "zero bytes", "printf '[default]\\nSPA_SERVER_PORT 2\\0002\\n' > rc", 1, "Parameter error in rc, line 2: var=SPA_SERVER_PORT, val=2?2\n[*] *" },
        { "a symbolic link", "(echo '[default]'; echo BADVAR x) > target; chmod 600 target; ln -s target rc", 1, "Parameter error in rc, line 2: var=BADVAR, val=x\n[*] *" },
        { "a symbolic link that leads nowhere", "ln -s none/target rc", 0, "Unable to open rc file: rc: No such file or directory" },
        { "a circle of symbolic links", "ln -s rc rc", 1, "[-] stat() against file: rc returned: Too many levels of symbolic links" },
        { "a folder", "mkdir rc", 0, "*Unable to open rc file: rc: *" },
        { "a named pipe", "mkfifo -m 600 rc", 0, "*Unable to open rc file: rc: Is a named pipe" },
    };

    [Theory]
    [MemberData(nameof(RcFiles))]
    public void Rc_file(string what, string making, int status, string errors)
    {
        ProcessRun run = Shell($"{making}; [ -L rc ] || [ -d rc ] || chmod 600 rc; exec {Program} {WithKeys} --rc-file rc");
        Assert.True(status == run.ExitCode, $"{what}: {run.ExitCode} {run.Errors}");
        Assert.True(IsLike(errors, run.Errors), $"{what}: {Shown(run.Errors)}");
    }

    [RootFact]
    public void Rc_file_of_somebody_else_is_used_and_complained_of()
    {
        ProcessRun run = Shell($"echo '[default]' > rc; chmod 600 rc; chown 12345 rc; exec {Program} {WithKeys} --rc-file rc");
        Assert.Equal((0, "[-] file: rc not owned by current effective user id"), (run.ExitCode, run.Errors));
    }

    [RootFact]
    public void Rc_file_that_may_not_be_read_counts_as_empty()
    {
        ProcessRun run = Shell(
            $"chmod 755 .; echo '[default]' > rc; chmod 600 rc; exec setpriv --reuid 65534 --regid 65534 --clear-groups {Program} {WithKeys} --rc-file rc");
        Assert.Equal(0, run.ExitCode);
        Assert.EndsWith("Unable to open rc file: rc: Permission denied", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--stanza-list --rc-file pipe", 1, "*Unable to open rc file: pipe: Is a named pipe")]
    [InlineData(WithKeys + " --save-rc-stanza --rc-file pipe", 1, "*\n[*] Nothing was saved; the rc file is as it was.")]
    [InlineData("--no-rc-file " + Ordinary + " -G pipe", 1, "Could not open config file: pipe\n[*] *")]
    [InlineData("--no-rc-file " + Ordinary + " -G folder", 1, "Could not open config file: folder\n[*] *")]
    [InlineData("--no-rc-file " + Ordinary + " -G /dev/zero", 1, "Could not open config file: /dev/zero\n[*] *")]
    [InlineData("--no-rc-file " + Ordinary + " -G /bin/true", 1, "Could not get key for IP: h from: /bin/true")]
    [InlineData("--no-rc-file " + Ordinary + " -G longkey", 1, "*Invalid key length*")]
    [InlineData("--no-rc-file " + Ordinary + " --key-rijndael a --get-hmac-key longkey", 1, "*Invalid HMAC key length")]
    [InlineData("--no-rc-file -l -E pipe", 1, "*Could not open args file: pipe\n[*] *")]
    [InlineData("--no-rc-file --show-last -E pipe", 1, "*Could not open args file: pipe\n[*] *")]
    [InlineData("--no-rc-file --show-last -E /dev/zero", 1, "*Could not open args file: /dev/zero\n[*] *")]
    [InlineData("--no-rc-file -l -E hostile", 1, "*")]
    [InlineData("--no-rc-file " + WithKeys + " -B /dev/full", 0, "write_spa_packet_data: /dev/full: No space left on device")]
    [InlineData("--no-rc-file " + WithKeys + " -B folder", 0, "write_spa_packet_data: folder: *")]
    [InlineData("--no-rc-file " + WithKeys + " -N <100000>", 1, "[*] Invalid NAT destination *")]
    [InlineData("--no-rc-file " + WithKeys + " -C <100000>", 1, "*Error 94 *")]
    [InlineData("--no-rc-file " + WithKeys + " -D <100000>", 1, "Invalid destination: *")]
    [InlineData("--<100000>", 1, "fwknop: unrecognized option *")]
    [InlineData("--no-rc-file " + WithKeys + " -U $(printf 'a\\377')", 1, "[*] The value of --spoof-user is not valid UTF-8.")]
    [InlineData("--no-rc-file --no-save-args -a 192.0.2.9 -A tcp/22 --key-rijndael a --key-hmac b -D $(printf 'h\\377')", 1, "[*] The value of --destination is not valid UTF-8.")]
    public void Arguments(string arguments, int status, string errors)
    {
        ProcessRun run = Shell(
            "mkfifo pipe; mkdir folder; (printf 'h: '; head -c 3000000 /dev/zero | tr '\\0' k) > longkey; head -c 100000 /bin/true > hostile; "
            + $"exec {Program} {arguments.Replace("<100000>", "$(head -c 100000 /dev/zero | tr '\\0' a)", StringComparison.Ordinal)}");
        Assert.True(status == run.ExitCode, $"{run.ExitCode} {Shown(run.Errors)}");
        Assert.True(IsLike(errors, run.Errors), Shown(run.Errors));
    }

    [Theory]
    [InlineData("--stdin <&-", 1, "getpasswd() - Unable to create a stream from the file descriptor : Bad file descriptor\n[*] getpasswd() key error.")]
    [InlineData("--fd 5 5<&-", 1, "getpasswd() - Unable to create a stream from the file descriptor : Bad file descriptor\n[*] getpasswd() key error.")]
    [InlineData("--key-rijndael a --key-hmac b >&-", 1, "")]
    [InlineData("--key-rijndael a >&- 2>&-", 1, "")]
    [InlineData("--key-rijndael a --key-hmac b > /dev/full", 1, "")]
    public void Standard_descriptors(string arguments, int status, string errors)
    {
        ProcessRun run = Shell($"exec {Program} --no-rc-file {Ordinary} {arguments}");
        Assert.Equal((status, errors), (run.ExitCode, run.Errors));
    }

    [Fact]
    public void Saving_with_all_descriptors_closed_leaves_no_message_in_a_file()
    {
        const string sending = "--no-save-args -D 127.0.0.1 -p 9 -a 192.0.2.9 -A tcp/22 --key-rijndael abc --key-hmac def";
        ProcessRun run = Shell($"exec {Program} {sending} --rc-file rc --save-rc-stanza -n s -vv -B packet <&- >&- 2>&-");
        Assert.Equal(0, run.ExitCode);
        Assert.DoesNotContain("SPA Field Values", File.ReadAllText(_folder.FilePath("rc")), StringComparison.Ordinal);
        Assert.Single(File.ReadAllLines(_folder.FilePath("packet")));
    }

    [Theory]
    [InlineData("env -u HOME", 1)]
    [InlineData("env HOME=", 0)]
    [InlineData("env LANG=xx_YY.FOO LC_ALL=tr_TR.UTF-8", 0)]
    public void Environment_variables(string prefix, int status) => Assert.Equal(status, Shell($"exec {prefix} {Program} {WithKeys} -m SHA512").ExitCode);

    public void Dispose() => _folder.Dispose();

    // * stands for any text.
    private static bool IsLike(string pattern, string text) => Regex.IsMatch(
        text, $@"\A{string.Join(".*", pattern.Split('*').Select(Regex.Escape))}\z", RegexOptions.Singleline);

    private static string Shown(string text) => text[..Math.Min(text.Length, 400)];

    private ProcessRun Shell(string script) => ProcessRun.Run(
        new ProcessCommand("setsid", ["-w", "sh", "-c", script])
        {
            WorkingDirectory = _folder.Path,
            Environment = new Dictionary<string, string?> { ["HOME"] = _folder.Path, ["LOGNAME"] = null, ["SPOOF_USER"] = null },
        },
        Patience);
}
