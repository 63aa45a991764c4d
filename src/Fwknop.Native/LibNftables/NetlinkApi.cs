using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Fwknop.Native.LibNftables;

[SupportedOSPlatform("linux")]
internal static partial class NetlinkApi
{
    public const int AddressFamilyNetlink = 16;
    public const int SocketRaw = 3;
    public const int CloseOnExec = 0x80000;
    public const int ProtocolNetfilter = 12;

    [LibraryImport(Libraries.Libc, EntryPoint = "socket", SetLastError = true)]
    public static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport(Libraries.Libc, EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(SafeFileHandle socket, ReadOnlySpan<byte> message, nuint length, int flags);

    [LibraryImport(Libraries.Libc, EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(SafeFileHandle socket, Span<byte> message, nuint length, int flags);
}
