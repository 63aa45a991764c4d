namespace Fwknop.Daemon.Enforcement;

/// <summary>Where a firewall writes its lines (server.md 10).</summary>
internal interface IFirewallLog
{
    void Error(string text);

    void Warning(string text);

    void Info(string text);

    void Debug(string text);
}
