using Fwknop.Configuration.Files;
using Microsoft.Win32.SafeHandles;

namespace Fwknop.Configuration.Access;

/// <summary>Access files of the file system, with the checks of server.md 2.2.</summary>
internal sealed class AccessFilesOnDisk(AccessSystem system) : IAccessFiles
{
    /// <summary>Longest key file that is read (our choice: a user decides what is in it).</summary>
    private const int MaxKeyFileBytes = 64 * 1024;

    public ConfigText? Read(string path, FileKind kind, Place from) => ConfigFile.Read(path, kind, system.Probe, from);

    public ConfigText? ReadKeys(string path, out string problem)
    {
        problem = "Key files cannot be opened safely on this system";
        try
        {
            using SafeFileHandle? file = system.OpenKeyFile?.Invoke(path, out problem);
            if (file is null)
            {
                return null;
            }

            UnixFileMode mode = OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(file);
            if ((mode & ConfigFile.OpenToOthers) != 0)
            {
                problem = $"It holds keys and is open to other users (mode {ConfigFile.Octal(mode)}). Use mode 0600";
                return null;
            }

            problem = $"It is longer than {MaxKeyFileBytes >> 10} KiB";
            return ConfigText.Read(file, MaxKeyFileBytes);
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            problem = FileError.Reason(e);
            return null;
        }
    }

    public IReadOnlyList<string>? List(string folder, Place from)
    {
        try
        {
            UnixFileMode mode = OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(folder);
            if ((mode & (UnixFileMode.OtherWrite | UnixFileMode.GroupWrite)) != 0)
            {
                // Who may add a file to it may let himself in.
                from.Error($"[*] Access folder: '{folder}' can be changed by other users (mode {ConfigFile.Octal(mode)}). Use mode 0700: chmod 700 {folder}");
                return null;
            }

            return Directory.GetFileSystemEntries(folder);
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            from.Error($"[*] Access folder: '{folder}' could not be opened.");
            return null;
        }
    }

    public bool IsFolder(string path) => new DirectoryInfo(path) is { Exists: true, LinkTarget: null };
}
