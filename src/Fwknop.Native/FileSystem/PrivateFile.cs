using System.Runtime.Versioning;

namespace Fwknop.Native.FileSystem;

/// <summary>Files that only their owner may read and write, from before the first byte is in them (client.md 19, no. 23).</summary>
public static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Creates a file that must not exist yet.</summary>
    public static FileStream CreateNew(string path) => Open(path, FileMode.CreateNew);

    /// <summary>Adds to a file, created when missing.</summary>
    /// <inheritdoc cref="Replace"/>
    public static FileStream Append(string path) => OpenTrusted(path, FileMode.Append);

    /// <summary>Empties a file and keeps its mode; created when missing. A symbolic link must lead to a file of ours.</summary>
    /// <inheritdoc cref="Replace"/>
    public static FileStream Overwrite(string path) =>
        Empty(IsLink(path) ? OpenTrusted(path, FileMode.OpenOrCreate) : Open(path, FileMode.OpenOrCreate));

    /// <summary>
    /// Creates a file in the place of an old one. An old regular file is removed first, so that nobody who could read it, or
    /// still has it open, reads the new one. Through a symbolic link (/dev/stdout is one) the file is emptied and shut instead;
    /// a device or pipe is written to as it is: root must not take /dev/null away from everybody else.
    /// </summary>
    /// <exception cref="IOException">It cannot be opened, or somebody else owns it, who might have put it there to get what we write.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static FileStream Replace(string path)
    {
        bool isRegular = IsRegular(path);
        if (isRegular && !IsLink(path))
        {
            File.Delete(path);
            return CreateNew(path);
        }

        FileStream file = OpenTrusted(path, FileMode.OpenOrCreate);
        if (isRegular && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file.SafeFileHandle, OwnerOnly);
        }

        return isRegular ? Empty(file) : file;
    }

    /// <summary>True for a file that keeps what is written to it. Where the base library is all there is, a device counts as one.</summary>
    public static bool IsRegular(string path) => OperatingSystem.IsLinux()
        ? FileOwnership.TryGet(path, out FileOwnership file, out _) && file.IsRegular
        : File.Exists(path);

    /// <summary>Refuses a symbolic link to a file of somebody else.</summary>
    /// <exception cref="IOException">It is one.</exception>
    internal static void CheckLink(string path)
    {
        if (OperatingSystem.IsLinux() && IsLink(path) && FileOwnership.TryGet(path, out FileOwnership target, out _))
        {
            CheckTrusted(target);
        }
    }

    private static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;

    private static FileStream Empty(FileStream file)
    {
        if (file.CanSeek)
        {
            file.SetLength(0);
        }

        return file;
    }

    // Asked before, because opening a pipe waits for its reader, and after, because the path may lead elsewhere by then.
    private static FileStream OpenTrusted(string path, FileMode mode)
    {
        if (!OperatingSystem.IsLinux() || DescriptorPath.Is(path))
        {
            return Open(path, mode);
        }

        if (FileOwnership.TryGet(path, out FileOwnership found, out _))
        {
            CheckTrusted(found);
        }

        FileStream file = Open(path, mode);
        try
        {
            CheckTrusted(FileOwnership.Of(file.SafeFileHandle));
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    [SupportedOSPlatform("linux")]
    private static void CheckTrusted(FileOwnership file)
    {
        if (!file.IsOurs && !file.IsTerminalOrNull)
        {
            throw new IOException("Belongs to somebody else");
        }
    }

    private static FileStream Open(string path, FileMode mode)
    {
        if (OperatingSystem.IsWindows() && (mode == FileMode.CreateNew || !File.Exists(path)))
        {
            return OwnerOnlyFile.CreateNew(path);
        }

        // Who only reads it does not keep us from writing.
        FileStreamOptions options = new()
        {
            Mode = mode,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        if (OperatingSystem.IsWindows())
        {
            return new FileStream(path, options);
        }

        options.UnixCreateMode = OwnerOnly;
        FileStream file = new(path, options);
        if (mode == FileMode.CreateNew)
        {
            // The umask may have taken even that away.
            File.SetUnixFileMode(file.SafeFileHandle, OwnerOnly);
        }

        return file;
    }
}
