namespace Fwknop.Daemon.Lifecycle;

/// <summary>What was opened so far, let go of in reverse order unless all steps succeed.</summary>
internal sealed class Unwinding : IDisposable
{
    private readonly Stack<IDisposable> _opened = [];

    /// <summary>Adds one; nothing for null.</summary>
    public T Add<T>(T opened)
        where T : IDisposable?
    {
        if (opened is not null)
        {
            _opened.Push(opened);
        }

        return opened;
    }

    /// <summary>All has succeeded: what was opened belongs to somebody else.</summary>
    public void Keep() => _opened.Clear();

    public void Dispose()
    {
        while (_opened.TryPop(out IDisposable? opened))
        {
            opened.Dispose();
        }
    }
}
