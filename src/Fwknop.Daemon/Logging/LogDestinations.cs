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
        : options.IsSyslogEnabled ? [ToErrorStream(LogLevel.Debug), ToSyslog(config)]
        : [ToErrorStream(LogLevel.Debug)];

    /// <summary>
    /// The places until it is ready. Who starts it in the background still reads standard error and is told there what is wrong.
    /// </summary>
    public static IReadOnlyList<ILogSink> WhileStarting(ServerConfig config, ServerOptions options) =>
        options.IsForeground ? Of(config, options) : [ToErrorStream(LogLevel.Warning), ToSyslog(config)];

    private static ErrorStream ToErrorStream(LogLevel last) =>
        new(Console.Error, ErrorStream.IsJournal(Environment.GetEnvironmentVariable(JournalVariable)), last);

    private static Syslog ToSyslog(ServerConfig config) => new(config.SyslogSocket, config.SyslogFacility, config.SyslogIdentity);
}
