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

    /// <summary>
    /// Why nobody can run a file, or the interpreter that it names if it is a script; null where that cannot be told, for the file may be another user's alone
    /// to see.
    /// </summary>
    /// <param name="file">The absolute path.</param>
    /// <param name="user">Who is to run it, and so can read it if it is a script; null for ourselves.</param>
    [SupportedOSPlatform("linux")]
    public static string? WhyNotRunnable(string file, uint? user)
    {
        if (WhyNotExecutable(file) is { } reason)
        {
            return reason.Text;
        }

        // The kernel's error for a script is that of its interpreter, and reads as if the script were missing.
        return ScriptInterpreter.Find(file, user) is { } interpreter && WhyNotExecutable(interpreter) is { } missing
            ? $"its interpreter '{interpreter}' cannot be run: {missing.Text}"
            : null;
    }

    [SupportedOSPlatform("linux")]
    private static Errno? WhyNotExecutable(string file)
    {
        if (!FileOwnership.TryGet(file, out FileOwnership found, out Errno error))
        {
            return error.IsAccessDenied ? null : error;
        }

        return found.IsRegular && (found.Mode & Executable) != 0 ? null : new Errno(Errno.AccessDenied);
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
