namespace Fwknop.Daemon.Lifecycle;

/// <summary>FWKNOP_RUN_DIR (server.md 2.2).</summary>
internal static class RunDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes it if it is missing, mode 0700.</summary>
    /// <exception cref="StartupException">It is no directory, or cannot be made.</exception>
    public static void Ensure(string path, DaemonLog log)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        if (File.Exists(path))
        {
            throw new StartupException($"Specified Run directory: {path} is NOT a directory");
        }

        log.Warning($"Run directory: {path} does not exist. Attempting to create it.");
        try
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"Could not create Run directory: {path}: {error.Message}");
        }

        log.Info($"Successfully created Run directory: {path}");
    }
}
