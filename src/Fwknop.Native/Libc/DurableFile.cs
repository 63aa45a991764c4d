using System.Diagnostics.CodeAnalysis;
using System.Runtime.Versioning;
using Fwknop.Native.FileSystem;

namespace Fwknop.Native.Libc;

/// <summary>
/// A file that is only appended to, and whose content survives a crash once <see cref="TryAppend"/> has said so. One writer.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class DurableFile : IDisposable
{
    private const int ReadWrite = 0x2;
    private const int ReadOnly = 0;
    private const int Create = 0x40;
    private const int Append = 0x400;
    private const int FromEnd = 2;
    private const uint OwnerOnly = 0x180; // 0600

    private readonly Descriptor _file;

    private DurableFile(Descriptor file, long length)
    {
        _file = file;
        Length = length;
    }

    /// <summary>Length in bytes when it was last opened or appended to, without what failed to be appended.</summary>
    public long Length { get; private set; }

    /// <summary>Opens for appending; a file that does not exist is made with mode 0600, and its directory entry made durable.</summary>
    public static bool TryOpen(string path, [NotNullWhen(true)] out DurableFile? opened, out Errno error)
    {
        opened = null;
        Descriptor? file = Descriptor.Open(path, ReadWrite | Append, 0, out error);
        if (file is null && error.Code == Errno.NoSuchFile)
        {
            file = Descriptor.Open(path, ReadWrite | Append | Create, OwnerOnly, out error);
            if (file is not null && !TrySyncDirectory(path, out error))
            {
                file.Dispose();
                return false;
            }
        }

        if (file is null)
        {
            return false;
        }

        long length = LibcFunctions.lseek(file, 0, FromEnd);
        if (length < 0)
        {
            error = Errno.Last;
            file.Dispose();
            return false;
        }

        opened = new DurableFile(file, length);
        return true;
    }

    /// <summary>
    /// Appends all of it with one write and waits until it is on the disk. When that fails (disk full) the file is cut back to what it was, so that no
    /// half line stays; the content must then be taken as not written.
    /// </summary>
    public bool TryAppend(ReadOnlySpan<byte> content, out Errno error)
    {
        error = Errno.None;
        if (content.IsEmpty)
        {
            return true;
        }

        // Asked anew: the administrator may have emptied the file meanwhile, and cutting "back" must not lengthen it.
        long before = LibcFunctions.lseek(_file, 0, FromEnd);
        if (before < 0)
        {
            error = Errno.Last;
            return false;
        }

        if (_file.TryWriteAll(content, out error) && TrySync(out error))
        {
            Length = before + content.Length;
            return true;
        }

        // The first error is the one to report: a failed truncation comes from the same cause.
        _ = LibcFunctions.ftruncate(_file, before);
        return false;
    }

    /// <summary>True while the path leads to this file: it was neither removed nor replaced.</summary>
    /// <exception cref="IOException">The operating system does not tell.</exception>
    public bool IsAt(string path) => FileOwnership.TryGet(path, out FileOwnership found, out _) && found.Identity == FileOwnership.Of(_file).Identity;

    public void Dispose() => _file.Dispose();

    private bool TrySync(out Errno error)
    {
        bool done = LibcFunctions.fdatasync(_file) == 0;
        error = done ? Errno.None : Errno.Last;
        return done;
    }

    private static bool TrySyncFile(Descriptor file, out Errno error)
    {
        bool done = LibcFunctions.fsync(file) == 0;
        error = done ? Errno.None : Errno.Last;
        return done;
    }

    /// <summary>Makes the entry of a file in its folder durable, after it was created or renamed.</summary>
    internal static bool TrySyncDirectory(string path, out Errno error)
    {
        string directory = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        using Descriptor? opened = Descriptor.Open(directory, ReadOnly, 0, out error);
        return opened is not null && TrySyncFile(opened, out error);
    }
}
