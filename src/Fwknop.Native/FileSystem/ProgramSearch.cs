using System.Runtime.Versioning;
using Fwknop.Native.Libc;

namespace Fwknop.Native.FileSystem;

/// <summary>Finds a program as a shell would: a name without a slash along PATH, and nowhere else.</summary>
public static class ProgramSearch
{
    /// <summary>There is no such file.</summary>
    public const string NotFound = "not found";

    /// <summary>There is one, which nobody may execute.</summary>
    public const string NotExecutable = "not executable";

    private const string DefaultPath = "/usr/bin:/bin";

    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Finds it.</summary>
    /// <param name="name">Name or path of the program.</param>
    /// <param name="path">The value of PATH.</param>
    /// <param name="problem">Why there is none: <see cref="NotFound"/> or <see cref="NotExecutable"/>; else empty.</param>
    /// <returns>The absolute path; null when there is none.</returns>
    public static string? Find(string? name, string? path, out string problem)
    {
        problem = NotFound;

        // No file has a NUL in its name, and .NET does not take one.
        if (string.IsNullOrEmpty(name) || name.Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        if (name.AsSpan().ContainsAny(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar))
        {
            return Check(Path.GetFullPath(name), ref problem);
        }

        foreach (string folder in (path ?? DefaultPath).Split(Path.PathSeparator))
        {
            string file = Path.GetFullPath(Path.Combine(folder.Length == 0 ? "." : folder, name));
            string? found = Check(file, ref problem) ?? (OperatingSystem.IsWindows() ? Check(file + ".exe", ref problem) : null);
            if (found is not null)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>Why nobody can run a file, as the kernel would say; none where that cannot be told, for the file may be another user's alone to see.</summary>
    /// <param name="file">The absolute path.</param>
    [SupportedOSPlatform("linux")]
    public static Errno WhyNotRunnable(string file)
    {
        if (!FileOwnership.TryGet(file, out FileOwnership found, out Errno error))
        {
            return error.IsAccessDenied ? Errno.None : error;
        }

        return found.IsRegular && (found.Mode & Executable) != 0 ? Errno.None : new Errno(Errno.AccessDenied);
    }

    private static string? Check(string file, ref string problem)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        bool isProgram = OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & Executable) != 0;
        problem = isProgram ? string.Empty : NotExecutable;
        return isProgram ? file : null;
    }
}
