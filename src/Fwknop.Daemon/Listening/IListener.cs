namespace Fwknop.Daemon.Listening;

/// <summary>The process that reads packets, as the daemon's loop sees it. Disposing ends it, by force if need be.</summary>
internal interface IListener : IDisposable
{
    /// <summary>Another one captures. Lets it end by itself, without waiting: its last messages and then its end arrive as events.</summary>
    void TellToFinish();
}
