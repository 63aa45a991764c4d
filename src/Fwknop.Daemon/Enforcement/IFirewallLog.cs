using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement;

/// <summary>Where a firewall writes its lines (server.md 10).</summary>
internal interface IFirewallLog
{
    void Error(string text, LogEvent? about = null);

    void Warning(string text, LogEvent? about = null);

    void Info(string text, LogEvent? about = null);

    void Debug(string text, LogEvent? about = null);

    /// <summary>What is told with <c>-vv</c> and more alone: programs that are run, and what they are given.</summary>
    /// <param name="text">Makes the text, where it is shown.</param>
    void Trace(Func<string> text);
}
