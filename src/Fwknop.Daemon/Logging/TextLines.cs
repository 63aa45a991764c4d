using Fwknop.Grants;

namespace Fwknop.Daemon.Logging;

/// <summary>LOG_FORMAT text: the lines of the reference (server.md 10).</summary>
internal sealed class TextLines : ILineFormat
{
    public static TextLines Instance { get; } = new();

    private TextLines()
    {
    }

    public string Format(LogLevel level, string text, LogEvent? about) => text;
}
