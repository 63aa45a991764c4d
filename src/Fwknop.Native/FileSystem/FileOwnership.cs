using System.Runtime.InteropServices;
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
    private const int Link = 0xa000; // S_IFLNK
    private const int Pipe = 0x1000; // S_IFIFO
    private const int Character = 0x2000; // S_IFCHR
    private const int Socket = 0xc000; // S_IFSOCK
    private const int Permissions = 0x1ff;
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const int StatfsWords = 15; // struct statfs of 64-bit systems, in 8 bytes each
    private const int StatfsFlags = 10; // f_flags
    private const long ReadOnlyMount = 1; // ST_RDONLY
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint MemoryDevices = 1;
    private const uint NullDevice = 3;
    private const uint FirstTerminals = 4; // of the console and serial lines
    private const uint Terminals = 5; // /dev/tty, /dev/console
    private const uint FirstPseudoTerminals = 136;
    private const uint LastPseudoTerminals = 143;

    /// <summary>True for a pipe, with or without a name.</summary>
    public bool IsPipe { get; private init; }

    /// <summary>True for a symbolic link that was opened itself.</summary>
    public bool IsLink { get; private init; }

    /// <summary>True for a Unix socket.</summary>
    public bool IsSocket { get; private init; }

    /// <summary>True when the owner is the user this process was started by.</summary>
    public bool IsOurs => UserId == LibcFunctions.getuid();

    /// <summary>True when its group or everybody may write to it.</summary>
    public bool IsWritableByOthers => (Mode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0;

    /// <summary>The group.</summary>
    public uint GroupId { get; private init; }

    /// <summary>How many names the file has.</summary>
    public uint LinkCount { get; private init; }

    /// <summary>File system and inode: two paths that give the same lead to one file.</summary>
    public (ulong FileSystem, ulong Inode) Identity { get; private init; }

    /// <summary>The device of the file system as the C library numbers it, st_dev.</summary>
    public ulong Device
    {
        get
        {
            ulong major = Identity.FileSystem & uint.MaxValue;
            ulong minor = Identity.FileSystem >> 32;
            return (minor & 0xff) | ((major & 0xfff) << 8) | ((minor & ~0xfful) << 12) | ((major & ~0xffful) << 32);
        }
    }

    /// <summary>True for a terminal and for /dev/null, to which anybody may write.</summary>
    public bool IsTerminalOrNull { get; private init; }

    /// <summary>Looks at an open file.</summary>
    /// <exception cref="IOException">The operating system does not tell.</exception>
    public static unsafe FileOwnership Of(SafeHandle file)
    {
        LibcFunctions.FileStatusEntry status = default;
        fixed (byte* name = Descriptor.ToCString(string.Empty))
        {
            return LibcFunctions.statx(file, name, EmptyPath, BasicStatus, &status) == 0
                ? Of(status)
                : throw new IOException(Errno.Last.Text, Errno.Last.Code);
        }
    }

    /// <summary>Looks at a file.</summary>
    public static bool TryGet(string path, out FileOwnership ownership, out Errno error) => TryGet(path, flags: 0, out ownership, out error);

    /// <summary>Looks at a file, or at the symbolic link that is in its place.</summary>
    public static bool TryGetItself(string path, out FileOwnership ownership, out Errno error) => TryGet(path, NoFollow, out ownership, out error);

    /// <summary>True where nobody can write, whatever the mode says: a file or folder is mounted read-only, for us at least.</summary>
    public static unsafe bool IsMountedReadOnly(string path)
    {
        long* status = stackalloc long[StatfsWords];
        fixed (byte* name = Descriptor.ToCString(path))
        {
            return LibcFunctions.statfs(name, status) == 0 && (status[StatfsFlags] & ReadOnlyMount) != 0;
        }
    }

    private static unsafe bool TryGet(string path, int flags, out FileOwnership ownership, out Errno error)
    {
        LibcFunctions.FileStatusEntry status = default;
        fixed (byte* name = Descriptor.ToCString(path))
        {
            bool found = LibcFunctions.statx(CurrentDirectory, name, flags, BasicStatus, &status) == 0;
            error = found ? Errno.None : Errno.Last;
            ownership = Of(status);
            return found;
        }
    }

    private static FileOwnership Of(in LibcFunctions.FileStatusEntry status) =>
        new((UnixFileMode)(status.Mode & Permissions), status.UserId, (status.Mode & TypeMask) == Regular)
        {
            IsSocket = (status.Mode & TypeMask) == Socket,
            IsPipe = (status.Mode & TypeMask) == Pipe,
            IsLink = (status.Mode & TypeMask) == Link,
            GroupId = status.GroupId,
            LinkCount = status.Links,
            Identity = (status.FileSystem, status.Inode),
            IsTerminalOrNull = (status.Mode & TypeMask) == Character && ((status.DeviceMajor, status.DeviceMinor) is (MemoryDevices, NullDevice)
                || status.DeviceMajor is FirstTerminals or Terminals or (>= FirstPseudoTerminals and <= LastPseudoTerminals)),
        };
}
