using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Fwknop.Native.Libc;

/// <summary>
/// The C library's functions, by their own names. fcntl, ioctl and prctl are variadic in C; on the ABIs .NET runs on under Linux (x64, arm64) a
/// variadic call with integers and pointers passes them as any other call does.
/// </summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class LibcFunctions
{
    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int close(int fd);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int open(byte* path, int flags, uint mode);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int openat(Descriptor folder, byte* path, int flags, uint mode);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial nint read(Descriptor fd, byte* buffer, nuint count);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial nint write(Descriptor fd, byte* buffer, nuint count);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial nint pwrite(Descriptor fd, byte* buffer, nuint count, long offset);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial long lseek(Descriptor fd, long offset, int whence);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int ftruncate(Descriptor fd, long length);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int fdatasync(Descriptor fd);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int fsync(Descriptor fd);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int statx(int directory, byte* path, int flags, uint mask, FileStatusEntry* answer);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int statx(SafeHandle file, byte* path, int flags, uint mask, FileStatusEntry* answer);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int statfs(byte* path, long* answer);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int flock(Descriptor fd, int operation);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int fchown(SafeFileHandle file, uint user, uint group);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int fcntl(Descriptor fd, int command, FileLockRange* range);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int fcntl(int fd, int command, int argument);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int memfd_create(byte* name, uint flags);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int dup3(int fd, int target, int flags);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int poll(PollEntry* entries, nuint count, int timeoutMilliseconds);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int epoll_create1(int flags);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int epoll_ctl(Descriptor set, int operation, Descriptor member, byte* change);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int epoll_wait(Descriptor set, byte* events, int most, int timeoutMilliseconds);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int execv(byte* path, byte** arguments);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int pipe2(int* ends, int flags);

    [LibraryImport(Libraries.Libc)]
    internal static partial int posix_spawn(int* child, byte* path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport(Libraries.Libc)]
    internal static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport(Libraries.Libc)]
    internal static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport(Libraries.Libc)]
    internal static partial int posix_spawn_file_actions_addopen(byte* actions, int fd, byte* path, int flags, uint mode);

    [LibraryImport(Libraries.Libc)]
    internal static partial int posix_spawn_file_actions_adddup2(byte* actions, int fd, int target);

    [LibraryImport(Libraries.Libc)]
    internal static partial int posix_spawn_file_actions_addchdir_np(byte* actions, byte* path);

    [LibraryImport(Libraries.Libc)]
    internal static partial int posix_spawn_file_actions_addclosefrom_np(byte* actions, int from);

    [LibraryImport(Libraries.Libc)]
    internal static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport(Libraries.Libc)]
    internal static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport(Libraries.Libc)]
    internal static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport(Libraries.Libc)]
    internal static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport(Libraries.Libc)]
    internal static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport(Libraries.Libc)]
    internal static partial int sigfillset(byte* signals);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int waitid(int kind, int process, byte* info, int options);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int waitpid(int process, int* status, int options);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int kill(int process, int signal);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int eventfd(uint initial, int flags);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int prlimit(int process, int resource, ResourceLimit* newLimit, ResourceLimit* oldLimit);

    [LibraryImport(Libraries.Libc)]
    internal static partial int getppid();

    [LibraryImport(Libraries.Libc)]
    internal static partial uint getuid();

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int setsid();

    [LibraryImport(Libraries.Libc)]
    internal static partial uint umask(uint mask);

    [LibraryImport(Libraries.Libc)]
    internal static partial nint setlocale(int category, byte* name);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial nint syscall(nint number, nint argument1, nint argument2, nint argument3, nint argument4);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int setresuid(uint real, uint effective, uint saved);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int setresgid(uint real, uint effective, uint saved);

    [LibraryImport(Libraries.Libc)]
    internal static partial int close_range(uint first, uint last, int flags);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial nint signal(int signal, nint handler);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int prctl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);

    [LibraryImport(Libraries.Libc)]
    internal static partial int getpwnam_r(byte* name, PasswdEntry* entry, byte* buffer, nuint length, PasswdEntry** result);

    [LibraryImport(Libraries.Libc)]
    internal static partial int getpwuid_r(uint uid, PasswdEntry* entry, byte* buffer, nuint length, PasswdEntry** result);

    [LibraryImport(Libraries.Libc)]
    internal static partial int getgrnam_r(byte* name, GroupEntry* entry, byte* buffer, nuint length, GroupEntry** result);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int socketpair(int domain, int type, int protocol, int* pair);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int bind(Descriptor fd, byte* address, uint length);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int listen(Descriptor fd, int backlog);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int accept4(Descriptor fd, byte* address, uint* length, int flags);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int getsockname(Descriptor fd, byte* address, uint* length);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int timerfd_create(int clock, int flags);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int timerfd_settime(Descriptor fd, int flags, long* times, long* before);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial nint fdopen(int fd, byte* mode);

    [LibraryImport(Libraries.Libc)]
    internal static partial int fclose(nint stream);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int setsockopt(Descriptor fd, int level, int option, int* value, uint length);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial nint send(Descriptor fd, byte* buffer, nuint length, int flags);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial nint recvmsg(Descriptor fd, MessageHeader* message, int flags);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial uint if_nametoindex(byte* name);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int ioctl(Descriptor fd, nuint request, byte* argument);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int tcgetattr(Descriptor fd, Terminal.TerminalAttributes* attributes);

    [LibraryImport(Libraries.Libc, SetLastError = true)]
    internal static partial int tcsetattr(Descriptor fd, int when, Terminal.TerminalAttributes* attributes);

    /// <summary>struct statx: the kernel's layout, the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct FileStatusEntry
    {
        [FieldOffset(16)]
        internal uint Links;

        [FieldOffset(20)]
        internal uint UserId;

        [FieldOffset(24)]
        internal uint GroupId;

        [FieldOffset(28)]
        internal ushort Mode;

        [FieldOffset(32)]
        internal ulong Inode;

        [FieldOffset(128)]
        internal uint DeviceMajor;

        [FieldOffset(132)]
        internal uint DeviceMinor;

        [FieldOffset(136)]
        internal ulong FileSystem;
    }

    /// <summary>struct rlimit, whose numbers have 64 bits.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ResourceLimit
    {
        internal ulong Soft;
        internal ulong Hard;
    }

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollEntry
    {
        internal int Descriptor;
        internal short Events;
        internal short Returned;
    }

    /// <summary>struct flock with 64-bit offsets.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct FileLockRange
    {
        internal short Type;
        internal short Whence;
        internal long Start;
        internal long Length;
        internal int Pid;
    }

    /// <summary>struct passwd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PasswdEntry
    {
        internal byte* Name;
        internal byte* Password;
        internal uint Uid;
        internal uint Gid;
        internal byte* Gecos;
        internal byte* Directory;
        internal byte* Shell;
    }

    /// <summary>struct group.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct GroupEntry
    {
        internal byte* Name;
        internal byte* Password;
        internal uint Gid;
        internal byte** Members;
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct BufferVector
    {
        internal byte* Base;
        internal nuint Length;
    }

    /// <summary>struct msghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct MessageHeader
    {
        internal byte* Name;
        internal uint NameLength;
        internal BufferVector* Buffers;
        internal nuint BufferCount;
        internal byte* Control;
        internal nuint ControlLength;
        internal int Flags;
    }

    /// <summary>struct cmsghdr; the data follows, aligned to a machine word.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ControlHeader
    {
        internal nuint Length;
        internal int Level;
        internal int Type;
    }
}
