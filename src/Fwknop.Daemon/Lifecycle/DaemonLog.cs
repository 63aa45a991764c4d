using Fwknop.Daemon.Enforcement;
using Fwknop.Grants;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>The daemon's log: lines on standard error, up to info and one level more for each <c>-v</c> (server.md 11).</summary>
internal sealed class DaemonLog(TextWriter output, int verbosity) : IFirewallLog
{
    private readonly Lock _writing = new();

    public void Error(string text) => Write(LogLevel.Error, text);

    public void Warning(string text) => Write(LogLevel.Warning, text);

    public void Info(string text) => Write(LogLevel.Info, text);

    public void Debug(string text) => Write(LogLevel.Debug, text);

    /// <summary>Passes on a line of the listener, which has applied the level itself.</summary>
    public void Relay(LogLine line) => Append(line.Text);

    private void Write(LogLevel level, string text)
    {
        if (LogLine.IsShown(level, verbosity))
        {
            Append(text);
        }
    }

    private void Append(string text)
    {
        lock (_writing)
        {
            try
            {
                output.Write(text + "\n");
                output.Flush();
            }
            catch (IOException)
            {
                // Whoever read the log is gone. The door must go on working.
            }
        }
    }
}
