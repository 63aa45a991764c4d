namespace Fwknop.Native.Libc;

/// <summary>
/// A datagram as the kernel handed it over, valid until the next receive. Addresses are 4 or 16 bytes in network order; an IPv6 socket
/// has IPv4 as ::ffff:a.b.c.d. The destination is empty when the kernel did not tell it.
/// </summary>
public readonly ref struct UdpDatagram
{
    public ReadOnlySpan<byte> Payload { get; internal init; }

    /// <summary>The datagram was longer than the buffer; <see cref="Payload"/> is only its beginning.</summary>
    public bool IsTruncated { get; internal init; }

    public ReadOnlySpan<byte> SourceAddress { get; internal init; }

    public ReadOnlySpan<byte> DestinationAddress { get; internal init; }

    public ushort SourcePort { get; internal init; }
}
