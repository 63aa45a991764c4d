using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Listener.Capture;

/// <summary>Packets that arrive at a UDP socket (server.md 5.3): no library, no capability.</summary>
internal sealed class UdpSource : IPacketSource
{
    private readonly UdpReceiver _receiver;
    private readonly ushort _port;

    /// <summary>The receiver, bound to the port, belongs to the source from here on.</summary>
    public UdpSource(UdpReceiver receiver, ushort port)
    {
        _receiver = receiver;
        _port = port;
    }

    public Descriptor Descriptor => _receiver.Descriptor;

    public string Report { get; private set; } = "";

    public CaptureOutcome TryNext(out Datagram datagram, out FrameRejection why)
    {
        datagram = default;
        why = FrameRejection.None;
        if (!_receiver.TryReceive(out UdpDatagram received, out Errno error))
        {
            Report = error == Errno.None ? "" : $"run_udp_server: recvfrom() failed: {error.Text}";
            return error == Errno.None ? CaptureOutcome.Empty : CaptureOutcome.Failed;
        }

        if (received.IsTruncated)
        {
            why = FrameRejection.DatagramLength;
            return CaptureOutcome.Refused;
        }

        datagram = new Datagram
        {
            Payload = received.Payload,
            SourceBits = PackedAddress.Read(received.SourceAddress),
            DestinationBits = received.DestinationAddress.IsEmpty ? default : PackedAddress.Read(received.DestinationAddress),
            SourcePort = received.SourcePort,
            DestinationPort = _port,
            Protocol = IpProtocol.Udp,
            Reception = Reception.UdpServer,
        };
        return CaptureOutcome.Datagram;
    }

    public void Dispose() => _receiver.Dispose();
}
