using Fwknop.Grants;

namespace Fwknop.Daemon.Logging;

/// <summary>How a log line is written, wherever it goes (LOG_FORMAT).</summary>
internal interface ILineFormat
{
    /// <summary>One line without its end.</summary>
    /// <param name="level">Its severity.</param>
    /// <param name="text">One line.</param>
    /// <param name="about">What it is about, or null.</param>
    string Format(LogLevel level, string text, LogEvent? about);
}
