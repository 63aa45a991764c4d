using Fwknop.Native.Libc;
using Fwknop.Native.LibPcap;

namespace Fwknop.Listener.Capture;

/// <summary>Packets as libpcap sees them on one interface (server.md 5.1).</summary>
internal sealed class PcapSource : IPacketSource
{
    /// <summary>
    /// Kept of a frame on top of MAX_SNIFF_BYTES, which is about the packet's own data: link, VLAN, IP and transport headers with options. With the
    /// reference, a snap length of 1500 loses packets that fill an Ethernet frame.
    /// </summary>
    private const int HeaderRoom = 256;

    private const int LinkIndex = 1;

    private readonly PcapCapture _capture;
    private readonly LinkMonitor? _link;
    private readonly PollSet _poll;
    private LinkState _linkState = LinkState.Up;
    private bool _linkChanged;

    private PcapSource(PcapCapture capture, LinkMonitor? link, WakeEvent wake)
    {
        _capture = capture;
        _link = link;
        _linkChanged = link is not null;
        _poll = link is null
            ? new PollSet(capture.Descriptor, wake.Descriptor)
            : new PollSet(capture.Descriptor, link.Descriptor, wake.Descriptor);
    }

    public string Failure { get; private set; } = "";

    /// <summary>
    /// Starts capturing: packets that come after the return are seen. Null with the log line of server.md 5.1 when it cannot be.
    /// <paramref name="warning"/> is for the verbose log.
    /// </summary>
    /// <exception cref="PcapUnavailableException">There is no usable libpcap.</exception>
    public static PcapSource? TryOpen(PcapOptions options, WakeEvent wake, out string error, out string? warning)
    {
        // Before the capture, so that no change between the two is missed. "any" and the library's special devices are no interfaces.
        LinkMonitor? link = LinkMonitor.TryOpen(options.Interface, out Errno linkError);
        PcapCapture? capture = PcapCapture.TryOpen(options with { SnapLength = options.SnapLength + HeaderRoom }, out error, out warning);
        if (capture is not null && FrameParser.Supports(capture.LinkType))
        {
            warning ??= link is null && !linkError.IsNoSuchDevice ? $"{options.Interface} cannot be watched: {linkError.Text}" : null;
            return new PcapSource(capture, link, wake);
        }

        if (capture is not null)
        {
            error = $"[*] pcap_open_live() error: {options.Interface}: frames of link type {capture.LinkType} cannot be read";
            capture.Dispose();
        }

        link?.Dispose();
        return null;
    }

    public CaptureOutcome TryNext(out Datagram datagram, out FrameRejection why)
    {
        datagram = default;
        why = FrameRejection.None;
        if (_linkChanged && ReadLink() is var change and not CaptureOutcome.Empty)
        {
            return change;
        }

        switch (_capture.TryNext(out PcapFrame frame))
        {
            case PcapOutcome.Frame:
                return FrameParser.TryParse(_capture.LinkType, frame.Data, frame.OriginalLength, out datagram, out why)
                    ? CaptureOutcome.Datagram
                    : CaptureOutcome.Refused;
            case PcapOutcome.Empty:
                return CaptureOutcome.Empty;
            default:
                Failure = _capture.LastError;
                return CaptureOutcome.Failed;
        }
    }

    public WaitOutcome Wait(TimeSpan timeout)
    {
        if (!_poll.Wait(timeout))
        {
            return WaitOutcome.TimedOut;
        }

        int wakeIndex = _link is null ? LinkIndex : LinkIndex + 1;
        _linkChanged |= _link is not null && _poll.IsReady(LinkIndex);
        return _poll.IsReady(wakeIndex) ? WaitOutcome.Woken : WaitOutcome.Ready;
    }

    public void Dispose()
    {
        _poll.Dispose();
        _link?.Dispose();
        _capture.Dispose();
    }

    private CaptureOutcome ReadLink()
    {
        LinkState before = _linkState;
        _linkState = _link!.Read();
        _linkChanged = _linkState == LinkState.Absent;
        Failure = _linkState switch
        {
            LinkState.Absent => "The interface disappeared",
            LinkState.Down => "The interface went down",
            _ => "",
        };
        return (before, _linkState) switch
        {
            (_, LinkState.Absent) => CaptureOutcome.Failed,
            (LinkState.Up, LinkState.Down) => CaptureOutcome.InterfaceDown,
            (LinkState.Down, LinkState.Up) => CaptureOutcome.InterfaceUp,
            _ => CaptureOutcome.Empty,
        };
    }
}
