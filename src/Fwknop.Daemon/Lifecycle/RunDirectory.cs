using Fwknop.Daemon.Logging;
using Fwknop.Native.FileSystem;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>FWKNOP_RUN_DIR (server.md 2.2), and the folder for what must outlive a reboot.</summary>
internal static class RunDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes it if it is missing, and the folders above it, with mode 0700.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="log">The log.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="StartupException">It is no directory, others can write to it, or it cannot be made.</exception>
    public static void Ensure(string path, DaemonLog log, string name = "Run directory")
    {
        if (Directory.Exists(path))
        {
            // Whoever can put a link or a file there decides what root writes to, and which packets count as seen.
            bool isKnown = FileOwnership.TryGet(path, out FileOwnership owner, out _);
            if (owner.IsWritableByOthers)
            {
                throw new StartupException($"[*] {name}: {path} can be written by other users: chmod 700 {path}");
            }

            // Nor may it belong to another user, who made it in a folder such as /tmp before we did.
            if (!isKnown || (owner.UserId != 0 && !owner.IsOurs))
            {
                throw new StartupException($"[*] {name}: {path} belongs to another user (user id {owner.UserId}): remove it, or choose another");
            }

            return;
        }

        if (File.Exists(path))
        {
            throw new StartupException($"Specified {name}: {path} is NOT a directory");
        }

        log.Warning($"{name}: {path} does not exist. Attempting to create it.");
        try
        {
            Create(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"Could not create {name}: {path}: {error.Message}");
        }

        log.Info($"Successfully created {name}: {path}");
    }

    /// <summary>Not in one call, which would let others into the folders above.</summary>
    private static void Create(string path)
    {
        if (Path.GetDirectoryName(path) is { } parent && !Directory.Exists(parent))
        {
            Create(parent);
        }

        Directory.CreateDirectory(path, OwnerOnly);
    }
}
