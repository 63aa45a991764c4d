using Fwknop.Daemon.Listening;

namespace Fwknop.Daemon.Tests.Lifecycle;

/// <summary>Notes what it is told.</summary>
/// <param name="own">Something that goes with it.</param>
/// <param name="whenTold">Done when it is told to end.</param>
internal sealed class FakeListener(IDisposable? own = null, Action? whenTold = null) : IListener
{
    public int Told { get; private set; }

    public bool IsDisposed { get; private set; }

    public void TellToFinish()
    {
        Told++;
        whenTold?.Invoke();
    }

    public void Dispose()
    {
        IsDisposed = true;
        own?.Dispose();
    }
}
