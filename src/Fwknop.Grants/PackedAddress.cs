using System.Buffers.Binary;
using System.Net;

namespace Fwknop.Grants;

/// <summary>
/// An IPv4 or IPv6 address as 16 bytes, made without allocating: what comes from the network is compared and counted before anything about it is known.
/// IPv4 is ::ffff:a.b.c.d here; capture refuses such an address in an IPv6 packet, so the two cannot be confused.
/// </summary>
public readonly record struct PackedAddress(UInt128 Bits)
{
    private static readonly UInt128 MappedPrefix = new(0, 0xFFFF_0000_0000UL);

    /// <summary>True for an IPv4 address.</summary>
    public bool IsIPv4 => Bits >> 32 == MappedPrefix >> 32;

    /// <summary>From 4 or 16 bytes in network order.</summary>
    public static PackedAddress Read(ReadOnlySpan<byte> bytes) => bytes.Length == 4
        ? new(MappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(bytes))
        : new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    /// <summary>The same address, packed.</summary>
    public static PackedAddress From(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int length);
        return Read(bytes[..length]);
    }

    /// <summary>Allocates; IPv4 as IPv4.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Bits);
        return new IPAddress(IsIPv4 ? bytes[12..] : bytes);
    }

    /// <inheritdoc/>
    public override string ToString() => ToIPAddress().ToString();
}
