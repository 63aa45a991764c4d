using System.Diagnostics;
using Fwknop.Daemon.Lifecycle;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Lifecycle;

/// <summary>-S, -K and -R (server.md 1.3) with a process that holds the lock as a daemon does.</summary>
public sealed class RunningInstanceTests : IDisposable
{
    // Takes the lock as the reference does, and says so; the second word is what it does about SIGTERM: nothing, or end in its own time.
    private const string Holder = """
        import fcntl, os, signal, sys, time
        f = open(sys.argv[1], "w")
        fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        f.write("%d\n" % os.getpid()); f.flush()
        signal.signal(signal.SIGTERM, signal.SIG_IGN if sys.argv[2] == "deaf" else lambda *_: (time.sleep(0.3), os._exit(0)))
        signal.signal(signal.SIGHUP, lambda *_: print("HUP", flush=True))
        print("ready", flush=True)
        while True: signal.pause()
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    private string PidFile => _folder.FilePath("fwknopd.pid");

    public void Dispose()
    {
        _folder.Dispose();
        _output.Dispose();
        _errors.Dispose();
    }

    [ProgramTheory("python3")]
    [InlineData("S", 0, "Detected fwknopd is running (pid=PID).\n")]
    [InlineData("R", 0, "Sent restart signal to fwknopd (pid=PID)\n")]
    [InlineData("K", 0, "Killed fwknopd (pid=PID) via SIGTERM\n")]
    public void Finds_the_holder_of_the_lock(string action, int status, string output)
    {
        using RunningProcess holder = Hold("");

        Assert.Equal(status, Do(action));

        Assert.Equal(output.Replace("PID", $"{holder.Id}", StringComparison.Ordinal), _output.ToString());
        Assert.Equal("", _errors.ToString());
        if (action == "R")
        {
            holder.WaitForLine("HUP");
        }
        else if (action == "K")
        {
            holder.WaitForExit();
        }
    }

    [ProgramFact("python3")]
    public void Kills_what_does_not_end_after_four_seconds()
    {
        using RunningProcess holder = Hold("deaf");
        long started = Stopwatch.GetTimestamp();

        Assert.Equal(0, Do("K"));

        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(6));
        Assert.Equal($"Killed fwknopd (pid={holder.Id}) via SIGKILL\n", _output.ToString());
        Assert.Equal(128 + 9, holder.WaitForExit());
    }

    /// <summary>The reference signals whatever process has the number by now (server.md 13, Q3).</summary>
    [ProgramTheory("sleep")]
    [InlineData("S", "No running fwknopd detected.\n", "")]
    [InlineData("R", "No running fwknopd detected.\n", "")]
    [InlineData("K", "", "No running fwknopd detected.\n")]
    public void Leaves_a_process_alone_that_only_has_the_number(string action, string output, string errors)
    {
        using RunningProcess stranger = RunningProcess.Start(new ProcessCommand("sleep", "60"));
        _folder.Write("fwknopd.pid", $"{stranger.Id}\n");

        Assert.Equal(1, Do(action));

        Assert.Equal((output, errors), (_output.ToString(), _errors.ToString()));
        Assert.False(stranger.HasExited);
        Assert.Equal($"{stranger.Id}\n", File.ReadAllText(PidFile));
    }

    [Theory]
    [InlineData("S")]
    [InlineData("R")]
    [InlineData("K")]
    public void Says_so_when_there_is_no_file(string action)
    {
        Assert.Equal(1, Do(action));
        Assert.Equal("No running fwknopd detected.\n", _output.ToString() + _errors);
        Assert.False(File.Exists(PidFile));
    }

    private int Do(string action)
    {
        RunningInstance running = new(PidFile, _output, _errors);
        return action switch { "S" => running.ShowStatus(), "R" => running.Restart(), _ => running.Kill() };
    }

    private RunningProcess Hold(string how)
    {
        RunningProcess holder = RunningProcess.Start(new ProcessCommand("python3", "-c", Holder, PidFile, how));
        holder.WaitForLine("ready");
        return holder;
    }
}
