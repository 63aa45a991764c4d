using Fwknop.Configuration.Server;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;

namespace Fwknop.Daemon.Ledger;

/// <summary>
/// --rotate-digest-cache (server.md 7.1): the record becomes NAME-old and a new one begins. Unlike the reference's it begins with the packets
/// whose time stamps are still good, which could be used again otherwise.
/// </summary>
internal static class DigestRotation
{
    /// <summary>Rotates before the record is opened. A failure is logged, and the record stays as it is.</summary>
    /// <exception cref="StartupException">The record cannot be used.</exception>
    public static void Rotate(ServerConfig config, DaemonLog log)
    {
        string path = config.DigestFile;
        string old = path + "-old";
        log.Info("Rotating digest cache file.");
        IReadOnlyList<SeenPacket> fresh;
        using (DigestCache before = DigestOpening.Open(config, log))
        {
            fresh = Fresh(before.Records, config);
        }

        // The record is whole at every moment: copied first, then replaced at once.
        string next = path + "-new";
        try
        {
            File.Copy(path, old, overwrite: true);
            File.Delete(next);
            WriteRecords(next, fresh, log);
            File.Move(next, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log.Error($"Unable to rename digest file: {path} to {old}: {error.Message}");
        }
    }

    private static void WriteRecords(string path, IReadOnlyList<SeenPacket> records, DaemonLog log)
    {
        using DigestCache file = DigestCache.Open(path, log);
        if (!file.TryRecord(records, out string reason))
        {
            throw new IOException(reason);
        }
    }

    // A client's clock may be ahead by the allowed age, and its packet is then good for twice that time after it came.
    private static List<SeenPacket> Fresh(IReadOnlyList<SeenPacket> records, ServerConfig config)
    {
        long oldest = config.ChecksPacketAge ? DateTimeOffset.UtcNow.ToUnixTimeSeconds() - (2L * config.MaxPacketAge) : long.MinValue;
        return [.. records.Where(record => record.ReceivedAt >= oldest)];
    }
}
