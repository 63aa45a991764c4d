using Fwknop.Native.Libc;

namespace Fwknop.Listener;

/// <summary>
/// Notices what comes by standard input after the setup: a byte when another listener has taken over and this one is to finish; and the end, for the
/// daemon holds it open as long as it lives. A kill -9 of the daemon closes it, too: the listener never outlives the process it works for.
/// </summary>
internal sealed class DaemonWatch
{
    private readonly Stream _input;
    private readonly WakeEvent _wake;
    private volatile bool _isSucceeded;
    private volatile bool _isGone;

    public DaemonWatch(Stream input, WakeEvent wake)
    {
        _input = input;
        _wake = wake;
        new Thread(Watch) { IsBackground = true, Name = "daemon watch" }.Start();
    }

    /// <summary>True when the daemon is gone or wants the listener to end.</summary>
    public bool IsGone => _isGone;

    /// <summary>True when another listener captures, and this one has to finish what it has begun.</summary>
    public bool IsSucceeded => _isSucceeded;

    private void Watch()
    {
        Span<byte> nothing = stackalloc byte[1];
        try
        {
            if (_input.Read(nothing) > 0)
            {
                _isSucceeded = true;
                _wake.Set();
                _ = _input.Read(nothing);
            }
        }
        catch (IOException)
        {
            // As good as an end.
        }

        _isGone = true;
        _wake.Set();
    }
}
