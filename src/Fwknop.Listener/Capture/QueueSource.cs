using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Listener.Capture;

/// <summary>
/// Packets that firewall rules put into a queue (server.md 5.5). Each one waits in the kernel for a verdict, which is the daemon's to give: this process has
/// not the right to.
/// </summary>
internal sealed class QueueSource(QueueSocket queue) : IPacketSource
{
    private uint _id;

    public Descriptor Descriptor => queue.Descriptor;

    public string Report { get; private set; } = "";

    /// <summary>After each answer but empty: what becomes of the packet. Only one that is authentic has reached whom it was for, and ends here.</summary>
    public ListenerMessage.Verdict MakeVerdict(bool isAuthentic) => new(_id, Passes: !isAuthentic);

    public CaptureOutcome TryNext(out Datagram datagram, out FrameRejection why)
    {
        datagram = default;
        why = FrameRejection.None;
        if (!queue.TryReceive(out QueuedPacket packet, out Errno error))
        {
            Report = error.Code == 0 ? "" : $"NFQUEUE: {error.Text}";
            return error == Errno.None ? CaptureOutcome.Empty : CaptureOutcome.Failed;
        }

        _id = packet.Id;
        return FrameParser.TryParse(FrameParser.RawLink, packet.Data, packet.Data.Length, out datagram, out why)
            ? CaptureOutcome.Datagram
            : CaptureOutcome.Refused;
    }

    public void Dispose() => queue.Dispose();
}
