using System.Runtime.Versioning;
using Fwknop.Native.Libc;

namespace Fwknop.Native.FileSystem;

/// <summary>Who owns a file and what it is; symbolic links are followed.</summary>
/// <param name="Mode">The permission bits, 0 to 0777.</param>
/// <param name="UserId">The owner.</param>
/// <param name="IsRegular">False for folders, devices, pipes and sockets.</param>
[SupportedOSPlatform("linux")]
public readonly record struct FileOwnership(UnixFileMode Mode, uint UserId, bool IsRegular)
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const uint BasicStatus = 0x7ff; // STATX_BASIC_STATS
    private const int TypeMask = 0xf000; // S_IFMT
    private const int Regular = 0x8000; // S_IFREG
    private const int Permissions = 0x1ff;

    /// <summary>True when the owner is the user this process was started by.</summary>
    public bool IsOurs => UserId == LibcFunctions.getuid();

    /// <summary>Looks at a file.</summary>
    public static unsafe bool TryGet(string path, out FileOwnership ownership, out Errno error)
    {
        LibcFunctions.FileStatusEntry status = default;
        fixed (byte* name = Descriptor.ToCString(path))
        {
            bool found = LibcFunctions.statx(CurrentDirectory, name, 0, BasicStatus, &status) == 0;
            error = found ? Errno.None : Errno.Last;
            ownership = new FileOwnership((UnixFileMode)(status.Mode & Permissions), status.UserId, (status.Mode & TypeMask) == Regular);
            return found;
        }
    }
}
