using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests;

/// <summary>What parts of the daemon are given in a test: a folder, the queue of events, and a log that is kept.</summary>
internal sealed class DaemonBench : IDisposable
{
    /// <summary>How long commands of tests may take, and their ends are waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly StringWriter _lines = new();

    public DaemonBench() => Log = new DaemonLog(_lines, verbosity: 0);

    public TemporaryFolder Folder { get; } = new();

    public DaemonEvents Events { get; } = new();

    public DaemonLog Log { get; }

    /// <summary>What has been logged.</summary>
    public string Lines => _lines.ToString();

    /// <summary>Forgets what has been logged.</summary>
    public void ClearLines() => _lines.GetStringBuilder().Clear();

    /// <summary>Waits until so many commands have ended, with no other event, and takes note of them.</summary>
    public void Settle(int count = 1)
    {
        int settled = 0;
        while (settled < count)
        {
            IReadOnlyList<DaemonEvent> ended = Events.Take(Patience);
            Assert.NotEmpty(ended);
            Assert.All(ended, item => Assert.IsType<DaemonEvent.CommandEnded>(item).Settle());
            settled += ended.Count;
        }

        Assert.Equal(count, settled);
    }

    public void Dispose()
    {
        Folder.Dispose();
        Log.Dispose();
        _lines.Dispose();
        Events.Dispose();
    }
}
