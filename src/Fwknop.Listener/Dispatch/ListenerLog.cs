using Fwknop.Grants;

namespace Fwknop.Listener.Dispatch;

/// <summary>The listener's log: lines to standard error, which the daemon reads and passes on.</summary>
internal sealed class ListenerLog(TextWriter output, int verbosity)
{
    private readonly Lock _writing = new();

    /// <summary>True when lines of the level are shown.</summary>
    public bool Shows(LogLevel level) => LogLine.IsShown(level, verbosity);

    /// <summary>True with three <c>-v</c> and more, for what is in packets byte by byte (server.md 1.2).</summary>
    public bool ShowsPayloads => verbosity >= 3;

    /// <summary>Writes a line; nothing for a text that is null.</summary>
    public void Write(LogLevel level, string? text, LogEvent? about = null)
    {
        if (text is null || !Shows(level))
        {
            return;
        }

        string line = new LogLine(level, text, about).ToString();
        lock (_writing)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }
}
