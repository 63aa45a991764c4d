namespace Fwknop.Client;

/// <summary>Finds a program as a shell would: a name without a slash along PATH, and nowhere else.</summary>
internal static class ProgramSearch
{
    private const string DefaultPath = "/usr/bin:/bin";

    /// <returns>Null when there is none.</returns>
    public static string? Find(string name, string? path)
    {
        if (name.Length == 0)
        {
            return null;
        }

        if (name.AsSpan().ContainsAny(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar))
        {
            return Path.GetFullPath(name);
        }

        foreach (string folder in (path ?? DefaultPath).Split(Path.PathSeparator))
        {
            string file = Path.GetFullPath(Path.Combine(folder.Length == 0 ? "." : folder, name));
            if (IsProgram(file))
            {
                return file;
            }

            if (OperatingSystem.IsWindows() && IsProgram(file + ".exe"))
            {
                return file + ".exe";
            }
        }

        return null;
    }

    private static bool IsProgram(string file)
    {
        const UnixFileMode executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return File.Exists(file) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & executable) != 0);
    }
}
