using Fwknop.Daemon.Ledger;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Catalogue;

/// <summary>
/// The lines of server.md 7 and 8 that the daemon writes, one row each: text, level, event. Those of section 6 are in the listener's table, those of section 10
/// in that of the end-to-end tests. Where we differ the row says why.
/// </summary>
public sealed class DaemonCatalogueTests
{
    private static readonly Row[] Rows =
    [
        new("7.1", "an entry that is none", scene =>
        {
            scene.Folder.Write("digest.cache", "# a comment\nnonsense\n");
            DigestCache.Open(scene.Cache, scene.Log).Dispose();
        })
        {
            Lines = ["<6>*Skipping invalid digest file entry in {cache} at line 2.", "<6> - nonsense", "<7>Using Digest Cache: '{cache}' (entry count = 0)"],
            Events = [null, null, null],
            Difference = "Using Digest Cache is debug: the reference has it at the level of errors and shows it with -v only (13, Q30)",
        },
        new("7.1", "rotation", scene =>
        {
            scene.Folder.Write("digest.cache", "");
            DigestRotation.Rotate(scene.Config, scene.Log);
        })
        {
            Lines = ["<6>Rotating digest cache file.", "<7>Using Digest Cache: '{cache}' (entry count = 0)", "<7>Using Digest Cache: '{cache}-new' (entry count = 0)"],
            Events = [null, null, null],
        },
        new("7.1", "rotation that fails", scene =>
        {
            scene.Folder.Write("digest.cache", "");
            Directory.CreateDirectory(scene.Cache + "-old");
            DigestRotation.Rotate(scene.Config, scene.Log);
        })
        {
            Lines =
            [
                "<6>Rotating digest cache file.", "<7>Using Digest Cache: '{cache}' (entry count = 0)",
                "<3>Unable to rename digest file: {cache} to {cache}-old: Access to the path '{cache}-old' is denied.",
            ],
            Events = [null, null, null],
        },
        new("8.1", "a command that ends", scene => scene.RunMessage("true"))
        {
            Lines =
            [
                "<6>[10.0.0.1] (stanza #1) Processing SPA Command message: command='true'.", "<6>[10.0.0.1] (stanza #1) Running command 'true'",
                "<6>[10.0.0.1] (stanza #1) CMD_EXEC: command returned 0, pid_status: 0",
            ],
            Events = ["command.received", "command.run", "command.ended"],
        },
        new("8.1", "a command that fails", scene => scene.RunMessage("false"))
        {
            Lines =
            [
                "<6>[10.0.0.1] (stanza #1) Processing SPA Command message: command='false'.", "<6>[10.0.0.1] (stanza #1) Running command 'false'",
                "<6>[10.0.0.1] (stanza #1) CMD_EXEC: command returned 0, pid_status: 1",
            ],
            Events = ["command.received", "command.run", "command.ended"],
        },
        new("8.1", "a command that there is not", scene => scene.RunMessage("no-such-program"))
        {
            Lines =
            [
                "<6>[10.0.0.1] (stanza #1) Processing SPA Command message: command='no-such-program'.", "<6>[10.0.0.1] (stanza #1) Running command 'no-such-program'",
                "<3>[10.0.0.1] (stanza #1) The command was not run: no program of that name in /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "<6>[10.0.0.1] (stanza #1) CMD_EXEC: command returned 16, pid_status: 255",
            ],
            Events = ["command.received", "command.run", "command.failed", "command.ended"],
            Difference = "the reason is told in a line of its own; the reference's child tells it (run_extcmd(): execvp() failed)",
        },
        new("8.0", "more than 28 words", scene => scene.RunMessage("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29"))
        {
            Lines =
            [
                "<6>[10.0.0.1] (stanza #1) Processing SPA Command message: command='1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29'.",
                "<3>[10.0.0.1] (stanza #1) The command has more than 28 words; it is not run",
            ],
            Events = ["command.received", "command.failed"],
            Difference = "the reference names its own functions and no source; here source, stanza and limit",
        },
        new("8.2", "a cycle", scene => scene.RunCycle("true", "true"))
        {
            Lines =
            [
                "<6>[10.0.0.1] (stanza #1) Running CMD_CYCLE_OPEN command: true",
                "<6>[10.0.0.1] (stanza #1) Running CMD_CYCLE_CLOSE command in 60 seconds: true",
                "<6>[192.0.2.7] (stanza #1) Timer expired, running CMD_CYCLE_CLOSE command: true",
            ],
            Events = ["command.run", "command.scheduled", "command.run"],
        },
        new("8.2", "a cycle that fails", scene => scene.RunCycle("false", "false"))
        {
            Lines =
            [
                "<6>[10.0.0.1] (stanza #1) Running CMD_CYCLE_OPEN command: false",
                "<6>[10.0.0.1] (stanza #1) Running CMD_CYCLE_CLOSE command in 60 seconds: false",
                "<3>[10.0.0.1] (stanza #1) CMD_CYCLE_OPEN command returned 1",
                "<6>[192.0.2.7] (stanza #1) Timer expired, running CMD_CYCLE_CLOSE command: false",
                "<3>[192.0.2.7] (stanza #1) CMD_CYCLE_CLOSE command returned 1: false; what it is to close may be open",
            ],
            Events = ["command.run", "command.scheduled", "command.failed", "command.run", "command.failed"],
            Difference = "the reference does not look at exit codes",
        },
    ];

    private static readonly UnwrittenLine[] Unwritten =
    [
        new("7.1", "' exists but: '", "a record that cannot be read ends the start: without it replays would go unnoticed"),
        new("7.1", "Could not create digest cache", "the same"),
        new("7.1", "Incoming digests will not be remembered", "the same"),
        new("7.2", ", First replay:", "a dbm build's addition; we keep the file of the default build"),
        new("8.0", "run_extcmd()", "the reference's name for its own function; the lines about commands say what ran and how it ended"),
        new("8.0", "via strtoargv()", "the same"),
        new("8.2", "Could not build CMD_CYCLE_CLOSE", "the variables of both commands are filled in before either is run"),
        new("10", "Killing the TCP server", "the TCP server is no process of its own"),
        new("10", "Capture ended without signal", "capture ends with an error or the packet limit, and both are told"),
        new("10", "Errors detected during fwknop custom chain creation", "a firewall that cannot be set up ends the start"),
        new("10", "create_rule() Error", "rules are made in one transaction: Could not add access rule to"),
        new("10", "add_jump_rule()", "the same"),
        new("10", "delete_all_chains()", "the same: Could not remove the chain"),
        new("10", "rm_expired_rules()", "the same: Could not remove expired rules from"),
        new("10", "comment_match_exists()", "the probe is one transaction in fwknop's own chain"),
        new("10", "fw_dump_rules()", "a listing that fails is told in the words of the firewall"),
        new("10", "Errors encountered when setting signal handlers", "the runtime sets them; a failure ends the process"),
        new("10", "No available capture mode specified", "one of the modes is always chosen"),
        new("10", "Opened access file:", "-D shows what was read, and errors name file and line"),
        new("10", "Initialize access stanzas", "the same"),
        new("10", "Processing include directive for file", "the same"),
        new("10", "Writing my PID", "-S shows it"),
        new("10", "CMD: '", "traces of programs that the reference starts for each rule; there are none"),
    ];

    public static TheoryData<string> Names => [.. Rows.Select(row => row.Name)];

    public static TheoryData<string> UnwrittenSteps => [.. Unwritten.Select(line => $"{line.Step}: {line.Text}")];

    [Theory]
    [MemberData(nameof(Names))]
    public void Line_level_and_event(string name)
    {
        Row row = Rows.Single(row => row.Name == name);
        using CatalogueScene scene = new();
        row.Act(scene);

        Assert.Equal(
            string.Join('\n', row.Lines.Select(line => line.Replace("{cache}", scene.Cache, StringComparison.Ordinal))), string.Join('\n', scene.Written.Lines));
        Assert.Equal(row.Events, scene.Written.Events);
    }

    [Theory]
    [MemberData(nameof(UnwrittenSteps))]
    public void Lines_that_are_not_written_are_so_for_a_reason(string step)
    {
        UnwrittenLine line = Unwritten.Single(line => $"{line.Step}: {line.Text}" == step);
        Assert.Null(line.FindWriter());
        Assert.NotEmpty(line.Reason);
    }

    /// <summary>One happening and what the log has to say about it.</summary>
    /// <param name="Step">Where server.md has it.</param>
    /// <param name="What">What happens.</param>
    /// <param name="Act">Brings it about.</param>
    private sealed record Row(string Step, string What, Action<CatalogueScene> Act)
    {
        /// <summary>All lines, with -v, their level in front.</summary>
        public required IReadOnlyList<string> Lines { get; init; }

        /// <summary>The event of each.</summary>
        public required IReadOnlyList<string?> Events { get; init; }

        /// <summary>How and why it is not what the reference writes; null when it is.</summary>
        public string? Difference { get; init; }

        public string Name => $"{Step}: {What}";
    }
}
