namespace Fwknop.Native.Libc;

/// <summary>
/// A datagram as the kernel handed it over; <see cref="Payload"/> is valid until the next receive. Addresses are 16 bytes in network order as a number,
/// IPv4 as ::ffff:a.b.c.d. The destination is 0 when the kernel did not tell it.
/// </summary>
public readonly ref struct UdpDatagram
{
    public ReadOnlySpan<byte> Payload { get; internal init; }

    /// <summary>The datagram was longer than the buffer; <see cref="Payload"/> is only its beginning.</summary>
    public bool IsTruncated { get; internal init; }

    public UInt128 SourceAddress { get; internal init; }

    public UInt128 DestinationAddress { get; internal init; }

    public ushort SourcePort { get; internal init; }
}
