using Fwknop.Daemon.Commands;
using Fwknop.Native.Libc;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Commands;

/// <summary>What a command of the configuration finds when it runs, and how it is kept from doing harm.</summary>
public sealed class ChildProcessTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Tells_the_exit_status()
    {
        Assert.Equal(CommandResult.Ended(0), Run("true"));
        Assert.Equal(CommandResult.Ended(3), Run("/bin/sh", "-c", "exit 3"));
        Assert.Equal(CommandResult.Ended(137), Run("/bin/sh", "-c", "kill -9 $$"));
    }

    [Theory]
    [InlineData("no-such-program-anywhere")]
    [InlineData("/no/such/program")]
    [InlineData("/etc/passwd")]
    [InlineData("/tmp")]
    public void Says_when_there_is_nothing_to_run(string program)
    {
        CommandResult result = Run(program);
        Assert.False(result.Started);
        Assert.NotEmpty(result.Problem);
        Assert.StartsWith("was not run: ", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Passes_words_on_as_they_are()
    {
        string[] words = ["a b", "$(id)", "`id`", ";", "|", "'", "\"", "*", "ü"];
        Assert.Equal(0, Run(["/bin/sh", "-c", $"for word; do printf '%s\\n' \"$word\"; done >{_folder.FilePath("words")}", "sh", .. words]).Status);
        Assert.Equal(words, File.ReadAllLines(_folder.FilePath("words")));
    }

    [Fact]
    public void Gives_it_nothing_of_ours()
    {
        string found = _folder.FilePath("found");
        using FileStream open = File.OpenRead("/etc/passwd");
        Assert.Equal(0, Run("/bin/sh", "-c", $"{{ pwd; cat; env | cut -d= -f1 | sort | tr '\\n' ' '; ls /proc/self/fd | tr '\\n' ' '; }} >{found}").Status);
        string[] lines = File.ReadAllLines(found);
        Assert.Equal("/", lines[0]);
        Assert.Equal(["PATH", "PWD"], lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).TakeWhile(word => !char.IsDigit(word[0])).Where(word => word is not ("OLDPWD" or "SHLVL" or "_")));

        // 3 is the folder that ls lists.
        Assert.Equal(["0", "1", "2", "3"], lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => char.IsDigit(word[0])));
    }

    [Fact]
    public void Kills_what_does_not_end_and_its_children()
    {
        string file = _folder.FilePath("child");
        CommandResult result = ChildProcess.Run(new Command(["/bin/sh", "-c", $"sleep 600 & echo $! >{file}; wait"], TimeSpan.FromSeconds(1)));
        Assert.Equal("did not end within 1 s and was killed", result.ToString());
        int child = int.Parse(File.ReadAllText(file), System.Globalization.CultureInfo.InvariantCulture);
        Deadline.WaitUntil(() => IsGone(child), Long, "the child of the command ends");
    }

    /// <summary>What is in a session or process group of its own is a child all the same.</summary>
    [ProgramFact("setsid", "bash")]
    public void Kills_children_that_have_left_its_process_group()
    {
        string file = _folder.FilePath("children");
        string script = $"setsid sh -c 'echo $$ >>{file}; sleep 600' & set -m; sleep 600 & echo $! >>{file}; wait";
        Assert.True(ChildProcess.Run(new Command(["/bin/bash", "-c", script], TimeSpan.FromSeconds(2))).Started);
        string[] children = File.ReadAllLines(file);
        Assert.Equal(2, children.Length);
        Assert.All(children, child => Deadline.WaitUntil(
            () => IsGone(int.Parse(child, System.Globalization.CultureInfo.InvariantCulture)), Long, "the child of the command ends"));
    }

    /// <summary>A terminal would let it type for whoever sits there (TIOCSTI); and what it prints would stand among the lines of the log.</summary>
    [Fact]
    public void Gives_it_no_terminal_and_nothing_to_read_or_to_print_to()
    {
        string found = _folder.FilePath("found");
        Assert.Equal(0, Run(
            "/bin/sh", "-c", $"(: </dev/tty) 2>/dev/null; echo $? >{found}; links=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2); echo \"$links\" >>{found}; cut -d' ' -f6 /proc/$$/stat >>{found}; echo $$ >>{found}").Status);
        string[] lines = File.ReadAllLines(found);
        Assert.NotEqual("0", lines[0]);
        Assert.Equal(["/dev/null", "/dev/null", "/dev/null"], lines[1..4]);
        Assert.Equal(lines[5], lines[4]);
    }

    [Fact]
    public void What_it_prints_without_end_holds_nobody_up()
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Assert.Equal(0, Run("/bin/sh", "-c", "head -c 200000000 /dev/zero; head -c 200000000 /dev/zero >&2").Status);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 50_000_000);
    }

    /// <summary>As a command that starts a service does.</summary>
    [Fact]
    public void Does_not_wait_for_what_it_leaves_running()
    {
        string file = _folder.FilePath("left");
        Assert.Equal(0, ChildProcess.Run(new Command(["/bin/sh", "-c", $"sleep 600 & echo $! >{file}"], Long)).Status);
        using System.Diagnostics.Process left = System.Diagnostics.Process.GetProcessById(
            int.Parse(File.ReadAllText(file), System.Globalization.CultureInfo.InvariantCulture));
        left.Kill();
    }

    [RootFact]
    public void Runs_as_another_user_with_that_users_groups()
    {
        string found = _folder.FilePath("found");
        File.WriteAllText(found, "");
        File.SetUnixFileMode(found, (UnixFileMode)0x1b6);
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0x1ed);
        UserAccount nobody = Accounts.FindUser("nobody")!;
        CommandResult result = ChildProcess.Run(
            new Command(["/bin/sh", "-c", $"id -u >{found}; id -g >>{found}; id -G >>{found}; grep Cap /proc/self/status >>{found}"], Long, new RunAs("nobody", nobody.Uid, "nogroup", nobody.Gid)));
        Assert.Equal(0, result.Status);
        string[] lines = File.ReadAllLines(found);
        Assert.Equal([$"{nobody.Uid}", $"{nobody.Gid}", $"{nobody.Gid}"], lines[..3]);
        Assert.All(lines[3..].Where(line => !line.StartsWith("CapBnd", StringComparison.Ordinal)), line => Assert.EndsWith("0000000000000000", line, StringComparison.Ordinal));
    }

    private static bool IsGone(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/stat").Contains(") Z", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static CommandResult Run(params string[] words) => ChildProcess.Run(new Command(words, Long));
}
