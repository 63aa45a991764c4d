namespace Fwknop.Client;

/// <summary>Files that only their owner may read and write (client.md 19, no. 23).</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Creates a file that must not exist yet.</summary>
    public static FileStream CreateNew(string path) => Open(path, FileMode.CreateNew);

    /// <summary>
    /// Creates a file in the place of an old one. An old regular file is removed first, so that nobody who could read it, or
    /// still has it open, reads the new one; a device or pipe is written to as it is.
    /// </summary>
    public static FileStream Replace(string path)
    {
        if (IsOrdinary(path))
        {
            File.Delete(path);
            return CreateNew(path);
        }

        return Open(path, FileMode.OpenOrCreate);
    }

    /// <summary>Adds to a file, created when missing.</summary>
    public static FileStream Append(string path) => Open(path, FileMode.Append);

    private static bool IsOrdinary(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return File.Exists(path);
        }

        return Native.FileSystem.FileOwnership.TryGet(path, out Native.FileSystem.FileOwnership file) == 0 && file.IsRegular;
    }

    private static FileStream Open(string path, FileMode mode)
    {
        FileStreamOptions options = new() { Mode = mode, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(path, options);
    }
}
