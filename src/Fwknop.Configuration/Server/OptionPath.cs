namespace Fwknop.Configuration.Server;

/// <summary>What must be at a path that an option gives (server.md 1.2). Symbolic links are refused, as by <c>lstat</c>.</summary>
internal static class OptionPath
{
    /// <summary>True for a file, though perhaps a device: that is seen when it is opened.</summary>
    public static bool IsFile(string path) => File.Exists(path) && new FileInfo(path).LinkTarget is null;

    /// <summary>True for a folder; one slash at the end is no harm.</summary>
    public static bool IsDirectory(string path) =>
        Directory.Exists(path) && new DirectoryInfo(Path.TrimEndingDirectorySeparator(path)).LinkTarget is null;

    /// <summary>True for a file that its owner may execute.</summary>
    public static bool IsProgram(string path) => IsFile(path)
        && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != 0);
}
