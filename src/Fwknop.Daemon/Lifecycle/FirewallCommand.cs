using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Logging;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>--fw-list, --fw-list-all and --fw-flush (server.md 9.2.3).</summary>
internal static class FirewallCommand
{
    /// <summary>Does it.</summary>
    /// <param name="config">Which firewall.</param>
    /// <param name="options">What to do.</param>
    /// <param name="running">The daemon that may be running.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="log">Where failures are told.</param>
    /// <returns>The exit status.</returns>
    /// <exception cref="StartupException">The settings name no firewall.</exception>
    public static int Run(ServerConfig config, ServerOptions options, RunningInstance running, TextWriter output, DaemonLog log)
    {
        try
        {
            using IFirewall firewall = Firewalls.Create(config, log);
            if (options.Action != ServerAction.FlushFirewall)
            {
                firewall.List(output, all: options.Action == ServerAction.ListWholeFirewall);
                return 0;
            }

            output.Write("Deleting any existing firewall rules...\n");
            if (running.TryFind(out int id))
            {
                log.Warning($"[*] fwknopd is running (pid={id}) and makes its rules again: end it first (fwknopd -K)");
            }

            return options.IsTest || firewall.Flush() ? 0 : 1;
        }
        catch (FirewallException error)
        {
            throw new StartupException($"[*] {error.Message}");
        }
    }
}
