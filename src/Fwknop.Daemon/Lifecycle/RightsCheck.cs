using Fwknop.Configuration.Server;
using Fwknop.Daemon.Listening;
using Fwknop.Grants;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>Who may run the daemon.</summary>
internal static class RightsCheck
{
    /// <exception cref="StartupException">What the configuration asks for needs root.</exception>
    public static void Require(ServerConfig config, ServerOptions options)
    {
        bool changesFirewall = config.FirewallType != FirewallType.None && !options.IsTest;
        if (!Environment.IsPrivilegedProcess && (changesFirewall || CaptureModes.Of(config) is CaptureMode.Pcap or CaptureMode.Queue))
        {
            throw new StartupException("[*] fwknopd must be started by root: it captures packets and changes the firewall");
        }
    }
}
