using Fwknop.Native.Libc;

namespace Fwknop.Listener;

/// <summary>
/// Notices the end of standard input, which the daemon holds open as long as it lives. A kill -9 of the daemon closes it, too: the
/// listener never outlives the process it works for.
/// </summary>
internal sealed class DaemonWatch
{
    private readonly Stream _input;
    private readonly WakeEvent _wake;
    private volatile bool _isGone;

    public DaemonWatch(Stream input, WakeEvent wake)
    {
        _input = input;
        _wake = wake;
        new Thread(Watch) { IsBackground = true, Name = "daemon watch" }.Start();
    }

    /// <summary>True when the daemon is gone or wants the listener to end.</summary>
    public bool IsGone => _isGone;

    private void Watch()
    {
        Span<byte> nothing = stackalloc byte[1];
        try
        {
            // Nothing is sent after the setup: whatever comes means the end.
            _ = _input.Read(nothing);
        }
        catch (IOException)
        {
            // As good as an end.
        }

        _isGone = true;
        _wake.Set();
    }
}
