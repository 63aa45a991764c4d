using Fwknop.Native.Libc;

namespace Fwknop.Native.FileSystem;

/// <summary>Files that only their owner may read and write, from before the first byte is in them (client.md 19, no. 23).</summary>
public static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Creates a file that must not exist yet.</summary>
    public static FileStream CreateNew(string path) => Open(path, FileMode.CreateNew);

    /// <summary>Adds to a file, created when missing.</summary>
    public static FileStream Append(string path) => Open(path, FileMode.Append);

    /// <summary>Empties a file and keeps its mode; created when missing.</summary>
    public static FileStream Overwrite(string path) => Open(path, FileMode.Create);

    /// <summary>
    /// Creates a file in the place of an old one. An old regular file is removed first, so that nobody who could read it, or
    /// still has it open, reads the new one. Through a symbolic link (/dev/stdout is one) the file is emptied and shut instead;
    /// a device or pipe is written to as it is: root must not take /dev/null away from everybody else.
    /// </summary>
    public static FileStream Replace(string path)
    {
        bool isRegular = IsRegular(path);
        if (isRegular && new FileInfo(path).LinkTarget is null)
        {
            File.Delete(path);
            return CreateNew(path);
        }

        FileStream file = Open(path, FileMode.OpenOrCreate);
        if (isRegular && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file.SafeFileHandle, OwnerOnly);
        }

        if (isRegular)
        {
            file.SetLength(0);
        }

        return file;
    }

    /// <summary>
    /// Gives a file new content, all or nothing: whatever fails or crashes, the file is the old one or the new one. A symbolic link stays and
    /// what it leads to is replaced. The new content is on the disk when this returns.
    /// </summary>
    /// <exception cref="IOException">The file cannot be replaced, for example because it is a device; it is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void ReplaceWhole(string path, ReadOnlySpan<byte> content)
    {
        string target = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
        if (Path.Exists(target) && !IsRegular(target))
        {
            throw new IOException("Not a regular file");
        }

        string temporary = $"{target}.{Path.GetRandomFileName()}";
        FileStream file = CreateNew(temporary);
        try
        {
            using (file)
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        SyncFolder(target);
    }

    // Without it a crash may bring the old file back, whole; that is no reason to fail.
    private static void SyncFolder(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = DurableFile.TrySyncDirectory(path, out _);
        }
    }

    // Where the base library is all there is, a device counts as regular.
    private static bool IsRegular(string path) => OperatingSystem.IsLinux()
        ? FileOwnership.TryGet(path, out FileOwnership file, out _) && file.IsRegular
        : File.Exists(path);

    private static FileStream Open(string path, FileMode mode)
    {
        if (OperatingSystem.IsWindows() && (mode == FileMode.CreateNew || !File.Exists(path)))
        {
            return OwnerOnlyFile.CreateNew(path);
        }

        FileStreamOptions options = new() { Mode = mode, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(path, options);
    }
}
