using System.Net;
using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Catalogue;

/// <summary>What a row of the catalogue needs to bring its lines about.</summary>
internal sealed class CatalogueScene : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private readonly LeveledLines _lines = new();

    public CatalogueScene() => Log = new DaemonLog(verbosity: 1, _lines);

    public TemporaryFolder Folder { get; } = new();

    public DaemonEvents Events { get; } = new();

    public DaemonLog Log { get; }

    public LeveledLines Written => _lines;

    public string Cache => Folder.FilePath("digest.cache");

    public ServerConfig Config => new() { DigestFile = Cache };

    /// <summary>A command message for a stanza that allows it.</summary>
    public void RunMessage(string command)
    {
        using AccessPolicy policy = Policy("ENABLE_CMD_EXEC Y\n");
        new CommandMessages(new CommandLanes(), Events, Log)
            .Run("/usr/bin/sudo", Long, policy.Stanzas[0], new CommandRequest(1, Packets.Seen(1), "alice", command));
        Settle();
    }

    /// <summary>A knock at a stanza with commands of its own, and the end of its time.</summary>
    public void RunCycle(string open, string close)
    {
        using CycleJournal journal = CycleJournal.Open(Folder.FilePath("cycles"), Log);
        CommandCycles cycles = new(journal, new CommandLanes(), Events, Log, Long);
        Moment now = new(TimeSpan.Zero, DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        cycles.Open(
            new CycleOrder(1, Packets.Seen(1).Origin.Source, IPAddress.Parse("192.0.2.7"), new Command([open], Long), [close], TimeSpan.FromSeconds(60)), now);
        Settle();
        cycles.RunDue(now with { Monotonic = TimeSpan.FromSeconds(60) });
        Settle();
    }

    public void Dispose()
    {
        Log.Dispose();
        Events.Dispose();
        Folder.Dispose();
    }

    private static AccessPolicy Policy(string lines) =>
        AccessFile.Parse(Encoding.ASCII.GetBytes($"SOURCE ANY\nKEY k\nHMAC_KEY h\n{lines}"), "access.conf", TimeZoneInfo.Utc).Value!;

    /// <summary>Waits for a command that was started; one that was refused has said so.</summary>
    private void Settle()
    {
        if (_lines.Lines.Any(line => line.Contains("not run", StringComparison.Ordinal)))
        {
            return;
        }

        foreach (DaemonEvent ended in Events.Take(Long))
        {
            Assert.IsType<DaemonEvent.CommandEnded>(ended).Settle();
        }
    }
}
