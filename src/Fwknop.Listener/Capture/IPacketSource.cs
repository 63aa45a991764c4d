using Fwknop.Native.Libc;

namespace Fwknop.Listener.Capture;

/// <summary>Where packets come from. For one thread: ask until it is empty, then wait for its descriptor.</summary>
internal interface IPacketSource : IDisposable
{
    /// <summary>Can be read when there may be something to ask for. Belongs to the source, which keeps it as long as it lives.</summary>
    Descriptor Descriptor { get; }

    /// <summary>
    /// After <see cref="CaptureOutcome.InterfaceUp"/>: the interface. After <see cref="CaptureOutcome.InterfaceLost"/> and
    /// <see cref="CaptureOutcome.Failed"/>: the library's or system's text.
    /// </summary>
    string Report { get; }

    /// <summary>Never blocks. <paramref name="datagram"/> is valid until the next call; <paramref name="why"/> says why a frame was refused.</summary>
    CaptureOutcome TryNext(out Datagram datagram, out FrameRejection why);
}
