using System.Net;
using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>
/// Sockets that wait for what comes in: non-blocking, closed in other programs. The port may be shared with another socket of the same user that allows it
/// too (SO_REUSEPORT), so that a new process can take it over before the old one lets go.
/// </summary>
[SupportedOSPlatform("linux")]
internal static unsafe class ServerSocket
{
    internal const int Datagrams = 2;
    internal const int Stream = 1;

    private const int NonBlockingCloseOnExec = 0x800 | 0x80000;
    private const int LevelSocket = 1;
    private const int OptionReuseAddress = 2;
    private const int OptionReusePort = 15;
    private const int LevelIPv6 = 41;
    private const int OptionIPv6Only = 26;

    /// <summary>Null on failure; <paramref name="failedCall"/> names the call: "socket()", "setsockopt()", "bind()".</summary>
    internal static Descriptor? TryBind(int family, int type, IPAddress? address, ushort port, out string failedCall, out Errno error)
    {
        failedCall = "socket()";
        int fd = LibcFunctions.socket(family, type | NonBlockingCloseOnExec, 0);
        error = fd < 0 ? Errno.Last : Errno.None;
        if (fd < 0)
        {
            return null;
        }

        Descriptor socket = new(fd, owned: true);
        failedCall = "setsockopt()";
        if (TrySetOptions(socket, family, type, out error))
        {
            failedCall = "bind()";
            byte* name = stackalloc byte[SocketName.MaxLength];
            uint length = SocketName.Write(new Span<byte>(name, SocketName.MaxLength), family, address, port);
            if (LibcFunctions.bind(socket, name, length) == 0)
            {
                return socket;
            }

            error = Errno.Last;
        }

        socket.Dispose();
        return null;
    }

    internal static bool TrySetOption(Descriptor socket, int level, int option, int value, out Errno error)
    {
        bool done = LibcFunctions.setsockopt(socket, level, option, &value, sizeof(int)) == 0;
        error = done ? Errno.None : Errno.Last;
        return done;
    }

    private static bool TrySetOptions(Descriptor socket, int family, int type, out Errno error)
    {
        // Connections of an earlier run that are still being closed do not keep the port.
        error = Errno.None;
        return (type != Stream || TrySetOption(socket, LevelSocket, OptionReuseAddress, 1, out error))
            && TrySetOption(socket, LevelSocket, OptionReusePort, 1, out error)
            && (family != SocketName.FamilyIPv6 || TrySetOption(socket, LevelIPv6, OptionIPv6Only, 0, out error));
    }
}
