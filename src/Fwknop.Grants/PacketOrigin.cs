namespace Fwknop.Grants;

/// <summary>Where a packet came from and went to, as its headers say.</summary>
/// <param name="Protocol">IP protocol number: 17 UDP, 6 TCP, 1 ICMP.</param>
/// <param name="Source">Its source.</param>
/// <param name="SourcePort">0 for ICMP.</param>
/// <param name="Destination">Its destination.</param>
/// <param name="DestinationPort">0 for ICMP.</param>
public readonly record struct PacketOrigin(
    byte Protocol, PackedAddress Source, ushort SourcePort, PackedAddress Destination, ushort DestinationPort);
