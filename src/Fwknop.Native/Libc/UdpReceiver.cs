using System.Buffers.Binary;
using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>
/// A non-blocking UDP socket on all addresses, IPv6 and IPv4 (IPv4 alone where the system has no IPv6), that also tells where a datagram was sent to.
/// Receiving allocates nothing. Never sends.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class UdpReceiver : IDisposable
{
    internal const int AddressFamilyIPv4 = 2;
    private const int AddressFamilyIPv6 = 10;
    private const int DatagramNonBlockingCloseOnExec = 2 | 0x800 | 0x80000;
    private const int LevelSocket = 1;
    private const int OptionReceiveBuffer = 8;
    private const int OptionSharePort = 15;
    private const int ReceiveBuffer = 4 << 20;
    private const int LevelIPv4 = 0;
    private const int LevelIPv6 = 41;
    private const int OptionIPv4PacketInfo = 8;
    private const int OptionIPv6Only = 26;
    private const int OptionIPv6ReceivePacketInfo = 49;
    private const int OptionIPv6PacketInfo = 50;
    private const int FlagTruncated = 0x20;
    private const int SocketAddressLength = 28; // struct sockaddr_in6
    private const int ControlLength = 256;

    private readonly byte[] _buffer;
    private readonly byte[] _address = new byte[SocketAddressLength];
    private readonly byte[] _control = new byte[ControlLength];

    private UdpReceiver(Descriptor descriptor, int largestDatagram)
    {
        Descriptor = descriptor;
        _buffer = new byte[largestDatagram];
    }

    public Descriptor Descriptor { get; }

    /// <summary>
    /// Binds to the port. It is shared with other sockets of the same user that are bound like this (SO_REUSEPORT), so that one process can take it over from
    /// another without a gap; with nobody else. On failure, <paramref name="failedCall"/> names the call ("socket()", "bind()").
    /// </summary>
    public static UdpReceiver? TryBind(ushort port, int largestDatagram, out string failedCall, out Errno error)
    {
        UdpReceiver? receiver = TryBind(AddressFamilyIPv6, port, largestDatagram, out failedCall, out error);
        return receiver is null && error.Code == Errno.AddressFamilyNotSupported
            ? TryBind(AddressFamilyIPv4, port, largestDatagram, out failedCall, out error)
            : receiver;
    }

    internal static UdpReceiver? TryBind(int family, ushort port, int largestDatagram, out string failedCall, out Errno error)
    {
        failedCall = "socket()";
        int fd = LibcFunctions.socket(family, DatagramNonBlockingCloseOnExec, 0);
        error = fd < 0 ? Errno.Last : Errno.None;
        if (fd < 0)
        {
            return null;
        }

        Descriptor socket = new(fd, owned: true);
        if (TrySetOptions(socket, family, ref failedCall, out error) && TryBind(socket, family, port, ref failedCall, out error))
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
                NameLength = SocketAddressLength,
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
                SourceAddress = ReadAddress(_address),
                SourcePort = BinaryPrimitives.ReadUInt16BigEndian(_address.AsSpan(2)),
                DestinationAddress = ReadDestination(_control.AsSpan(0, (int)message.ControlLength)),
            };
            return true;
        }
    }

    public void Dispose() => Descriptor.Dispose();

    private static bool TrySetOptions(Descriptor socket, int family, ref string failedCall, out Errno error)
    {
        // A burst waits in the socket while a grant is made. The kernel gives as much of it as net.core.rmem_max allows, so what it
        // answers does not matter.
        _ = TrySetOption(socket, LevelSocket, OptionReceiveBuffer, ReceiveBuffer, out _);
        failedCall = "setsockopt()";
        if (!TrySetOption(socket, LevelSocket, OptionSharePort, 1, out error))
        {
            return false;
        }

        return family == AddressFamilyIPv6
            ? TrySetOption(socket, LevelIPv6, OptionIPv6Only, 0, out error) && TrySetOption(socket, LevelIPv6, OptionIPv6ReceivePacketInfo, 1, out error)
            : TrySetOption(socket, LevelIPv4, OptionIPv4PacketInfo, 1, out error);
    }

    private static bool TrySetOption(Descriptor socket, int level, int option, int value, out Errno error)
    {
        bool done = LibcFunctions.setsockopt(socket, level, option, &value, sizeof(int)) == 0;
        error = done ? Errno.None : Errno.Last;
        return done;
    }

    private static bool TryBind(Descriptor socket, int family, ushort port, ref string failedCall, out Errno error)
    {
        // sockaddr_in and sockaddr_in6 begin alike: family, port. All zeroes behind them mean any address.
        failedCall = "bind()";
        byte* address = stackalloc byte[SocketAddressLength];
        new Span<byte>(address, SocketAddressLength).Clear();
        *(ushort*)address = (ushort)family;
        BinaryPrimitives.WriteUInt16BigEndian(new Span<byte>(address + 2, 2), port);
        bool done = LibcFunctions.bind(socket, address, family == AddressFamilyIPv6 ? 28u : 16u) == 0;
        error = done ? Errno.None : Errno.Last;
        return done;
    }

    /// <summary>sockaddr_in: family 2, port 2, address 4. sockaddr_in6: family 2, port 2, flow 4, address 16, scope 4.</summary>
    private static ReadOnlySpan<byte> ReadAddress(ReadOnlySpan<byte> address) =>
        BitConverter.ToUInt16(address) == AddressFamilyIPv6 ? address.Slice(8, 16) : address.Slice(4, 4);

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
