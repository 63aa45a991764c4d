using Fwknop.Configuration;
using Fwknop.Daemon.Enforcement;
using Fwknop.Grants;

namespace Fwknop.Daemon.Logging;

/// <summary>The daemon's log: lines up to info and one level more for each <c>-v</c>, to wherever they go now (server.md 11).</summary>
internal sealed class DaemonLog : IFirewallLog, IDisposable
{
    private readonly Lock _writing = new();
    private int _verbosity;
    private IReadOnlyList<ILogSink> _sinks;

    public DaemonLog(int verbosity, params IReadOnlyList<ILogSink> sinks)
    {
        _verbosity = verbosity;
        _sinks = sinks;
    }

    public DaemonLog(TextWriter output, int verbosity)
        : this(verbosity, new ErrorStream(output))
    {
    }

    /// <summary>From now on lines of this verbosity go there; the places before are closed.</summary>
    public void Change(int verbosity, IReadOnlyList<ILogSink> sinks)
    {
        lock (_writing)
        {
            CloseSinks();
            (_verbosity, _sinks) = (verbosity, sinks);
        }
    }

    public void Error(string text) => Write(LogLevel.Error, text);

    public void Warning(string text) => Write(LogLevel.Warning, text);

    public void Info(string text) => Write(LogLevel.Info, text);

    public void Debug(string text) => Write(LogLevel.Debug, text);

    /// <summary>Findings about a configuration.</summary>
    public void Write(IReadOnlyList<ConfigDiagnostic> diagnostics)
    {
        foreach (ConfigDiagnostic item in diagnostics)
        {
            Write(item.Severity switch { ConfigSeverity.Error => LogLevel.Error, ConfigSeverity.Warning => LogLevel.Warning, _ => LogLevel.Info }, item.ToString());
        }
    }

    /// <summary>Passes on a line of the listener, which has applied the level itself.</summary>
    public void Relay(LogLine line) => Append(line.Level, line.Text);

    public void Dispose()
    {
        lock (_writing)
        {
            CloseSinks();
        }
    }

    private void Write(LogLevel level, string text)
    {
        if (LogLine.IsShown(level, _verbosity))
        {
            Append(level, text);
        }
    }

    private void Append(LogLevel level, string text)
    {
        lock (_writing)
        {
            foreach (ILogSink sink in _sinks)
            {
                foreach (string line in text.Split('\n'))
                {
                    sink.Write(level, line);
                }
            }
        }
    }

    private void CloseSinks()
    {
        foreach (ILogSink sink in _sinks)
        {
            sink.Dispose();
        }

        _sinks = [];
    }
}
