using Microsoft.Win32.SafeHandles;

namespace Fwknop.Configuration.Files;

/// <summary>Opens a configuration file after the checks of server.md 2.2.</summary>
internal static class ConfigFile
{
    /// <summary>Longest file that is read (our choice: a real one is a few kilobytes).</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode AnyOther = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Reads a file; what is wrong with it goes to <paramref name="diagnostics"/>.</summary>
    /// <returns>The text, which the caller disposes, or null when the file could not be read.</returns>
    public static ConfigText? Read(string path, FileKind kind, FileProbe? probe, DiagnosticList diagnostics)
    {
        FileFacts? facts = probe?.Invoke(path);
        if (facts is { IsRegular: false } || Directory.Exists(path))
        {
            NotRegular(path, diagnostics);
            return null;
        }

        if (facts is { IsOwnedByUs: false })
        {
            diagnostics.Warning(path, 0, FileComplaint.NotOwned(path));
        }

        try
        {
            // The checks are made on the open file, so that it cannot be exchanged between check and use.
            using SafeFileHandle file = File.OpenHandle(path);
            if (!OperatingSystem.IsWindows())
            {
                CheckMode(path, File.GetUnixFileMode(file), kind, diagnostics);
            }

            ConfigText? text = ConfigText.Read(file, MaxBytes);
            if (text is null)
            {
                diagnostics.Error(path, 0, $"[*] {Noun(kind)} file: '{path}' is longer than {MaxBytes >> 20} MiB.");
            }

            return text;
        }
        catch (NotSupportedException)
        {
            NotRegular(path, diagnostics);
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            diagnostics.Error(path, 0, $"[*] Could not open {Noun(kind).ToLowerInvariant()} file: {path}: {FileError.Reason(e, path)}");
        }

        return null;
    }

    private static void CheckMode(string path, UnixFileMode mode, FileKind kind, DiagnosticList diagnostics)
    {
        UnixFileMode refused = kind == FileKind.Access ? AnyOther | UnixFileMode.GroupWrite : UnixFileMode.OtherWrite;
        if ((mode & refused) != 0)
        {
            string danger = kind == FileKind.Access ? "holds keys and is open to other users" : "can be changed by other users";
            string octal = Convert.ToString((int)mode, toBase: 8).PadLeft(4, '0');
            diagnostics.Error(path, 0, $"[*] {Noun(kind)} file: '{path}' {danger} (mode {octal}). Use mode 0600: chmod 600 {path}");
        }
        else if (mode != OwnerOnly)
        {
            diagnostics.Warning(path, 0, FileComplaint.NotPrivate(path));
        }
    }

    private static void NotRegular(string path, DiagnosticList diagnostics) =>
        diagnostics.Error(path, 0, FileComplaint.NotRegular(path));

    private static string Noun(FileKind kind) => kind == FileKind.Access ? "Access" : "Config";
}
