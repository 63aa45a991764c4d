using System.Net;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Grants;

namespace Fwknop.Daemon.Granting;

/// <summary>Something that a packet has been allowed: ports for a time, or a command.</summary>
/// <param name="Config">The settings in force when it was asked for.</param>
internal abstract record GrantAction(ServerConfig Config)
{
    /// <summary>Checks a request by the daemon's own reading of the stanza.</summary>
    /// <returns>False for what no working listener asks for; true with no action when the stanza has just ended.</returns>
    public static bool TryMake(Generation generation, StanzaRequest request, DateTimeOffset now, out GrantAction? action)
    {
        GrantReceiver receiver = new(generation.Policy, generation.Config.Nat);
        action = null;
        switch (request)
        {
            case GrantRequest ports when receiver.TryReceive(ports, now, out Grant? grant):
                action = grant is null ? null : new OpenPorts(generation.Config, grant);
                return true;
            case CommandRequest command when receiver.TryReceive(command, now, out AccessStanza? stanza):
                action = stanza is null ? null : new RunCommand(generation.Config, stanza, command);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Ports, by the firewall or by the stanza's own commands.</summary>
    public sealed record OpenPorts(ServerConfig Config, Grant Grant) : GrantAction(Config)
    {
        /// <summary>The addresses of the hosts that it is forwarded to by name; null before they are looked up.</summary>
        public IReadOnlyDictionary<string, IPAddress>? Addresses { get; init; }

        /// <summary>Hosts whose addresses must be found first.</summary>
        public IEnumerable<string> NamesToResolve =>
            Addresses is null ? Grant.Parts.Select(part => part.Route?.Name).OfType<string>() : [];
    }

    /// <summary>A command message.</summary>
    public sealed record RunCommand(ServerConfig Config, AccessStanza Stanza, CommandRequest Request) : GrantAction(Config);
}
