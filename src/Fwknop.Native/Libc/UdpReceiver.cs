using System.Net;
using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>
/// A non-blocking UDP socket that also tells where a datagram was sent to; on all addresses, IPv6 and IPv4, when none is given (IPv4 alone where the system
/// has no IPv6).
/// Receiving allocates nothing. Never sends.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class UdpReceiver : IDisposable
{
    private const int LevelSocket = 1;
    private const int OptionReceiveBuffer = 8;
    private const int ReceiveBuffer = 4 << 20;
    private const int LevelIPv4 = 0;
    private const int LevelIPv6 = 41;
    private const int OptionIPv4PacketInfo = 8;
    private const int OptionIPv6ReceivePacketInfo = 49;
    private const int OptionIPv6PacketInfo = 50;
    private const int FlagTruncated = 0x20;
    private const int ControlLength = 256;

    private readonly byte[] _buffer;
    private readonly byte[] _address = new byte[SocketName.MaxLength];
    private readonly byte[] _control = new byte[ControlLength];

    private UdpReceiver(Descriptor descriptor, int largestDatagram)
    {
        Descriptor = descriptor;
        _buffer = new byte[largestDatagram];
    }

    public Descriptor Descriptor { get; }

    /// <summary>
    /// Binds to the port; without an address, on all of them. It is shared with other sockets of the same user that are bound like this (SO_REUSEPORT), so that one process can take it over from
    /// another without a gap; with nobody else. On failure, <paramref name="failedCall"/> names the call ("socket()", "bind()").
    /// </summary>
    public static UdpReceiver? TryBind(IPAddress? address, ushort port, int largestDatagram, out string failedCall, out Errno error)
    {
        int family = SocketName.FamilyOf(address);
        UdpReceiver? receiver = TryBind(family, address, port, largestDatagram, out failedCall, out error);
        return receiver is null && address is null && error.Code == Errno.AddressFamilyNotSupported
            ? TryBind(SocketName.FamilyIPv4, null, port, largestDatagram, out failedCall, out error)
            : receiver;
    }

    /// <summary>A socket that another process has bound like this.</summary>
    /// <param name="descriptor">Belongs to the receiver from here on.</param>
    /// <param name="largestDatagram">Bytes of a datagram that are kept.</param>
    public static UdpReceiver Inherit(Descriptor descriptor, int largestDatagram) => new(descriptor, largestDatagram);

    internal static UdpReceiver? TryBind(
        int family, IPAddress? address, ushort port, int largestDatagram, out string failedCall, out Errno error)
    {
        Descriptor? socket = ServerSocket.TryBind(family, ServerSocket.Datagrams, address, port, out failedCall, out error);
        if (socket is null)
        {
            return null;
        }

        // A burst waits in the socket while a grant is made. The kernel gives as much of it as net.core.rmem_max allows, so what it
        // answers does not matter.
        _ = ServerSocket.TrySetOption(socket, LevelSocket, OptionReceiveBuffer, ReceiveBuffer, out _);
        failedCall = "setsockopt()";
        bool isIPv6 = family == SocketName.FamilyIPv6;
        if (ServerSocket.TrySetOption(
            socket, isIPv6 ? LevelIPv6 : LevelIPv4, isIPv6 ? OptionIPv6ReceivePacketInfo : OptionIPv4PacketInfo, 1, out error))
        {
            return new UdpReceiver(socket, largestDatagram);
        }

        socket.Dispose();
        return null;
    }

    /// <summary>False when there is nothing to receive, or with an error.</summary>
    public bool TryReceive(out UdpDatagram datagram, out Errno error)
    {
        datagram = default;
        error = Errno.None;
        fixed (byte* payload = _buffer, address = _address, control = _control)
        {
            LibcFunctions.BufferVector vector = new() { Base = payload, Length = (nuint)_buffer.Length };
            LibcFunctions.MessageHeader message = new()
            {
                Name = address,
                NameLength = SocketName.MaxLength,
                Buffers = &vector,
                BufferCount = 1,
                Control = control,
                ControlLength = ControlLength,
            };
            nint received = LibcFunctions.recvmsg(Descriptor, &message, 0);
            if (received < 0)
            {
                error = Errno.Last.Code is Errno.TryAgain or Errno.Interrupted ? Errno.None : Errno.Last;
                return false;
            }

            datagram = new UdpDatagram
            {
                Payload = _buffer.AsSpan(0, (int)received),
                IsTruncated = (message.Flags & FlagTruncated) != 0,
                SourceAddress = SocketName.ReadAddress(_address),
                SourcePort = SocketName.ReadPort(_address),
                DestinationAddress = ReadDestination(_control.AsSpan(0, (int)message.ControlLength)),
            };
            return true;
        }
    }

    public void Dispose() => Descriptor.Dispose();

    /// <summary>
    /// in6_pktinfo: address 16, interface 4 (an IPv4 destination comes mapped). in_pktinfo: interface 4, local address 4, address in the header 4.
    /// </summary>
    private static ReadOnlySpan<byte> ReadDestination(ReadOnlySpan<byte> control)
    {
        int headerLength = sizeof(LibcFunctions.ControlHeader);
        while (control.Length >= headerLength)
        {
            LibcFunctions.ControlHeader header = System.Runtime.InteropServices.MemoryMarshal.Read<LibcFunctions.ControlHeader>(control);
            if (header.Length < (nuint)headerLength || header.Length > (nuint)control.Length)
            {
                break;
            }

            ReadOnlySpan<byte> data = control[headerLength..(int)header.Length];
            switch (header.Level, header.Type)
            {
                case (LevelIPv6, OptionIPv6PacketInfo):
                    return data[..16];
                case (LevelIPv4, OptionIPv4PacketInfo):
                    return data.Slice(8, 4);
            }

            int step = ((int)header.Length + sizeof(nuint) - 1) & ~(sizeof(nuint) - 1);
            control = step >= control.Length ? [] : control[step..];
        }

        return [];
    }
}
