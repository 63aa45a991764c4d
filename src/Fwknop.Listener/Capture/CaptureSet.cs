using Fwknop.Native.Libc;

namespace Fwknop.Listener.Capture;

/// <summary>All sources of a listener as one: asked in turn, so that a flood at one does not silence the others, and waited for together.</summary>
internal sealed class CaptureSet : IDisposable
{
    /// <summary>Answers of one source before it is the next one's turn (our choice).</summary>
    private const int Turn = 64;

    private readonly IReadOnlyList<IPacketSource> _sources;
    private readonly PollSet _poll;
    private readonly bool[] _mayHaveMore;
    private int _current;
    private int _left = Turn;

    /// <summary>The sources belong to the set from here on; the wake event does not.</summary>
    public CaptureSet(IReadOnlyList<IPacketSource> sources, WakeEvent wake)
    {
        _sources = sources;
        _poll = new PollSet([.. sources.Select(source => source.Descriptor), wake.Descriptor]);
        _mayHaveMore = new bool[sources.Count];
        _mayHaveMore.AsSpan().Fill(true);
    }

    /// <summary>The source that gave the last answer.</summary>
    public IPacketSource Current => _sources[_current];

    /// <summary>Whether an interface is captured; false while all of them are waited for.</summary>
    public bool HasOpenInterface => _sources.OfType<PcapSource>().Any(source => source.IsOpen);

    /// <summary>The answer of the first source that has one; empty when none has.</summary>
    public CaptureOutcome TryNext(out Datagram datagram, out FrameRejection why)
    {
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
