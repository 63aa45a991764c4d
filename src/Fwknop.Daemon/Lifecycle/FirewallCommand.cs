using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Logging;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>--fw-list, --fw-list-all and --fw-flush (server.md 9.2.3).</summary>
internal static class FirewallCommand
{
    /// <summary>Does it.</summary>
    /// <returns>The exit status.</returns>
    /// <exception cref="StartupException">The settings name no firewall.</exception>
    public static int Run(ServerConfig config, ServerOptions options, TextWriter output, DaemonLog log)
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
            return options.IsTest || firewall.Flush() ? 0 : 1;
        }
        catch (FirewallException error)
        {
            throw new StartupException($"[*] {error.Message}");
        }
    }
}
