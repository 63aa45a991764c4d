namespace Fwknop.Daemon.Commands;

/// <summary>
/// Runs commands beside the daemon's loop, which never waits for one. Those of one lane (a stanza) run one after the other in the order in which they came;
/// lanes do not wait for each other, so that a command that hangs holds up its own stanza only.
/// </summary>
internal sealed class CommandLanes : IDisposable
{
    /// <summary>Our choice: as many as a user can have waiting by knocking while a command hangs.</summary>
    private const int MaxWaiting = 64;

    private readonly Lock _guard = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ManualResetEventSlim _isIdle = new(initialState: true);
    private readonly Dictionary<int, Queue<Job>> _lanes = [];

    /// <summary>Runs a command when those before it in its lane have ended, however many they are.</summary>
    /// <param name="lane">The stanza's number.</param>
    /// <param name="command">What to run.</param>
    /// <param name="ended">Told the result, on another thread.</param>
    public void Add(int lane, Command command, Action<CommandResult> ended) => TryAdd(lane, command, ended, int.MaxValue);

    /// <summary>The same, unless too many wait in that lane already.</summary>
    /// <returns>False when it will not run.</returns>
    public bool TryAdd(int lane, Command command, Action<CommandResult> ended) => TryAdd(lane, command, ended, MaxWaiting);

    /// <summary>True when <see cref="TryAdd(int, Command, Action{CommandResult})"/> would run a command.</summary>
    public bool HasRoom(int lane)
    {
        lock (_guard)
        {
            return !_lanes.TryGetValue(lane, out Queue<Job>? jobs) || jobs.Count < MaxWaiting;
        }
    }

    /// <summary>The daemon ends: kills what runs, and runs nothing any more. What is killed, and what has waited, is told as ever.</summary>
    /// <param name="wait">How long its end is waited for.</param>
    public void Stop(TimeSpan wait)
    {
        _stop.Cancel();
        _isIdle.Wait(wait);
    }

    /// <summary>Kills what runs. What its threads use stays until they have ended.</summary>
    public void Dispose() => Stop(TimeSpan.Zero);

    private bool TryAdd(int lane, Command command, Action<CommandResult> ended, int limit)
    {
        lock (_guard)
        {
            if (!_lanes.TryGetValue(lane, out Queue<Job>? jobs))
            {
                _lanes[lane] = jobs = new Queue<Job>([new Job(command, ended)]);
                _isIdle.Reset();
                new Thread(() => RunLane(lane, jobs)) { IsBackground = true, Name = $"commands of stanza #{lane}" }.Start();
            }
            else if (jobs.Count < limit)
            {
                jobs.Enqueue(new Job(command, ended));
            }
            else
            {
                return false;
            }

            return true;
        }
    }

    /// <summary>A job leaves its queue when it has ended; the lane ends with its last one.</summary>
    private void RunLane(int lane, Queue<Job> jobs)
    {
        Job? job = jobs.Peek();
        while (job is not null)
        {
            job.Ended(_stop.IsCancellationRequested ? CommandResult.NotStarted("fwknopd ends") : ChildProcess.Run(job.Command, _stop.Token));
            lock (_guard)
            {
                jobs.Dequeue();
                if (!jobs.TryPeek(out job))
                {
                    _lanes.Remove(lane);
                    if (_lanes.Count == 0)
                    {
                        _isIdle.Set();
                    }
                }
            }
        }
    }

    private sealed record Job(Command Command, Action<CommandResult> Ended);
}
