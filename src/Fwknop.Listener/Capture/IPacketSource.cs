namespace Fwknop.Listener.Capture;

/// <summary>Where packets come from. For one thread: ask until it is empty, then wait.</summary>
internal interface IPacketSource : IDisposable
{
    /// <summary>Never blocks. <paramref name="datagram"/> is valid until the next call; <paramref name="why"/> says why a frame was refused.</summary>
    CaptureOutcome TryNext(out Datagram datagram, out FrameRejection why);

    /// <summary>Sleeps until a packet comes, the wake event is set, or the time is over (<see cref="Timeout.InfiniteTimeSpan"/>: never).</summary>
    WaitOutcome Wait(TimeSpan timeout);

    /// <summary>The library's or system's text, after <see cref="CaptureOutcome.InterfaceDown"/> and <see cref="CaptureOutcome.Failed"/>.</summary>
    string Failure { get; }
}
