using Fwknop.Native.Libc;
using Fwknop.Native.LibPcap;

namespace Fwknop.Listener.Capture;

/// <summary>The packets of a pcap file (server.md 5.1). At its end nothing more comes, and nothing fails: the daemon goes on until a signal.</summary>
internal sealed class FileSource : IPacketSource
{
    private readonly PcapCapture _capture;
    private readonly WakeEvent _hasMore = new();
    private bool _isAtEnd;

    private FileSource(PcapCapture capture)
    {
        _capture = capture;
        _hasMore.Set();
    }

    public Descriptor Descriptor => _hasMore.Descriptor;

    public string Report { get; private set; } = "";

    /// <summary>Reads what was opened by somebody who may, and is the source's from here on. Null with the log line of server.md 5.1 when it is no file of packets.</summary>
    /// <exception cref="PcapUnavailableException">There is no usable libpcap.</exception>
    public static FileSource? TryOpen(Descriptor file, string filter, out string error)
    {
        PcapCapture? capture = PcapCapture.TryOpenFile(file, filter, out error);
        if (capture is null || FrameParser.Supports(capture.LinkType))
        {
            return capture is null ? null : new FileSource(capture);
        }

        error = $"[*] pcap_open_offline() error: frames of link type {capture.LinkType} cannot be read";
        capture.Dispose();
        return null;
    }

    public CaptureOutcome TryNext(out Datagram datagram, out FrameRejection why)
    {
        datagram = default;
        why = FrameRejection.None;
        if (_isAtEnd)
        {
            return CaptureOutcome.Empty;
        }

        switch (_capture.TryNext(out PcapFrame frame))
        {
            case PcapOutcome.Frame:
                return FrameParser.TryParse(_capture.LinkType, frame.Data, frame.OriginalLength, out datagram, out why)
                    ? CaptureOutcome.Datagram
                    : CaptureOutcome.Refused;
            case PcapOutcome.EndOfFile or PcapOutcome.Empty:
                _isAtEnd = true;
                _hasMore.Reset();
                return CaptureOutcome.Empty;
            default:
                Report = _capture.LastError;
                return CaptureOutcome.Failed;
        }
    }

    public void Dispose()
    {
        _hasMore.Dispose();
        _capture.Dispose();
    }
}
