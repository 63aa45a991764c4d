using System.Net;
using Fwknop.Grants;
using Fwknop.Protocol;

namespace Fwknop.Fuzz.Targets;

/// <summary>Input: one frame of a listener that has been taken over. What is read has exactly these bytes and no others.</summary>
internal static class MessageTarget
{
    public static IReadOnlyList<byte[]> Corpus()
    {
        SeenPacket packet = new(
            new ReplayDigest(new byte[ReplayDigest.Size]),
            new PacketOrigin(17, PackedAddress.From(FrameBuilder.Source4), 1, PackedAddress.From(FrameBuilder.Destination4), 2),
            1_800_000_000);
        GrantRequest request = new(1, packet, IPAddress.Parse("2001:db8::1"), [PortSpec.Tcp(22), PortSpec.Udp(53)], 30, "alice");
        return
        [
            Frame(new ListenerMessage.Ready()),
            Frame(new ListenerMessage.LimitReached()),
            Frame(new ListenerMessage.QueueVerdict(0xFFFFFFFE, Passes: true)),
            Frame(new ListenerMessage.Spent(packet)),
            Frame(new ListenerMessage.Granted(request)),
            Frame(new ListenerMessage.Granted(request with { Ports = [.. Enumerable.Range(1, GrantRequest.MaxPorts).Select(PortSpec.Tcp)] })),
        ];
    }

    public static void Check(byte[] input)
    {
        // Inserting and removing change the size, which alone is refused: bring most inputs back to it.
        byte[] frame = input.Length % 8 == 0 ? input : [.. input.Concat(new byte[GrantFrame.Size]).Take(GrantFrame.Size)];
        bool read = GrantFrame.TryRead(frame, out ListenerMessage? message);
        Promise.Require(read == message is not null, "the message contradicts the result");
        Promise.Require(!read || Frame(message!).AsSpan().SequenceEqual(frame), "a message has two encodings");
    }

    private static byte[] Frame(ListenerMessage message)
    {
        byte[] frame = new byte[GrantFrame.Size];
        GrantFrame.Write(message, frame);
        return frame;
    }
}
