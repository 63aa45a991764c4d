using System.Runtime.InteropServices;

namespace Fwknop.Native.FileSystem;

/// <summary>File status and identity from glibc.</summary>
internal static partial class FileSystemCalls
{
    public const int CurrentFolder = -100; // AT_FDCWD
    public const uint BasicStatus = 0x7ff; // STATX_BASIC_STATS

    [LibraryImport(Libraries.Libc, EntryPoint = "statx", SetLastError = true)]
    public static unsafe partial int GetStatus(int folder, byte* path, int flags, uint mask, StatusBuffer* status);

    [LibraryImport(Libraries.Libc, EntryPoint = "getuid")]
    public static partial uint GetRealUserId();

    /// <summary><c>struct statx</c>: the kernel's layout, the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct StatusBuffer
    {
        [FieldOffset(20)]
        public uint UserId;

        [FieldOffset(28)]
        public ushort Mode;
    }
}
