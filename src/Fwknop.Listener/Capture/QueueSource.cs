using Fwknop.Native.Libc;

namespace Fwknop.Listener.Capture;

/// <summary>
/// Packets that firewall rules put into a queue (server.md 5.5). Each one waits in the kernel for a verdict, which is the daemon's to give: this process has
/// not the right to.
/// </summary>
internal sealed class QueueSource(QueueSocket queue) : IPacketSource
{
    public Descriptor Descriptor => queue.Descriptor;

    public string Report { get; private set; } = "";

    /// <summary>How the kernel calls the packet of the last answer but empty, for which it waits to be told what becomes of it.</summary>
    public uint Id { get; private set; }

    public CaptureOutcome TryNext(out Datagram datagram, out FrameRejection why)
    {
        datagram = default;
        why = FrameRejection.None;
        if (!queue.TryReceive(out QueuedPacket packet, out Errno error))
        {
            Report = error.Code == 0 ? "" : $"NFQUEUE: {error.Text}";
            return error == Errno.None ? CaptureOutcome.Empty : CaptureOutcome.Failed;
        }

        Id = packet.Id;
        return FrameParser.TryParse(FrameParser.RawLink, packet.Data, packet.Data.Length, out datagram, out why)
            ? CaptureOutcome.Datagram
            : CaptureOutcome.Refused;
    }

    public void Dispose() => queue.Dispose();
}
