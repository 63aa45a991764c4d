namespace Fwknop.Daemon.Enforcement;

/// <summary>After how long what failed is tried again: 1, 2, 4 … 30 s (our choice).</summary>
internal sealed class RetryDelay
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private TimeSpan _next = First;

    /// <summary>The time to wait now; the next one is twice as long.</summary>
    public TimeSpan Take()
    {
        TimeSpan delay = _next;
        _next = delay * 2 < Longest ? delay * 2 : Longest;
        return delay;
    }

    /// <summary>It worked.</summary>
    public void Reset() => _next = First;
}
