using Fwknop.Native.Libc;
using Fwknop.Native.LibPcap;

namespace Fwknop.Listener.Capture;

/// <summary>
/// Packets as libpcap sees them on one interface (server.md 5.1). An interface that is not there yet, or not any more, is waited for: the kernel says
/// when one has changed, nothing is polled.
/// </summary>
internal sealed class PcapSource : IPacketSource
{
    /// <summary>
    /// Kept of a frame on top of MAX_SNIFF_BYTES, which is about the packet's own data: link, VLAN, IP and transport headers with options. With the
    /// reference, a snap length of 1500 loses packets that fill an Ethernet frame.
    /// </summary>
    public const int HeaderRoom = 256;

    /// <summary>libpcap's name for all interfaces, which is none that could go down.</summary>
    public const string AllInterfaces = "any";

    private const int CaptureTag = 0;
    private const int LinkTag = 1;
    private const string Down = "The interface went down";
    private const string Absent = "The interface disappeared";

    private readonly PcapOptions _options;
    private readonly LinkMonitor? _link;
    private readonly ReadySet _ready = new();
    private PcapCapture? _capture;
    private bool _isFollowed;
    private bool _linkMayHaveChanged = true;

    private PcapSource(PcapOptions options, LinkMonitor? link)
    {
        _options = options with { SnapLength = options.SnapLength + HeaderRoom };
        _link = link;
        if (link is not null)
        {
            _ready.Add(link.Descriptor, LinkTag);
        }
    }

    /// <summary>The interface.</summary>
    public string Name => _options.Interface;

    /// <summary>False while the interface is waited for.</summary>
    public bool IsOpen => _capture is not null;

    public Descriptor Descriptor => _ready.Descriptor;

    public string Report { get; private set; } = "";

    /// <summary>
    /// Starts capturing: packets that come after the return are seen. Where the interface is not up or does not exist and <paramref name="waits"/> is set, the
    /// source is there but not open, and <paramref name="opening"/> has the error nevertheless. Null when there is an error that waiting does not mend.
    /// </summary>
    /// <exception cref="PcapUnavailableException">There is no usable libpcap.</exception>
    public static PcapSource? TryOpen(PcapOptions options, bool waits, out PcapOpening opening)
    {
        // Before the capture, so that no change between the two is missed.
        Errno linkError = Errno.None;
        LinkMonitor? link = options.Interface == AllInterfaces ? null : LinkMonitor.TryOpen(out linkError);
        PcapSource source = new(options, link);
        opening = source.Open();
        if (source.IsOpen || (waits && link is not null && opening.MayComeLater))
        {
            bool isWatched = link is not null || options.Interface == AllInterfaces;
            opening = isWatched || opening.Warning is not null
                ? opening
                : opening with { Warning = $"{options.Interface} cannot be watched: {linkError.Text}" };
            return source;
        }

        source.Dispose();
        return null;
    }

    public CaptureOutcome TryNext(out Datagram datagram, out FrameRejection why)
    {
        datagram = default;
        why = FrameRejection.None;
        if (_capture is null)
        {
            return TakeUp();
        }

        switch (_capture.TryNext(out PcapFrame frame))
        {
            case PcapOutcome.Frame:
                return FrameParser.TryParse(_capture.LinkType, frame.Data, frame.OriginalLength, out datagram, out why)
                    ? CaptureOutcome.Datagram
                    : CaptureOutcome.Refused;
            case PcapOutcome.Empty:
                return HasLinkChanged() && ReadLink() is not LinkState.Up and var state
                    ? Lose(state == LinkState.Down ? Down : Absent)
                    : CaptureOutcome.Empty;
            default:
                string error = _capture.LastError;
                if (_isFollowed && ReadLink() != LinkState.Up)
                {
                    return Lose(error);
                }

                Report = error;
                return CaptureOutcome.Failed;
        }
    }

    public void Dispose()
    {
        Close();
        _ready.Dispose();
        _link?.Dispose();
    }

    private PcapOpening Open()
    {
        // Before the capture: if the name changes its owner in between, what is followed is gone, and that is noticed.
        _isFollowed = _link?.TryFollow(Name) == true;
        _capture = PcapCapture.TryOpen(_options, out PcapOpening opening);
        if (_capture is not null && !FrameParser.Supports(_capture.LinkType))
        {
            opening = new PcapOpening
            {
                Error = $"[*] pcap_open_live() error: {Name}: frames of link type {_capture.LinkType} cannot be read",
            };
            _capture.Dispose();
            _capture = null;
        }

        if (_capture is not null)
        {
            _ready.Add(_capture.Descriptor, CaptureTag);
            _linkMayHaveChanged = true;
        }

        return opening;
    }

    private void Close()
    {
        if (_capture is not null)
        {
            _ready.Remove(_capture.Descriptor);
            _capture.Dispose();
            _capture = null;
        }
    }

    private CaptureOutcome Lose(string reason)
    {
        Close();
        Report = reason;
        _linkMayHaveChanged = true;
        return CaptureOutcome.InterfaceLost;
    }

    private CaptureOutcome TakeUp()
    {
        if (!HasLinkChanged())
        {
            return CaptureOutcome.Empty;
        }

        // The reports first: what changes while the interface is opened makes the source ready again.
        ReadLink();
        PcapOpening opening = Open();
        Report = IsOpen ? Name : opening.Error;
        return IsOpen ? CaptureOutcome.InterfaceUp
            : opening.MayComeLater || ReadLink() != LinkState.Up ? CaptureOutcome.Empty
            : CaptureOutcome.Failed;
    }

    private bool HasLinkChanged()
    {
        if (!_linkMayHaveChanged)
        {
            foreach (int tag in _ready.Take())
            {
                _linkMayHaveChanged |= tag == LinkTag;
            }
        }

        return _linkMayHaveChanged && _link is not null;
    }

    /// <summary>The state of the interface now; up where nothing can be said about it, as with the library's devices that are no interfaces.</summary>
    private LinkState ReadLink()
    {
        _linkMayHaveChanged = false;
        LinkState state = _link!.Read();
        return _isFollowed ? state : LinkState.Up;
    }
}
