namespace Fwknop.Daemon.Listening;

/// <summary>
/// How long to wait before a process that has ended is started again (our choice): 1 s, then twice as long each time up to 60 s. One that has worked for as long
/// as the longest pause begins at 1 s again.
/// </summary>
internal sealed class RestartPause
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private TimeSpan _next = First;

    /// <summary>The pause after an end.</summary>
    /// <param name="worked">From the start to the end.</param>
    public TimeSpan After(TimeSpan worked)
    {
        TimeSpan pause = worked >= Longest ? First : _next;
        _next = 2 * pause < Longest ? 2 * pause : Longest;
        return pause;
    }
}
