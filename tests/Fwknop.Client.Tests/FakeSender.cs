namespace Fwknop.Client.Tests;

internal sealed class FakeSender : IPacketSender
{
    public List<(PacketRoute Route, byte[] Packet)> Sent { get; } = [];

    public string? Problem { get; set; }

    public byte[] Packet => Assert.Single(Sent).Packet;

    public string? Send(PacketRoute route, ReadOnlySpan<byte> packet)
    {
        if (Problem is null)
        {
            Sent.Add((route, packet.ToArray()));
        }

        return Problem;
    }
}
