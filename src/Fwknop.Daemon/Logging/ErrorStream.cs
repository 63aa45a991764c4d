using System.Globalization;
using Fwknop.Grants;
using Fwknop.Native.FileSystem;

namespace Fwknop.Daemon.Logging;

/// <summary>Standard error. When it is the journal, the level goes in front of each line as <c>&lt;6&gt;</c>, which the journal takes off.</summary>
/// <param name="output">The stream.</param>
/// <param name="showsLevel">True when it is the journal.</param>
/// <param name="last">Lines of less weight are left out.</param>
/// <param name="format">How lines are written; null: as text.</param>
internal sealed class ErrorStream(TextWriter output, bool showsLevel = false, LogLevel last = LogLevel.Debug, ILineFormat? format = null) : ILogSink
{
    /// <summary>True when standard error is what the service manager says the journal reads.</summary>
    /// <param name="variable">JOURNAL_STREAM: device and inode, <c>8:1234</c>.</param>
    public static bool IsJournal(string? variable)
    {
        string[] numbers = variable?.Split(':') ?? [];
        return numbers.Length == 2
            && ulong.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out ulong device)
            && ulong.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong inode)
            && FileOwnership.TryGet("/proc/self/fd/2", out FileOwnership file, out _)
            && (file.Device, file.Identity.Inode) == (device, inode);
    }

    public void Write(LogLevel level, string line, LogEvent? about = null)
    {
        if (level > last)
        {
            return;
        }

        try
        {
            string written = (format ?? TextLines.Instance).Format(level, line, about);
            output.Write(showsLevel ? $"<{(int)level}>{written}\n" : $"{written}\n");
            output.Flush();
        }
        catch (IOException)
        {
            // Whoever read the log is gone. The door must go on working.
        }
    }

    public void Dispose()
    {
        // The stream is not ours.
    }
}
