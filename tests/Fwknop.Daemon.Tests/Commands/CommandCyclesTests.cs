using System.Net;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Native.FileSystem;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Commands;

/// <summary>Open and close commands: what runs when, and what survives a crash.</summary>
public sealed class CommandCyclesTests : IDisposable
{
    private readonly DaemonBench _bench = new();
    private readonly CommandLanes _lanes = new();

    public void Dispose()
    {
        _lanes.Dispose();
        _bench.Dispose();
    }

    private string JournalPath => _bench.Folder.FilePath("cycles");

    private string Made => _bench.Folder.FilePath("made");

    [Fact]
    public void Opens_at_once_and_closes_when_due()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        cycles.Open(Order(60), At(0));
        _bench.Settle();

        Assert.Equal(["open"], File.ReadAllLines(Made));
        Assert.Equal(TimeSpan.FromSeconds(60), cycles.NextDue);
        cycles.RunDue(At(59));
        Assert.Single(journal.Pending);

        cycles.RunDue(At(60));
        _bench.Settle();
        Assert.Equal(["open", "close"], File.ReadAllLines(Made));
        Assert.Null(cycles.NextDue);
        Assert.Empty(journal.Pending);
        Assert.Equal(
            $"""
            [10.0.0.1] (stanza #3) Running CMD_CYCLE_OPEN command: {Script("open")}
            [10.0.0.1] (stanza #3) Running CMD_CYCLE_CLOSE command in 60 seconds: {Script("close")}
            [192.0.2.7] (stanza #3) Timer expired, running CMD_CYCLE_CLOSE command: {Script("close")}

            """,
            _bench.Lines);
    }

    [Fact]
    public void A_close_of_a_crashed_run_is_run_by_the_next()
    {
        using (CycleJournal first = Journal())
        {
            Cycles(first).Open(Order(60), At(0));
            _bench.Settle();
        }

        using CycleJournal second = Journal();
        CommandCycles cycles = Cycles(second);
        cycles.Resume(At(45));
        Assert.Equal(TimeSpan.FromSeconds(60), cycles.NextDue);
        Assert.Null(StateOf(cycles));
        cycles.RunDue(At(60));
        _bench.Settle();
        Assert.Equal(["open", "close"], File.ReadAllLines(Made));

        using CycleJournal third = Journal();
        Assert.Empty(third.Pending);
    }

    [Fact]
    public void Is_overdue_at_once_when_its_time_has_passed_meanwhile()
    {
        using (CycleJournal first = Journal())
        {
            Cycles(first).Open(Order(60), At(0));
            _bench.Settle();
        }

        using CycleJournal second = Journal();
        CommandCycles cycles = Cycles(second);
        cycles.Resume(At(1000));
        Assert.Equal(At(1000).Monotonic, cycles.NextDue);
    }

    [Fact]
    public void A_clean_stop_closes_everything()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        cycles.Open(Order(60), At(0));
        cycles.Open(Order(60, stanza: 4), At(0));
        cycles.CloseAll();
        cycles.WaitUntilClosed(DaemonBench.Patience);
        cycles.TellOpen();
        Assert.Equal(["close", "close", "open", "open"], File.ReadAllLines(Made).Order());
        Assert.Empty(journal.Pending);
        Assert.DoesNotContain("did not succeed", _bench.Lines, StringComparison.Ordinal);
    }

    /// <summary>Who sends a second signal waits no longer.</summary>
    [Fact]
    public void Asked_to_stop_once_more_it_waits_no_longer_and_kills_what_runs()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        cycles.Open(Order(60) with { Close = ["/bin/sh", "-c", $"echo closing $$ >>{Made}; sleep 600; true"] }, At(0));
        cycles.Open(Order(60) with { Close = ["/bin/sh", "-c", $"echo never >>{Made}"] }, At(0));
        _bench.Settle(2);
        cycles.CloseAll();
        Deadline.WaitUntil(() => File.ReadAllLines(Made).Length == 3, DaemonBench.Patience, "the close command's start");
        _bench.Events.Add(new DaemonEvent.StopAsked(""));
        long started = System.Diagnostics.Stopwatch.GetTimestamp();

        cycles.WaitUntilClosed(DaemonBench.Patience);
        _lanes.Stop(DaemonBench.Patience);
        _bench.Settle(2);
        cycles.TellOpen();

        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(started), TimeSpan.Zero, DaemonBench.Patience / 2);
        string closing = File.ReadAllLines(Made)[2];
        Assert.False(ProcessTable.Exists(int.Parse(closing["closing ".Length..], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(2, journal.Pending.Count);
        Assert.Contains("CMD_CYCLE_CLOSE command was killed, for fwknopd ends", _bench.Lines, StringComparison.Ordinal);
        Assert.Contains("CMD_CYCLE_CLOSE command was not run: fwknopd ends", _bench.Lines, StringComparison.Ordinal);
        Assert.Equal(2, _bench.Lines.Split("did not succeed in time; it runs again at the next start").Length - 1);
    }

    [Fact]
    public void What_does_not_end_at_a_stop_stays_recorded()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        cycles.Open(Order(60) with { Close = ["sleep", "600"] }, At(0));
        _bench.Settle();
        cycles.CloseAll();
        cycles.WaitUntilClosed(TimeSpan.FromMilliseconds(300));
        cycles.TellOpen();
        Assert.Single(journal.Pending);
        Assert.Contains("did not succeed in time; it runs again at the next start: sleep 600", _bench.Lines, StringComparison.Ordinal);
    }

    [Fact]
    public void Knocking_again_opens_again_and_closes_once_at_the_later_end()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        cycles.Open(Order(60), At(0));
        cycles.Open(Order(60), At(30));
        _bench.Settle(2);
        cycles.RunDue(At(60));
        Assert.Single(journal.Pending);
        cycles.RunDue(At(90));
        _bench.Settle();
        Assert.Equal(["open", "open", "close"], File.ReadAllLines(Made));
        Assert.Empty(journal.Pending);
    }

    [Fact]
    public void Lists_say_how_far_a_cycle_is()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        CycleOrder order = Order(60) with { Close = ["/bin/sh", "-c", $"until test -e {Made}.go; do sleep 0.1; done; false"] };
        cycles.Open(order, At(0));
        Assert.Equal(CycleState.Opening, StateOf(cycles));
        _bench.Settle();
        Assert.Equal(CycleState.Open, StateOf(cycles));

        cycles.Open(order with { Open = new Command(["false"], DaemonBench.Patience) }, At(1));
        Assert.Equal(CycleState.Open, StateOf(cycles));
        _bench.Settle();
        Assert.Equal(CycleState.Open, StateOf(cycles));

        cycles.RunDue(At(61));
        Assert.Empty(cycles.Waiting);
        Assert.Equal(CycleState.Closing, Assert.Single(cycles.Closing).State);
        File.WriteAllText(Made + ".go", "");
        _bench.Settle();
        Assert.Equal(CycleState.CloseFailed, StateOf(cycles));
        Assert.Empty(cycles.Closing);
    }

    /// <summary>An earlier knock may have opened what that close shuts.</summary>
    [Fact]
    public void An_open_command_that_cannot_run_is_told_and_still_closed()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        cycles.Open(Order(60) with { Open = new Command(["/no/such/program"], DaemonBench.Patience) }, At(0));
        _bench.Settle();
        Assert.Single(journal.Pending);
        Assert.Equal(TimeSpan.FromSeconds(60), cycles.NextDue);
        Assert.Equal(CycleState.OpenFailed, StateOf(cycles));
        Assert.Contains("CMD_CYCLE_OPEN command was not run: No such file or directory", _bench.Lines, StringComparison.Ordinal);
    }

    [Fact]
    public void An_open_command_without_its_interpreter_is_told_and_still_closed()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        string script = _bench.Folder.WriteProgram("open", "#!/no/such/interpreter\n");
        cycles.Open(Order(60) with { Open = new Command([script], DaemonBench.Patience) }, At(0));
        _bench.Settle();
        Assert.Equal(CycleState.OpenFailed, StateOf(cycles));
        Assert.Contains(
            "CMD_CYCLE_OPEN command was not run: its interpreter '/no/such/interpreter' cannot be run: No such file or directory",
            _bench.Lines,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Knocks_that_find_no_room_leave_the_close_of_earlier_ones()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        for (int i = 0; i < 100; i++)
        {
            cycles.Open(Order(60) with { Open = new Command(["sleep", "600"], DaemonBench.Patience) }, At(i));
        }

        Assert.Single(journal.Pending);
        Assert.Equal(TimeSpan.FromSeconds(63 + 60), cycles.NextDue);
    }

    [Fact]
    public void A_close_command_that_fails_is_run_again()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        cycles.Open(Order(60) with { Close = ["/bin/sh", "-c", $"test -e {Made}.ready && echo close >>{Made}"] }, At(0));
        _bench.Settle();
        cycles.RunDue(At(60));
        _bench.Settle();
        Assert.Single(journal.Pending);
        Assert.Contains("CMD_CYCLE_CLOSE command returned 1", _bench.Lines, StringComparison.Ordinal);

        File.WriteAllText(Made + ".ready", "");
        cycles.RunDue(At(0) with { Monotonic = cycles.NextDue!.Value });
        _bench.Settle();
        Assert.Equal(["open", "close"], File.ReadAllLines(Made));
        Assert.Empty(journal.Pending);
    }

    [Fact]
    public void An_open_command_that_fails_is_told_and_still_closed()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        cycles.Open(Order(60) with { Open = new Command(["false"], DaemonBench.Patience) }, At(0));
        _bench.Settle();
        Assert.Contains("CMD_CYCLE_OPEN command returned 1", _bench.Lines, StringComparison.Ordinal);
        Assert.NotNull(cycles.NextDue);
    }

    [Fact]
    public void Without_a_close_nothing_is_recorded()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        cycles.Open(Order(60) with { Close = null }, At(0));
        _bench.Settle();
        Assert.Null(cycles.NextDue);
        Assert.Single(File.ReadAllLines(JournalPath));
    }

    [Fact]
    public void A_stanza_whose_command_hangs_does_not_hold_up_another()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        cycles.Open(Order(60, stanza: 1) with { Open = new Command(["sleep", "600"], DaemonBench.Patience) }, At(0));
        cycles.Open(Order(60, stanza: 2), At(0));
        _bench.Settle();
        Assert.Equal(["open"], File.ReadAllLines(Made));
    }

    [Fact]
    public void Nobody_can_queue_commands_without_end()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        for (int i = 0; i < 100; i++)
        {
            cycles.Open(Order(60) with { Open = new Command(["sleep", "600"], DaemonBench.Patience), Close = null }, At(0));
        }

        Assert.Equal(36, _bench.Lines.Split("too many commands of this stanza are waiting").Length - 1);
    }

    [Theory]
    [InlineData("open x 3 192.0.2.7 true\n")]
    [InlineData("open 1 0 192.0.2.7 true\n")]
    [InlineData("open 1 3 192.0.2.7\n")]
    [InlineData("open 1 3 192.0.2.7 \n")]
    [InlineData("open 1 3 192.0.2.7 a%2\n")]
    [InlineData("open 1 3 192.0.2.7 a%00b\n")]
    [InlineData("open 1 3 host true\n")]
    [InlineData("done 3\n")]
    [InlineData("\n")]
    [InlineData("\u0000\u0001\n")]
    public void A_line_that_cannot_be_read_is_told_and_not_run(string line)
    {
        _bench.Folder.Write("cycles", "# comment\n" + line + "open 5 3 192.0.2.7 true a%20b\n");
        using CycleJournal journal = Journal();
        PendingClose left = Assert.Single(journal.Pending);
        Assert.Equal(["true", "a b"], left.Words);
        Assert.Contains($"{JournalPath}:2: this line cannot be read", _bench.Lines, StringComparison.Ordinal);
    }

    [Fact]
    public void Words_come_back_as_they_were()
    {
        string[] words = ["/bin/echo", "a b", "100%", "ü", "\t\n", "#", ""];
        using (CycleJournal first = Journal())
        {
            Assert.True(first.TryAdd(new PendingClose(1, IPAddress.IPv6Loopback, 7, words), out _));
        }

        using CycleJournal second = Journal();
        Assert.Equal(words, Assert.Single(second.Pending).Words);
    }

    /// <summary>Its lines are run by root.</summary>
    [Fact]
    public void A_journal_that_others_can_write_to_is_refused()
    {
        _bench.Folder.Write("cycles", "open 5 3 192.0.2.7 true\n");
        File.SetUnixFileMode(JournalPath, (UnixFileMode)0x1b6);
        StartupException error = Assert.Throws<StartupException>(Journal);
        Assert.Contains("only fwknopd's user can write to", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Whoever may write to its folder could exchange it.</summary>
    [Fact]
    public void A_journal_in_a_folder_that_others_can_write_to_is_refused()
    {
        File.SetUnixFileMode(_bench.Folder.Path, File.GetUnixFileMode(_bench.Folder.Path) | UnixFileMode.OtherWrite | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        StartupException error = Assert.Throws<StartupException>(Journal);
        Assert.Equal($"[*] State directory: {_bench.Folder.Path} can be written by other users: chmod 700 {_bench.Folder.Path}", error.Message);
    }

    /// <summary>Anybody who may read a folder may lock it.</summary>
    [Fact]
    public void A_lock_on_its_folder_does_not_hold_up_the_journal()
    {
        using LockedFile held = LockedFile.Open(_bench.Folder.Write("other", ""));
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        using CycleJournal journal = Journal();
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_journal_does_not_grow_for_ever()
    {
        using CycleJournal journal = Journal();
        string[] words = [new string('x', 30000)];
        PendingClose kept = new(9, IPAddress.Loopback, 5, ["true"]);
        Assert.True(journal.TryAdd(kept, out _));
        for (int i = 0; i < 20; i++)
        {
            PendingClose close = new(1, IPAddress.Loopback, i, words);
            Assert.True(journal.TryAdd(close, out _));
            Assert.True(journal.TryRemove(close, out _));
        }

        Assert.InRange(new FileInfo(JournalPath).Length, 1, 400_000);
        Assert.Equal(kept.Words, Assert.Single(journal.Pending).Words);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(JournalPath));
    }

    [RootFact("mount")]
    public void An_end_that_a_full_disk_does_not_take_is_recorded_with_the_next_line() => SmallDisk.Run(folder =>
    {
        string path = Path.Join(folder, "cycles");
        string filler = Path.Join(folder, "filler");
        PendingClose ended = new(1, IPAddress.Loopback, 5, ["true", new string('x', 3000)]);
        PendingClose next = new(2, IPAddress.Loopback, 6, ["true"]);
        using CycleJournal journal = CycleJournal.Open(path, _bench.Log);
        Assert.True(journal.TryAdd(ended, out _));
        File.WriteAllBytes(filler, new byte[4096]);

        Assert.False(journal.TryRemove(ended, out Native.Libc.Errno error));
        Assert.Contains("No space left", error.Text, StringComparison.Ordinal);
        Assert.False(journal.TryAdd(next with { Words = ended.Words }, out _));
        File.Delete(filler);
        Assert.True(journal.TryAdd(next, out _));

        // As a crash leaves it.
        File.Copy(path, JournalPath);
        using CycleJournal second = Journal();
        Assert.Equal(next.Key, Assert.Single(second.Pending).Key);
        Assert.Single(journal.Pending);
    });

    [RootFact("mount")]
    public void An_end_that_a_full_disk_does_not_take_is_recorded_at_a_stop() => SmallDisk.Run(folder =>
    {
        string path = Path.Join(folder, "cycles");
        string filler = Path.Join(folder, "filler");
        PendingClose ended = new(1, IPAddress.Loopback, 5, ["true", new string('x', 3000)]);
        using (CycleJournal journal = CycleJournal.Open(path, _bench.Log))
        {
            Assert.True(journal.TryAdd(ended, out _));
            File.WriteAllBytes(filler, new byte[4096]);
            Assert.False(journal.TryRemove(ended, out _));
            File.Delete(filler);
        }

        // Opening it where it is takes more room.
        File.Copy(path, JournalPath);
        using CycleJournal second = Journal();
        Assert.Empty(second.Pending);
    });

    [Fact]
    public void A_close_of_an_earlier_run_has_the_time_of_CMD_EXEC_TIMEOUT()
    {
        _bench.Folder.Write("cycles", "open 5 3 192.0.2.7 sleep 600\n");
        using StanzaCommands commands = new(JournalPath, _bench.Events, _bench.Log);

        commands.Resume(new ServerConfig { CommandTimeout = 1 }, isNeeded: false, At(0));
        _bench.Settle();

        Assert.Contains("CMD_CYCLE_CLOSE command did not end within 1 s and was killed: sleep 600", _bench.Lines, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_revoked_is_closed_at_once_and_not_again()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        GrantHolder alice = new(3, "office", "alice", 1_800_000_000);
        cycles.Open(Order(60) with { Port = Protocol.PortSpec.Tcp(22), Holder = alice }, At(0));
        cycles.Open(Order(60) with { Port = Protocol.PortSpec.Tcp(22), Holder = alice with { User = "bob", Since = 1_800_000_009 } }, At(9));
        _bench.Settle(2);
        KeyValuePair<PendingClose, TimeSpan> waiting = Assert.Single(cycles.Waiting);
        Assert.Equal(alice with { User = "bob" }, waiting.Key.Holder);
        Assert.Equal((Protocol.PortSpec.Tcp(22), TimeSpan.FromSeconds(69)), (waiting.Key.Port, waiting.Value));

        cycles.Close([waiting.Key, waiting.Key]);
        _bench.Settle();

        Assert.Equal(["open", "open", "close"], File.ReadAllLines(Made));
        Assert.Empty(cycles.Waiting);
        Assert.Null(cycles.NextDue);
        Assert.Empty(journal.Pending);
        Assert.Contains("Revoked, running CMD_CYCLE_CLOSE command", _bench.Lines, StringComparison.Ordinal);
    }

    private static CycleState? StateOf(CommandCycles cycles) => Assert.Single(cycles.Waiting).Key.State;

    private static Moment At(int seconds) =>
        new(TimeSpan.FromSeconds(seconds), DateTimeOffset.FromUnixTimeSeconds(1_800_000_000 + seconds));

    private CycleJournal Journal() => CycleJournal.Open(JournalPath, _bench.Log);

    private CommandCycles Cycles(CycleJournal journal) => new(journal, _lanes, _bench.Events, _bench.Log, DaemonBench.Patience);

    private CycleOrder Order(int seconds, int stanza = 3) => new(
        stanza, Packets.Seen(1).Origin.Source, IPAddress.Parse("192.0.2.7"), new Command(Words("open"), DaemonBench.Patience), Words("close"), TimeSpan.FromSeconds(seconds));

    private string[] Words(string what) => ["/bin/sh", "-c", $"echo {what} >>{Made}"];

    private string Script(string what) => string.Join(' ', Words(what));
}
