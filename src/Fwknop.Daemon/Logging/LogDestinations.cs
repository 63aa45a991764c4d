using Fwknop.Configuration.Server;
using Fwknop.Grants;

namespace Fwknop.Daemon.Logging;

/// <summary>Where the log goes (server.md 11): without -f to syslog alone, with -f to standard error alone, with -f --syslog-enable to both.</summary>
internal static class LogDestinations
{
    private const string JournalVariable = "JOURNAL_STREAM";

    /// <summary>The places of a daemon that runs.</summary>
    public static IReadOnlyList<ILogSink> Of(ServerConfig config, ServerOptions options) =>
        !options.IsForeground ? [ToSyslog(config)]
        : options.IsSyslogEnabled ? [ToErrorStream(LogLevel.Debug, FormatOf(config)), ToSyslog(config)]
        : [ToErrorStream(LogLevel.Debug, FormatOf(config))];

    /// <summary>
    /// The places until it is ready. Who starts it in the background still reads standard error and is told there what is wrong, in plain text.
    /// </summary>
    public static IReadOnlyList<ILogSink> WhileStarting(ServerConfig config, ServerOptions options) =>
        options.IsForeground ? Of(config, options) : [ToErrorStream(LogLevel.Warning, TextLines.Instance), ToSyslog(config)];

    private static ILineFormat FormatOf(ServerConfig config) => config.UsesJsonLog ? new JsonLines(TimeProvider.System) : TextLines.Instance;

    private static ErrorStream ToErrorStream(LogLevel last, ILineFormat format) =>
        new(Console.Error, ErrorStream.IsJournal(Environment.GetEnvironmentVariable(JournalVariable)), last, format);

    private static Syslog ToSyslog(ServerConfig config) => new(config.SyslogSocket, config.SyslogFacility, config.SyslogIdentity, FormatOf(config));
}
