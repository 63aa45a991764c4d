namespace Fwknop.Client;

/// <summary>Hands a packet to the network.</summary>
internal interface IPacketSender
{
    /// <returns>Null when the operating system took the packet, else the reason why not.</returns>
    string? Send(PacketRoute route, ReadOnlySpan<byte> packet);
}
