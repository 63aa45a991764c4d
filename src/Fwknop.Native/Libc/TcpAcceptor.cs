using System.Net;
using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>A non-blocking TCP socket that listens; on all addresses, IPv6 and IPv4, when none is given (IPv4 alone where the system has no IPv6).</summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class TcpAcceptor : IDisposable
{
    private const int NonBlockingCloseOnExec = 0x800 | 0x80000;
    private const int Backlog = 128;

    private TcpAcceptor(Descriptor descriptor)
    {
        Descriptor = descriptor;
    }

    /// <summary>Readable when a connection waits.</summary>
    public Descriptor Descriptor { get; }

    /// <summary>Binds and listens. On failure, <paramref name="failedCall"/> names the call ("socket()", "bind()", "listen()").</summary>
    public static TcpAcceptor? TryListen(IPAddress? address, ushort port, out string failedCall, out Errno error)
    {
        Descriptor? socket = ServerSocket.TryBind(SocketName.FamilyOf(address), ServerSocket.Stream, address, port, out failedCall, out error);
        if (socket is null && address is null && error.Code == Errno.AddressFamilyNotSupported)
        {
            socket = ServerSocket.TryBind(SocketName.FamilyIPv4, ServerSocket.Stream, null, port, out failedCall, out error);
        }

        if (socket is null)
        {
            return null;
        }

        failedCall = "listen()";
        if (LibcFunctions.listen(socket, Backlog) == 0)
        {
            return new TcpAcceptor(socket);
        }

        error = Errno.Last;
        socket.Dispose();
        return null;
    }

    /// <summary>The next connection, or null when there is none, or it is gone already.</summary>
    /// <param name="isEmpty">True when no connection waits any more.</param>
    public TcpConnection? TryAccept(out bool isEmpty)
    {
        byte* remote = stackalloc byte[SocketName.MaxLength];
        byte* local = stackalloc byte[SocketName.MaxLength];
        uint length = SocketName.MaxLength;
        int fd = LibcFunctions.accept4(Descriptor, remote, &length, NonBlockingCloseOnExec);

        // Of the errors only a few concern the connection alone (accept(2)); with all others, such as a lack of descriptors, trying on would not help.
        isEmpty = fd < 0 && Errno.Last.Code is not (Errno.Interrupted or Errno.ConnectionAborted or Errno.ProtocolError);
        if (fd < 0)
        {
            return null;
        }

        Descriptor connection = new(fd, owned: true);
        length = SocketName.MaxLength;
        if (LibcFunctions.getsockname(connection, local, &length) == 0)
        {
            return new TcpConnection(
                connection, new ReadOnlySpan<byte>(remote, SocketName.MaxLength), new ReadOnlySpan<byte>(local, SocketName.MaxLength));
        }

        connection.Dispose();
        return null;
    }

    public void Dispose() => Descriptor.Dispose();
}
