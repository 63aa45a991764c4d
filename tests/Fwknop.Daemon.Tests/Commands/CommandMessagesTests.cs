using Fwknop.Configuration.Access;
using Fwknop.Daemon.Commands;
using Fwknop.Grants;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Commands;

/// <summary>What becomes of the command in a packet (server.md 8.1).</summary>
public sealed class CommandMessagesTests : IDisposable
{
    private readonly DaemonBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Runs_it_and_tells_the_status()
    {
        string made = _bench.Folder.FilePath("made");
        Run(new CommandRules(), $"touch {made}");
        _bench.Settle();
        Assert.True(File.Exists(made));
        Assert.Equal(
            $"""
            [10.0.0.1] (stanza #1) Processing SPA Command message: command='touch {made}'.
            [10.0.0.1] (stanza #1) Running command 'touch {made}'
            [10.0.0.1] (stanza #1) CMD_EXEC: command returned 0, pid_status: 0

            """,
            _bench.Lines);
    }

    [Theory]
    [InlineData("false", "CMD_EXEC: command returned 0, pid_status: 1")]
    [InlineData("no-such-program-anywhere", "CMD_EXEC: command returned 16, pid_status: 255")]
    public void Tells_failure(string command, string expected)
    {
        Run(new CommandRules(), command);
        _bench.Settle();
        Assert.Contains(expected, _bench.Lines, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("   ")]
    [InlineData("touch a\nb")]
    [InlineData("touch \u001b[2J")]
    [InlineData("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29")]
    public void Does_not_run(string command)
    {
        Run(new CommandRules(), command);
        Assert.Contains("not run", _bench.Lines, StringComparison.Ordinal);
        Assert.DoesNotContain("Running", _bench.Lines, StringComparison.Ordinal);
    }

    [Fact]
    public void Does_not_run_what_is_no_text()
    {
        Run(new CommandRules(), new FieldText([0x69, 0x64, 0x20, 0xff]));
        Assert.Contains("not UTF-8; it is not run", _bench.Lines, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", "{0} id")]
    [InlineData("nobody", "", "{0} -u nobody id")]
    [InlineData("", "mail", "{0} -g mail id")]
    [InlineData("nobody", "mail", "{0} -u nobody -g mail id")]
    [InlineData("root", "", "{0} id")]
    public void Puts_sudo_in_front(string user, string group, string expected)
    {
        string sudo = _bench.Folder.WriteProgram("sudo", $"#!/bin/sh\necho \"$0 $*\" >{_bench.Folder.FilePath("called")}\n");
        SudoRules rules = new(
            user.Length == 0 ? null : new CommandUser(user, user == "root" ? 0u : 65534u, 65534), group.Length == 0 ? null : new CommandGroup(group, 8));
        Run(new CommandRules { Sudo = rules }, "id", sudo);
        _bench.Settle();
        Assert.Equal(string.Format(null, expected, sudo), File.ReadAllText(_bench.Folder.FilePath("called")).Trim());
    }

    /// <summary>As <c>-u root id</c> would be, behind sudo's own -u.</summary>
    [Fact]
    public void Lets_no_command_add_options_to_sudo()
    {
        string sudo = _bench.Folder.WriteProgram("sudo", $"#!/bin/sh\ntouch {_bench.Folder.FilePath("called")}\n");
        Run(new CommandRules { Sudo = new SudoRules(new CommandUser("nobody", 65534, 65534), null) }, "-u root id", sudo);
        Assert.Contains("which sudo would take for an option; it is not run", _bench.Lines, StringComparison.Ordinal);
        Assert.False(File.Exists(_bench.Folder.FilePath("called")));
    }

    [RootFact]
    public void Runs_it_as_the_user_of_the_stanza()
    {
        string made = _bench.Folder.FilePath("made");
        File.WriteAllText(made, "");
        File.SetUnixFileMode(made, (UnixFileMode)0x1b6);
        File.SetUnixFileMode(_bench.Folder.Path, (UnixFileMode)0x1ed);
        string script = _bench.Folder.WriteProgram("who", $"#!/bin/sh\n{{ id -un; id -gn; }} >{made}\n");
        File.SetUnixFileMode(script, (UnixFileMode)0x1ed);
        Run(new CommandRules { User = new CommandUser("nobody", 65534, 65534), Group = new CommandGroup("mail", 8) }, script);
        _bench.Settle();
        Assert.Contains(
            $"Running command '{script}' setuid/setgid user/group to nobody/mail (UID=65534,GID=8)", _bench.Lines, StringComparison.Ordinal);
        Assert.Equal(["nobody", "mail"], File.ReadAllLines(made));
    }

    /// <summary>setpriv, which is started in its place, would end with a status as a command might.</summary>
    [RootTheory("setpriv")]
    [InlineData("/no/such/program", "No such file or directory")]
    [InlineData("/etc/passwd/program", "Not a directory")]
    [InlineData("/etc/passwd", "Permission denied")]
    [InlineData("/tmp", "Permission denied")]
    [InlineData("no-such-program-anywhere", "no program of that name in /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")]
    public void Tells_why_nothing_is_run_with_a_user_as_without(string command, string reason)
    {
        string expected = $"[10.0.0.1] (stanza #1) The command was not run: {reason}\n[10.0.0.1] (stanza #1) CMD_EXEC: command returned 16, pid_status: 255\n";
        Run(new CommandRules(), command);
        _bench.Settle();
        Assert.EndsWith(expected, _bench.Lines, StringComparison.Ordinal);
        _bench.ClearLines();

        Run(new CommandRules { User = new CommandUser("nobody", 65534, 65534) }, command);
        _bench.Settle();
        Assert.EndsWith(expected, _bench.Lines, StringComparison.Ordinal);
    }

    /// <summary>The kernel's own error for it reads as if the script were missing.</summary>
    [RootTheory("setpriv")]
    [InlineData("#!/no/such/interpreter\n", "its interpreter '/no/such/interpreter' cannot be run: No such file or directory")]
    [InlineData("#! \tno/such/interpreter -x\n", "its interpreter '/no/such/interpreter' cannot be run: No such file or directory")]
    [InlineData("#!/bin/sh\r\nexit 0\r\n", "its interpreter '/bin/sh?' cannot be run: No such file or directory")]
    [InlineData("#!/etc/passwd", "its interpreter '/etc/passwd' cannot be run: Permission denied")]
    public void Tells_of_an_interpreter_that_cannot_run_with_a_user_as_without(string content, string reason)
    {
        File.SetUnixFileMode(_bench.Folder.Path, (UnixFileMode)0x1ed);
        string script = _bench.Folder.WriteProgram("script", content);
        File.SetUnixFileMode(script, (UnixFileMode)0x1ed);
        foreach (CommandUser? user in (CommandUser?[])[null, new CommandUser("nobody", 65534, 65534)])
        {
            _bench.ClearLines();
            Run(new CommandRules { User = user }, script);
            _bench.Settle();
            Assert.EndsWith(
                $"[10.0.0.1] (stanza #1) The command was not run: {reason}\n[10.0.0.1] (stanza #1) CMD_EXEC: command returned 16, pid_status: 255\n",
                _bench.Lines,
                StringComparison.Ordinal);
        }
    }

    /// <summary>What the program itself says is its own, also 127.</summary>
    [RootFact("setpriv")]
    public void Leaves_a_program_of_a_user_its_own_status()
    {
        File.SetUnixFileMode(_bench.Folder.Path, (UnixFileMode)0x1ed);
        string script = _bench.Folder.WriteProgram("missing", "#!/bin/sh\nexit 127\n");
        File.SetUnixFileMode(script, (UnixFileMode)0x1ed);
        Run(new CommandRules { User = new CommandUser("nobody", 65534, 65534) }, script);
        _bench.Settle();
        Assert.EndsWith("CMD_EXEC: command returned 0, pid_status: 127\n", _bench.Lines, StringComparison.Ordinal);
    }

    private void Run(CommandRules rules, FieldText command, string sudo = "/usr/bin/sudo")
    {
        using AccessPolicy policy = AccessFile.Parse("SOURCE ANY\nKEY k\nHMAC_KEY h\nENABLE_CMD_EXEC Y\n"u8, "access.conf", TimeZoneInfo.Utc).Value!;
        AccessStanza given = policy.Stanzas[0];
        AccessStanza stanza = new() { Number = 1, File = given.File, Line = given.Line, Source = given.Source, Keys = given.Keys, Commands = rules };
        new CommandMessages(new CommandLanes(), _bench.Events, _bench.Log)
            .Run(sudo, DaemonBench.Patience, stanza, new CommandRequest(1, Packets.Seen(1), "alice", command));
    }
}
