using Fwknop.Configuration.Server;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;

namespace Fwknop.Daemon.Ledger;

/// <summary>Opens the record of packets where the configuration has it.</summary>
internal static class DigestOpening
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>
    /// Opens or makes it. Where only the file of the classic place exists, what is in it is copied; it stays, and is not looked at again.
    /// </summary>
    /// <exception cref="StartupException">It cannot be used: without it replays would go unnoticed.</exception>
    public static DigestCache Open(ServerConfig config, DaemonLog log)
    {
        string? classic = config.ClassicDigestFile;
        bool takesOver = classic is not null && File.Exists(classic) && !File.Exists(config.DigestFile);
        if (classic is not null)
        {
            EnsureFolder(config.DigestFile);
        }

        DigestCache ledger = DigestCache.Open(config.DigestFile, log);
        if (!takesOver)
        {
            return ledger;
        }

        try
        {
            ledger.TakeOver(classic!, log);
            log.Info($"Took over the digest cache '{classic}' (entry count = {ledger.Records.Count}) into '{config.DigestFile}'");
            return ledger;
        }
        catch
        {
            // Or the next start would take the empty file for the whole record.
            ledger.Dispose();
            File.Delete(config.DigestFile);
            throw;
        }
    }

    /// <summary>What is recorded, for one who only looks: nothing is made or copied. Null when it cannot be read.</summary>
    public static IReadOnlyList<SeenPacket>? TryRead(ServerConfig config, DaemonLog log, out string error)
    {
        bool isClassic = config.ClassicDigestFile is not null && File.Exists(config.ClassicDigestFile) && !File.Exists(config.DigestFile);
        return DigestCache.TryRead(isClassic ? config.ClassicDigestFile! : config.DigestFile, log, out error);
    }

    private static void EnsureFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, OwnerOnly);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw DigestCache.Unusable(path, error.Message);
        }
    }
}
