using System.Globalization;
using Fwknop.Configuration;
using Fwknop.Daemon.Enforcement;
using Fwknop.Grants;

namespace Fwknop.Daemon.Logging;

/// <summary>The daemon's log: lines up to info and one level more for each <c>-v</c>, to wherever they go now (server.md 11).</summary>
internal sealed class DaemonLog : IFirewallLog, IDisposable
{
    /// <summary>How many <c>-v</c> show programs and configuration (server.md 1.2).</summary>
    private const int TraceVerbosity = 2;

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

    public void Error(string text, LogEvent? about = null) => Write(LogLevel.Error, text, about);

    public void Warning(string text, LogEvent? about = null) => Write(LogLevel.Warning, text, about);

    public void Info(string text, LogEvent? about = null) => Write(LogLevel.Info, text, about);

    public void Debug(string text, LogEvent? about = null) => Write(LogLevel.Debug, text, about);

    public void Trace(Func<string> text)
    {
        if (_verbosity >= TraceVerbosity)
        {
            Append(LogLevel.Debug, text(), about: null);
        }
    }

    /// <summary>Writes a line if lines of its level are shown.</summary>
    public void Write(LogLevel level, string text, LogEvent? about = null)
    {
        if (LogLine.IsShown(level, _verbosity))
        {
            Append(level, text, about);
        }
    }

    /// <summary>Findings about a configuration.</summary>
    public void Write(IReadOnlyList<ConfigDiagnostic> diagnostics)
    {
        foreach (ConfigDiagnostic item in diagnostics)
        {
            LogLevel level = item.Severity switch { ConfigSeverity.Error => LogLevel.Error, ConfigSeverity.Warning => LogLevel.Warning, _ => LogLevel.Info };
            string? line = item.Line > 0 ? item.Line.ToString(CultureInfo.InvariantCulture) : null;
            Write(level, item.ToString(), new LogEvent(LogEventKind.ConfigurationFinding).With(LogField.File, item.File).With(LogField.Line, line));
        }
    }

    /// <summary>Passes on a line of the listener, which has applied the level itself.</summary>
    public void Relay(LogLine line) => Append(line.Level, line.Text, line.Event);

    public void Dispose()
    {
        lock (_writing)
        {
            CloseSinks();
        }
    }

    private void Append(LogLevel level, string text, LogEvent? about)
    {
        lock (_writing)
        {
            foreach (ILogSink sink in _sinks)
            {
                foreach (string line in text.Split('\n'))
                {
                    sink.Write(level, line, about);
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
