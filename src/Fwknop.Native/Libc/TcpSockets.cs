using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Fwknop.Native.LibNftables;
using Microsoft.Win32.SafeHandles;

namespace Fwknop.Native.Libc;

/// <summary>TCP sockets of this network namespace, whichever process has them (sock_diag(7)).</summary>
[SupportedOSPlatform("linux")]
public static class TcpSockets
{
    // linux/sock_diag.h, inet_diag.h, netlink.h
    private const int ProtocolSockDiag = 4;
    private const ushort FindMessage = 20; // SOCK_DIAG_BY_FAMILY
    private const ushort DestroyMessage = 21; // SOCK_DESTROY
    private const ushort ErrorMessage = 2;
    private const ushort Request = 1; // NLM_F_REQUEST
    private const ushort RequestWithAnswer = 5; // the same and NLM_F_ACK
    private const byte Tcp = 6;
    private const ulong AnyCookie = ulong.MaxValue;
    private const int HeaderLength = 16;
    private const int NameLength = 36; // ports and addresses of inet_diag_sockid
    private const int RequestLength = HeaderLength + 56;
    private const int NameInRequest = HeaderLength + 8;
    private const int NameInAnswer = HeaderLength + 4;
    private const int CookieAfterName = NameLength + 4;
    private const int LargestAnswer = 8192;

    /// <summary>
    /// Ends a connection as if the process that has the socket had broken it off: the other side gets a reset, the process an error. Needs
    /// CAP_NET_ADMIN, and a kernel with CONFIG_INET_DIAG_DESTROY.
    /// </summary>
    /// <param name="local">This side.</param>
    /// <param name="remote">The other side, of the same address family.</param>
    /// <param name="error">Why not; ENOENT when there is none (any more).</param>
    public static bool TryEnd(IPEndPoint local, IPEndPoint remote, out Errno error)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(remote);
        int descriptor = NetlinkApi.OpenSocket(NetlinkApi.AddressFamilyNetlink, NetlinkApi.SocketRaw | NetlinkApi.CloseOnExec, ProtocolSockDiag);
        error = descriptor < 0 ? Errno.Last : Errno.None;
        if (descriptor < 0)
        {
            return false;
        }

        using SafeFileHandle socket = new(descriptor, ownsHandle: true);
        Span<byte> request = stackalloc byte[RequestLength];
        Span<byte> answer = stackalloc byte[LargestAnswer];
        WriteRequest(request, FindMessage, Request, local, remote, AnyCookie);
        if (!TryAsk(socket, request, answer, out int length, out error) || !TryReadCookie(answer[..length], request, out ulong cookie, out error))
        {
            return false;
        }

        WriteRequest(request, DestroyMessage, RequestWithAnswer, local, remote, cookie);
        if (TryAsk(socket, request, answer, out length, out error))
        {
            error = ReadAnswer(answer[..length]);
        }

        return error == Errno.None;
    }

    /// <summary>The negative error number of nlmsgerr after the header; 0 for success.</summary>
    internal static Errno ReadAnswer(ReadOnlySpan<byte> answer) =>
        answer.Length >= HeaderLength + sizeof(int) && BitConverter.ToUInt16(answer[4..]) == ErrorMessage
            ? new Errno(-BitConverter.ToInt32(answer[HeaderLength..]))
            : new Errno(Errno.ProtocolError);

    /// <summary>
    /// What tells this very socket from any other. Where there is no connection of these addresses the kernel finds the socket that listens at the
    /// port, and would end that: whoever ends a socket must know that it is the one that is meant.
    /// </summary>
    internal static bool TryReadCookie(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> request, out ulong cookie, out Errno error)
    {
        cookie = AnyCookie;
        if (answer.Length < NameInAnswer + CookieAfterName + sizeof(ulong) || BitConverter.ToUInt16(answer[4..]) != FindMessage)
        {
            error = ReadAnswer(answer) is var reason && reason == Errno.None ? new Errno(Errno.ProtocolError) : reason;
            return false;
        }

        cookie = BitConverter.ToUInt64(answer[(NameInAnswer + CookieAfterName)..]);
        ushort remotePort = BitConverter.ToUInt16(answer[(NameInAnswer + 2)..]);
        bool isMeant = remotePort != 0 && remotePort == BitConverter.ToUInt16(request[(NameInRequest + 2)..]) && cookie != AnyCookie;
        error = isMeant ? Errno.None : new Errno(Errno.NoSuchFile);
        return isMeant;
    }

    private static bool TryAsk(SafeFileHandle socket, ReadOnlySpan<byte> request, Span<byte> answer, out int length, out Errno error)
    {
        bool isSent = NetlinkApi.Send(socket, request, (nuint)request.Length, 0) == request.Length;
        length = isSent ? (int)NetlinkApi.Receive(socket, answer, (nuint)answer.Length, 0) : -1;
        error = length < 0 ? Errno.Last : Errno.None;
        return length >= 0;
    }

    /// <summary>nlmsghdr; inet_diag_req_v2 (family, protocol, ext, pad, states); inet_diag_sockid (ports, addresses, interface, cookie).</summary>
    private static void WriteRequest(Span<byte> request, ushort message, ushort flags, IPEndPoint local, IPEndPoint remote, ulong cookie)
    {
        request.Clear();
        BitConverter.TryWriteBytes(request, (uint)RequestLength);
        BitConverter.TryWriteBytes(request[4..], message);
        BitConverter.TryWriteBytes(request[6..], flags);
        request[HeaderLength] = (byte)(local.AddressFamily == AddressFamily.InterNetworkV6 ? SocketName.FamilyIPv6 : SocketName.FamilyIPv4);
        request[HeaderLength + 1] = Tcp;
        BitConverter.TryWriteBytes(request[(HeaderLength + 4)..], uint.MaxValue); // any state
        Span<byte> name = request[NameInRequest..];
        BinaryPrimitives.WriteUInt16BigEndian(name, (ushort)local.Port);
        BinaryPrimitives.WriteUInt16BigEndian(name[2..], (ushort)remote.Port);
        local.Address.TryWriteBytes(name[4..], out _);
        remote.Address.TryWriteBytes(name[20..], out _);
        BitConverter.TryWriteBytes(name[CookieAfterName..], cookie);
    }
}
