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
    private const ushort DestroyMessage = 21;
    private const ushort ErrorMessage = 2;
    private const ushort RequestWithAnswer = 5; // NLM_F_REQUEST | NLM_F_ACK
    private const byte Tcp = 6;
    private const int HeaderLength = 16;
    private const int RequestLength = HeaderLength + 56;
    private const int LargestAnswer = 512;

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
        WriteRequest(request, local, remote);
        Span<byte> answer = stackalloc byte[LargestAnswer];
        nint length = NetlinkApi.Send(socket, request, RequestLength, 0) == RequestLength ? NetlinkApi.Receive(socket, answer, LargestAnswer, 0) : -1;
        error = length < 0 ? Errno.Last : ReadAnswer(answer[..(int)length]);
        return error == Errno.None;
    }

    /// <summary>nlmsghdr; inet_diag_req_v2 (family, protocol, ext, pad, states); inet_diag_sockid (ports, addresses, interface, cookie).</summary>
    internal static void WriteRequest(Span<byte> request, IPEndPoint local, IPEndPoint remote)
    {
        request.Clear();
        BitConverter.TryWriteBytes(request, (uint)RequestLength);
        BitConverter.TryWriteBytes(request[4..], DestroyMessage);
        BitConverter.TryWriteBytes(request[6..], RequestWithAnswer);
        Span<byte> body = request[HeaderLength..];
        body[0] = (byte)(local.AddressFamily == AddressFamily.InterNetworkV6 ? SocketName.FamilyIPv6 : SocketName.FamilyIPv4);
        body[1] = Tcp;
        BitConverter.TryWriteBytes(body[4..], uint.MaxValue); // any state
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(body[8..], (ushort)local.Port);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(body[10..], (ushort)remote.Port);
        local.Address.TryWriteBytes(body[12..], out _);
        remote.Address.TryWriteBytes(body[28..], out _);
        BitConverter.TryWriteBytes(body[48..], ulong.MaxValue); // no cookie: whichever socket has these addresses
    }

    /// <summary>nlmsghdr, and the negative error number of nlmsgerr; 0 for success.</summary>
    internal static Errno ReadAnswer(ReadOnlySpan<byte> answer) =>
        answer.Length >= HeaderLength + sizeof(int) && BitConverter.ToUInt16(answer[4..]) == ErrorMessage
            ? new Errno(-BitConverter.ToInt32(answer[HeaderLength..]))
            : new Errno(Errno.ProtocolError);
}
