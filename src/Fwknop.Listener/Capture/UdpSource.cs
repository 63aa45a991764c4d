using System.Net;
using Fwknop.Grants;
using Fwknop.Native.Libc;
using Fwknop.Protocol;

namespace Fwknop.Listener.Capture;

/// <summary>Packets that arrive at a UDP socket (server.md 5.3): no library, no capability.</summary>
internal sealed class UdpSource : IPacketSource
{
    private readonly UdpReceiver _receiver;
    private readonly ushort _port;

    private UdpSource(UdpReceiver receiver, ushort port)
    {
        _receiver = receiver;
        _port = port;
    }

    public Descriptor Descriptor => _receiver.Descriptor;

    public string Report { get; private set; } = "";

    /// <summary>Null with the log line of server.md 5.3 when the port cannot be had.</summary>
    public static UdpSource? TryOpen(IPAddress? address, ushort port, out string error)
    {
        UdpReceiver? receiver = UdpReceiver.TryBind(address, port, Limits.MaxDatagram, out string failedCall, out Errno errno);
        error = receiver is null ? $"run_udp_server: {failedCall} failed: {errno.Text}" : "";
        return receiver is null ? null : new UdpSource(receiver, port);
    }

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
