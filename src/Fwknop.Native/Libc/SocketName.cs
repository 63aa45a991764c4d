using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Fwknop.Native.Libc;

/// <summary>struct sockaddr_in (family 2, port 2, address 4) and sockaddr_in6 (family 2, port 2, flow 4, address 16, scope 4).</summary>
internal static class SocketName
{
    internal const int FamilyIPv4 = 2;
    internal const int FamilyIPv6 = 10;
    internal const int MaxLength = 28;

    private const int LengthIPv4 = 16;

    /// <summary>The address family of a socket for an address; without one, IPv6, which takes IPv4 too.</summary>
    internal static int FamilyOf(IPAddress? address) => address?.AddressFamily == AddressFamily.InterNetwork ? FamilyIPv4 : FamilyIPv6;

    /// <summary>Fills the structure and returns its length; without an address, any.</summary>
    internal static uint Write(Span<byte> buffer, int family, IPAddress? address, ushort port)
    {
        buffer.Clear();
        BitConverter.TryWriteBytes(buffer, (ushort)family);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], port);
        address?.TryWriteBytes(buffer[(family == FamilyIPv6 ? 8 : 4)..], out _);
        return (uint)(family == FamilyIPv6 ? MaxLength : LengthIPv4);
    }

    /// <summary>The 4 or 16 bytes of the address.</summary>
    internal static ReadOnlySpan<byte> ReadAddress(ReadOnlySpan<byte> buffer) =>
        BitConverter.ToUInt16(buffer) == FamilyIPv6 ? buffer.Slice(8, 16) : buffer.Slice(4, 4);

    internal static ushort ReadPort(ReadOnlySpan<byte> buffer) => BinaryPrimitives.ReadUInt16BigEndian(buffer[2..]);
}
