using Fwknop.Daemon.Logging;
using Fwknop.Grants;

namespace Fwknop.Daemon.Tests.Catalogue;

/// <summary>Keeps the lines, each with its level in front as syslog numbers it, <c>&lt;4&gt;text</c>, and the events.</summary>
internal sealed class LeveledLines : ILogSink
{
    private readonly List<string> _lines = [];
    private readonly List<string?> _events = [];

    public IReadOnlyList<string> Lines => _lines;

    /// <summary>The name of each line's event, null for one without.</summary>
    public IReadOnlyList<string?> Events => _events;

    public void Write(LogLevel level, string line, LogEvent? about = null)
    {
        _lines.Add($"<{(int)level}>{line}");
        _events.Add(about?.Kind.Name);
    }

    public void Dispose()
    {
        // Nothing is held.
    }
}
