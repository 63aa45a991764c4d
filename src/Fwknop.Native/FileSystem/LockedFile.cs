using System.Runtime.Versioning;
using Fwknop.Native.Libc;
using Microsoft.Win32.SafeHandles;

namespace Fwknop.Native.FileSystem;

/// <summary>
/// A file that is read, changed and replaced as a whole while nobody else who does it this way can. The lock is on the folder: one on the
/// file would go with the old file, and would keep readers out. Where the base library is all there is, there is no lock.
/// </summary>
public sealed class LockedFile : IDisposable
{
    private const string Mark = ".fwknop-";
    private const string Ending = ".tmp";
    private const int ReadOnly = 0;
    private const int ExclusiveWithoutWaiting = 2 | 4; // LOCK_EX | LOCK_NB

    // Somebody may be asked a question meanwhile; this is enough for all others.
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly Descriptor? _lock;

    private LockedFile(string target, Descriptor? held)
    {
        Target = target;
        _lock = held;
    }

    /// <summary>The file itself, after symbolic links.</summary>
    public string Target { get; }

    private string Folder => FolderOf(Target);

    /// <summary>Locks a file.</summary>
    /// <exception cref="IOException">It is not a regular file, or somebody else keeps it locked.</exception>
    public static LockedFile Open(string path)
    {
        string target = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
        return !Path.Exists(target) || PrivateFile.IsRegular(target)
            ? new LockedFile(target, OperatingSystem.IsLinux() ? Lock(FolderOf(target)) : null)
            : throw new IOException("Not a regular file");
    }

    /// <summary>A file that no other process changes: there is no lock, which whoever can read the folder could hold against us.</summary>
    /// <exception cref="IOException">It is not a regular file.</exception>
    public static LockedFile OpenAlone(string path) => Path.Exists(path) && !PrivateFile.IsRegular(path)
        ? throw new IOException("Not a regular file")
        : new LockedFile(path, held: null);

    /// <summary>
    /// Gives the file new content, all or nothing: whatever fails or crashes, the file is the old one or the new one, and belongs to whom it
    /// belonged. A symbolic link stays and what it leads to is replaced. The new content is on the disk when this returns. What earlier calls
    /// that were killed left behind is removed.
    /// </summary>
    /// <exception cref="IOException">The file cannot be replaced; it is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public void Replace(ReadOnlySpan<byte> content)
    {
        RemoveLeftovers();
        string temporary = $"{Target}{Mark}{Path.GetRandomFileName()}{Ending}";
        FileStream file = PrivateFile.CreateNew(temporary);
        try
        {
            using (file)
            {
                KeepOwner(file.SafeFileHandle);
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, Target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        SyncFolder();
    }

    /// <summary>Unlocks.</summary>
    public void Dispose() => _lock?.Dispose();

    // Null where folders cannot be locked, as on some file servers.
    [SupportedOSPlatform("linux")]
    private static Descriptor? Lock(string folder)
    {
        Descriptor? opened = Descriptor.Open(folder, ReadOnly, 0, out _);
        DateTime end = DateTime.UtcNow + MaxWait;
        while (opened is not null && LibcFunctions.flock(opened, ExclusiveWithoutWaiting) != 0)
        {
            bool isHeld = Errno.Last.Code == Errno.TryAgain;
            bool isOver = DateTime.UtcNow > end;
            if (!isHeld || isOver)
            {
                opened.Dispose();
                return isHeld ? throw new IOException("Somebody else is changing a file in its folder") : null;
            }

            Thread.Sleep(Pause);
        }

        return opened;
    }

    private static string FolderOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";

    private void KeepOwner(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux() || !FileOwnership.TryGet(Target, out FileOwnership before, out _))
        {
            return;
        }

        FileOwnership after = FileOwnership.Of(file);
        bool isSame = (before.UserId, before.GroupId) == (after.UserId, after.GroupId);
        if (!isSame && LibcFunctions.fchown(file, before.UserId, before.GroupId) != 0)
        {
            throw new IOException($"The owner cannot be kept: {Errno.Last.Text}");
        }
    }

    private void RemoveLeftovers()
    {
        string start = Path.GetFileName(Target) + Mark;
        foreach (string path in Directory.EnumerateFiles(Folder).Where(path =>
            Path.GetFileName(path).StartsWith(start, StringComparison.Ordinal) && path.EndsWith(Ending, StringComparison.Ordinal)))
        {
            try
            {
                File.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody else's; saving does not depend on it.
            }
        }
    }

    // Without it a crash may bring the old file back, whole; that is no reason to fail.
    private void SyncFolder()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = DurableFile.TrySyncDirectory(Target, out _);
        }
    }
}
