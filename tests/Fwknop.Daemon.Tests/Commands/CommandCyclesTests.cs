using System.Net;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Native.FileSystem;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Commands;

/// <summary>Open and close commands: what runs when, and what survives a crash.</summary>
public sealed class CommandCyclesTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _lines = new();
    private readonly DaemonEvents _events = new();
    private readonly CommandLanes _lanes = new();

    public void Dispose()
    {
        _lanes.Dispose();
        _folder.Dispose();
        _lines.Dispose();
        _events.Dispose();
    }

    private string JournalPath => _folder.FilePath("cycles");

    private string Made => _folder.FilePath("made");

    [Fact]
    public void Opens_at_once_and_closes_when_due()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        cycles.Open(Order(60), At(0));
        SettleOne();

        Assert.Equal(["open"], File.ReadAllLines(Made));
        Assert.Equal(TimeSpan.FromSeconds(60), cycles.NextDue);
        cycles.RunDue(At(59));
        Assert.Single(journal.Pending);

        cycles.RunDue(At(60));
        SettleOne();
        Assert.Equal(["open", "close"], File.ReadAllLines(Made));
        Assert.Null(cycles.NextDue);
        Assert.Empty(journal.Pending);
        Assert.Equal(
            $"""
            [10.0.0.1] (stanza #3) Running CMD_CYCLE_OPEN command: {Script("open")}
            [10.0.0.1] (stanza #3) Running CMD_CYCLE_CLOSE command in 60 seconds: {Script("close")}
            [192.0.2.7] (stanza #3) Timer expired, running CMD_CYCLE_CLOSE command: {Script("close")}

            """,
            _lines.ToString());
    }

    [Fact]
    public void A_close_of_a_crashed_run_is_run_by_the_next()
    {
        using (CycleJournal first = Journal())
        {
            Cycles(first).Open(Order(60), At(0));
            SettleOne();
        }

        using CycleJournal second = Journal();
        CommandCycles cycles = Cycles(second);
        cycles.Resume(At(45));
        Assert.Equal(TimeSpan.FromSeconds(60), cycles.NextDue);
        Assert.Null(StateOf(cycles));
        cycles.RunDue(At(60));
        SettleOne();
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
            SettleOne();
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
        cycles.WaitUntilClosed(Long);
        cycles.TellOpen();
        Assert.Equal(["close", "close", "open", "open"], File.ReadAllLines(Made).Order());
        Assert.Empty(journal.Pending);
        Assert.DoesNotContain("did not succeed", _lines.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Who sends a second signal waits no longer.</summary>
    [Fact]
    public void Asked_to_stop_once_more_it_waits_no_longer_and_kills_what_runs()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        cycles.Open(Order(60) with { Close = ["/bin/sh", "-c", $"echo closing $$ >>{Made}; sleep 600; true"] }, At(0));
        cycles.Open(Order(60) with { Close = ["/bin/sh", "-c", $"echo never >>{Made}"] }, At(0));
        Settle(2);
        cycles.CloseAll();
        Deadline.WaitUntil(() => File.ReadAllLines(Made).Length == 3, Long, "the close command's start");
        _events.Add(new DaemonEvent.StopAsked(""));
        long started = System.Diagnostics.Stopwatch.GetTimestamp();

        cycles.WaitUntilClosed(Long);
        _lanes.Stop(Long);
        Settle(2);
        cycles.TellOpen();

        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(started), TimeSpan.Zero, Long / 2);
        string closing = File.ReadAllLines(Made)[2];
        Assert.False(ProcessTable.Exists(int.Parse(closing["closing ".Length..], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(2, journal.Pending.Count);
        Assert.Contains("CMD_CYCLE_CLOSE command was killed, for fwknopd ends", _lines.ToString(), StringComparison.Ordinal);
        Assert.Contains("CMD_CYCLE_CLOSE command was not run: fwknopd ends", _lines.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, _lines.ToString().Split("did not succeed in time; it runs again at the next start").Length - 1);
    }

    [Fact]
    public void What_does_not_end_at_a_stop_stays_recorded()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        cycles.Open(Order(60) with { Close = ["sleep", "600"] }, At(0));
        SettleOne();
        cycles.CloseAll();
        cycles.WaitUntilClosed(TimeSpan.FromMilliseconds(300));
        cycles.TellOpen();
        Assert.Single(journal.Pending);
        Assert.Contains("did not succeed in time; it runs again at the next start: sleep 600", _lines.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Knocking_again_opens_again_and_closes_once_at_the_later_end()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        cycles.Open(Order(60), At(0));
        cycles.Open(Order(60), At(30));
        Settle(2);
        cycles.RunDue(At(60));
        Assert.Single(journal.Pending);
        cycles.RunDue(At(90));
        SettleOne();
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
        SettleOne();
        Assert.Equal(CycleState.Open, StateOf(cycles));

        cycles.Open(order with { Open = new Command(["false"], Long) }, At(1));
        Assert.Equal(CycleState.Open, StateOf(cycles));
        SettleOne();
        Assert.Equal(CycleState.Open, StateOf(cycles));

        cycles.RunDue(At(61));
        Assert.Empty(cycles.Waiting);
        Assert.Equal(CycleState.Closing, Assert.Single(cycles.Closing).State);
        File.WriteAllText(Made + ".go", "");
        SettleOne();
        Assert.Equal(CycleState.CloseFailed, StateOf(cycles));
        Assert.Empty(cycles.Closing);
    }

    /// <summary>An earlier knock may have opened what that close shuts.</summary>
    [Fact]
    public void An_open_command_that_cannot_run_is_told_and_still_closed()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        cycles.Open(Order(60) with { Open = new Command(["/no/such/program"], Long) }, At(0));
        SettleOne();
        Assert.Single(journal.Pending);
        Assert.Equal(TimeSpan.FromSeconds(60), cycles.NextDue);
        Assert.Equal(CycleState.OpenFailed, StateOf(cycles));
        Assert.Contains("CMD_CYCLE_OPEN command was not run: No such file or directory", _lines.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Knocks_that_find_no_room_leave_the_close_of_earlier_ones()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        for (int i = 0; i < 100; i++)
        {
            cycles.Open(Order(60) with { Open = new Command(["sleep", "600"], Long) }, At(i));
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
        SettleOne();
        cycles.RunDue(At(60));
        SettleOne();
        Assert.Single(journal.Pending);
        Assert.Contains("CMD_CYCLE_CLOSE command returned 1", _lines.ToString(), StringComparison.Ordinal);

        File.WriteAllText(Made + ".ready", "");
        cycles.RunDue(At(0) with { Monotonic = cycles.NextDue!.Value });
        SettleOne();
        Assert.Equal(["open", "close"], File.ReadAllLines(Made));
        Assert.Empty(journal.Pending);
    }

    [Fact]
    public void An_open_command_that_fails_is_told_and_still_closed()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        cycles.Open(Order(60) with { Open = new Command(["false"], Long) }, At(0));
        SettleOne();
        Assert.Contains("CMD_CYCLE_OPEN command returned 1", _lines.ToString(), StringComparison.Ordinal);
        Assert.NotNull(cycles.NextDue);
    }

    [Fact]
    public void Without_a_close_nothing_is_recorded()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        cycles.Open(Order(60) with { Close = null }, At(0));
        SettleOne();
        Assert.Null(cycles.NextDue);
        Assert.Single(File.ReadAllLines(JournalPath));
    }

    [Fact]
    public void A_stanza_whose_command_hangs_does_not_hold_up_another()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        cycles.Open(Order(60, stanza: 1) with { Open = new Command(["sleep", "600"], Long) }, At(0));
        cycles.Open(Order(60, stanza: 2), At(0));
        SettleOne();
        Assert.Equal(["open"], File.ReadAllLines(Made));
    }

    [Fact]
    public void Nobody_can_queue_commands_without_end()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        for (int i = 0; i < 100; i++)
        {
            cycles.Open(Order(60) with { Open = new Command(["sleep", "600"], Long), Close = null }, At(0));
        }

        Assert.Equal(36, _lines.ToString().Split("too many commands of this stanza are waiting").Length - 1);
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
        _folder.Write("cycles", "# comment\n" + line + "open 5 3 192.0.2.7 true a%20b\n");
        using CycleJournal journal = Journal();
        PendingClose left = Assert.Single(journal.Pending);
        Assert.Equal(["true", "a b"], left.Words);
        Assert.Contains($"{JournalPath}:2: this line cannot be read", _lines.ToString(), StringComparison.Ordinal);
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
        _folder.Write("cycles", "open 5 3 192.0.2.7 true\n");
        File.SetUnixFileMode(JournalPath, (UnixFileMode)0x1b6);
        StartupException error = Assert.Throws<StartupException>(Journal);
        Assert.Contains("only fwknopd's user can write to", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Whoever may write to its folder could exchange it.</summary>
    [Fact]
    public void A_journal_in_a_folder_that_others_can_write_to_is_refused()
    {
        File.SetUnixFileMode(_folder.Path, File.GetUnixFileMode(_folder.Path) | UnixFileMode.OtherWrite | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        StartupException error = Assert.Throws<StartupException>(Journal);
        Assert.Equal($"[*] State directory: {_folder.Path} can be written by other users: chmod 700 {_folder.Path}", error.Message);
    }

    /// <summary>Anybody who may read a folder may lock it.</summary>
    [Fact]
    public void A_lock_on_its_folder_does_not_hold_up_the_journal()
    {
        using LockedFile held = LockedFile.Open(_folder.Write("other", ""));
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

    [Fact]
    public void What_is_revoked_is_closed_at_once_and_not_again()
    {
        using CycleJournal journal = Journal();
        CommandCycles cycles = Cycles(journal);
        GrantHolder alice = new(3, "office", "alice", 1_800_000_000);
        cycles.Open(Order(60) with { Port = Protocol.PortSpec.Tcp(22), Holder = alice }, At(0));
        cycles.Open(Order(60) with { Port = Protocol.PortSpec.Tcp(22), Holder = alice with { User = "bob", Since = 1_800_000_009 } }, At(9));
        SettleOne();
        SettleOne();
        KeyValuePair<PendingClose, TimeSpan> waiting = Assert.Single(cycles.Waiting);
        Assert.Equal(alice with { User = "bob" }, waiting.Key.Holder);
        Assert.Equal((Protocol.PortSpec.Tcp(22), TimeSpan.FromSeconds(69)), (waiting.Key.Port, waiting.Value));

        cycles.Close([waiting.Key, waiting.Key]);
        SettleOne();

        Assert.Equal(["open", "open", "close"], File.ReadAllLines(Made));
        Assert.Empty(cycles.Waiting);
        Assert.Null(cycles.NextDue);
        Assert.Empty(journal.Pending);
        Assert.Contains("Revoked, running CMD_CYCLE_CLOSE command", _lines.ToString(), StringComparison.Ordinal);
    }

    private static CycleState? StateOf(CommandCycles cycles) => Assert.Single(cycles.Waiting).Key.State;

    private static Moment At(int seconds) =>
        new(TimeSpan.FromSeconds(seconds), DateTimeOffset.FromUnixTimeSeconds(1_800_000_000 + seconds));

    private CycleJournal Journal() => CycleJournal.Open(JournalPath, new DaemonLog(_lines, verbosity: 0));

    private CommandCycles Cycles(CycleJournal journal) => new(journal, _lanes, _events, new DaemonLog(_lines, verbosity: 0));

    private CycleOrder Order(int seconds, int stanza = 3) => new(
        stanza, Packets.Seen(1).Origin.Source, IPAddress.Parse("192.0.2.7"), new Command(Words("open"), Long), Words("close"), TimeSpan.FromSeconds(seconds));

    private string[] Words(string what) => ["/bin/sh", "-c", $"echo {what} >>{Made}"];

    private string Script(string what) => string.Join(' ', Words(what));

    private void SettleOne() => Settle(1);

    private void Settle(int count)
    {
        for (int settled = 0; settled < count;)
        {
            IReadOnlyList<DaemonEvent> ended = _events.Take(Long);
            Assert.NotEmpty(ended);
            Assert.All(ended, item => Assert.IsType<DaemonEvent.CommandEnded>(item).Settle());
            settled += ended.Count;
        }
    }
}
