using Fwknop.Native.Libc;

namespace Fwknop.Listener.Capture;

/// <summary>All sources of a listener as one: asked in turn, so that a flood at one does not silence the others, and waited for together.</summary>
internal sealed class CaptureSet : IDisposable
{
    /// <summary>Answers of one source before it is the next one's turn (our choice).</summary>
    private const int Turn = 64;

    private readonly IReadOnlyList<IPacketSource> _sources;
    private readonly WakeEvent _wake;
    private readonly bool[] _mayHaveMore;
    private PollSet _poll;
    private TcpSource? _connections;
    private int _current;
    private int _left = Turn;

    /// <summary>The sources belong to the set from here on; the wake event does not.</summary>
    public CaptureSet(IReadOnlyList<IPacketSource> sources, WakeEvent wake)
    {
        _sources = sources;
        _wake = wake;
        _poll = new PollSet([.. sources.Select(source => source.Descriptor), wake.Descriptor]);
        _mayHaveMore = new bool[sources.Count];
        _mayHaveMore.AsSpan().Fill(true);
    }

    /// <summary>The source that gave the last answer.</summary>
    public IPacketSource Current => _sources[_current];

    /// <summary>Whether an interface is captured; false while all of them are waited for.</summary>
    public bool HasOpenInterface => _sources.OfType<PcapSource>().Any(source => source.IsOpen);

    /// <summary>Whether there are connections left, after <see cref="TryKeepConnections"/>.</summary>
    public bool HasConnections => _connections is { HasConnections: true };

    /// <summary>From here on nothing is read but the connections that the TCP server has; new ones are not accepted.</summary>
    /// <returns>False when there is no TCP server.</returns>
    public bool TryKeepConnections()
    {
        _connections = _sources.OfType<TcpSource>().FirstOrDefault();
        if (_connections is null)
        {
            return false;
        }

        _connections.StopAccepting();
        _current = _sources.TakeWhile(source => source != _connections).Count();
        _poll.Dispose();
        _poll = new PollSet(_connections.Descriptor, _wake.Descriptor);
        return true;
    }

    /// <summary>The answer of the first source that has one; empty when none has.</summary>
    public CaptureOutcome TryNext(out Datagram datagram, out FrameRejection why)
    {
        if (_connections is not null)
        {
            CaptureOutcome outcome = _connections.TryNext(out datagram, out why);
            datagram = datagram with { Point = (byte)_current };
            return outcome;
        }

        if (_left == 0)
        {
            _poll.Wait(TimeSpan.Zero);
            TakeReady();
            Advance();
        }

        for (int asked = 0; asked < _sources.Count; asked++)
        {
            if (_mayHaveMore[_current])
            {
                CaptureOutcome outcome = Current.TryNext(out datagram, out why);
                if (outcome != CaptureOutcome.Empty)
                {
                    _left--;
                    datagram = datagram with { Point = (byte)_current };
                    return outcome;
                }

                _mayHaveMore[_current] = false;
            }

            Advance();
        }

        datagram = default;
        why = FrameRejection.None;
        return CaptureOutcome.Empty;
    }

    /// <summary>Sleeps until a source may have something or the wake event is set; for ever, if need be.</summary>
    public void Wait()
    {
        _poll.Wait(Timeout.InfiniteTimeSpan);
        TakeReady();
    }

    /// <summary>The same, after <see cref="TryKeepConnections"/>, for a time.</summary>
    public void Wait(TimeSpan timeout) => _poll.Wait(timeout);

    public void Dispose()
    {
        _poll.Dispose();
        foreach (IPacketSource source in _sources)
        {
            source.Dispose();
        }
    }

    private void Advance()
    {
        _current = (_current + 1) % _sources.Count;
        _left = Turn;
    }

    private void TakeReady()
    {
        for (int i = 0; i < _mayHaveMore.Length; i++)
        {
            _mayHaveMore[i] |= _poll.IsReady(i);
        }
    }
}
