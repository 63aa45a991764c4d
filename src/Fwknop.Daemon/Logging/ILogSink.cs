using Fwknop.Grants;

namespace Fwknop.Daemon.Logging;

/// <summary>Where log lines go. Used by one thread at a time; a line that cannot be written is lost, and nothing else happens.</summary>
internal interface ILogSink : IDisposable
{
    /// <summary>Writes one line.</summary>
    /// <param name="level">Its severity.</param>
    /// <param name="line">One line without its end.</param>
    /// <param name="about">What it is about, or null.</param>
    void Write(LogLevel level, string line, LogEvent? about = null);
}
