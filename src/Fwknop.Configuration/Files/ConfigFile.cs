using Microsoft.Win32.SafeHandles;

namespace Fwknop.Configuration.Files;

/// <summary>Opens a configuration file after the checks of server.md 2.2.</summary>
internal static class ConfigFile
{
    /// <summary>Longest file that is read (our choice: a real one is a few kilobytes).</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Modes that no file with keys may have.</summary>
    public const UnixFileMode OpenToOthers =
        UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.GroupWrite;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads a file; what is wrong with it goes to <paramref name="from"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">What it is for.</param>
    /// <param name="probe">Asks the operating system about it, or null.</param>
    /// <param name="from">The line that names the file; line 0 of the file itself when none does.</param>
    /// <returns>The text, which the caller disposes, or null when the file could not be read.</returns>
    public static ConfigText? Read(string path, FileKind kind, FileProbe? probe, Place from)
    {
        FileFacts? facts = probe?.Invoke(path);
        if (facts is { IsRegular: false } || Directory.Exists(path))
        {
            from.Error(FileComplaint.NotRegular(path));
            return null;
        }

        CheckOwner(path, facts, kind, from);

        try
        {
            // The checks are made on the open file, so that it cannot be exchanged between check and use.
            using SafeFileHandle file = File.OpenHandle(path);
            if (!OperatingSystem.IsWindows())
            {
                CheckMode(path, File.GetUnixFileMode(file), kind, from);
            }

            if (OperatingSystem.IsLinux() && facts is not null && probe!($"/proc/self/fd/{file.DangerousGetHandle()}") != facts)
            {
                from.Error($"[*] {Noun(kind)} file: '{path}' was exchanged while it was read.");
                return null;
            }

            ConfigText? text = ConfigText.Read(file, MaxBytes);
            if (text is null)
            {
                from.Error($"[*] {Noun(kind)} file: '{path}' is longer than {MaxBytes >> 20} MiB.");
            }

            return text;
        }
        catch (NotSupportedException)
        {
            from.Error(FileComplaint.NotRegular(path));
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            from.Error($"[*] Could not open {Noun(kind).ToLowerInvariant()} file: {path}: {FileError.Reason(e, path)}");
        }

        return null;
    }

    /// <summary>The permission bits as chmod takes them.</summary>
    public static string Octal(UnixFileMode mode) => Convert.ToString((int)mode, toBase: 8).PadLeft(4, '0');

    /// <summary>The reference warns of any other owner. A file that is found by name or pattern may not be a user's: he could let himself in.</summary>
    private static void CheckOwner(string path, FileFacts? facts, FileKind kind, Place from)
    {
        if (kind == FileKind.IncludedAccess && facts is { IsOwnedByUs: false, IsOwnedByRoot: false })
        {
            from.Error($"[*] Access file: '{path}' belongs to another user, who could let himself in. Use chown root, or %include_keys for keys alone");
        }
        else if (facts is { IsOwnedByUs: false })
        {
            from.Warning(FileComplaint.NotOwned(path));
        }
    }

    private static void CheckMode(string path, UnixFileMode mode, FileKind kind, Place from)
    {
        if ((mode & (kind == FileKind.Config ? UnixFileMode.OtherWrite : OpenToOthers)) != 0)
        {
            string danger = kind == FileKind.Config ? "can be changed by other users" : "holds keys and is open to other users";
            from.Error($"[*] {Noun(kind)} file: '{path}' {danger} (mode {Octal(mode)}). Use mode 0600: chmod 600 {path}");
        }
        else if (mode != OwnerOnly)
        {
            from.Warning(FileComplaint.NotPrivate(path));
        }
    }

    private static string Noun(FileKind kind) => kind == FileKind.Config ? "Config" : "Access";
}
