using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Server;

/// <summary>One row of the table of fwknopd.conf variables.</summary>
/// <param name="Name">The variable.</param>
/// <param name="Default">Its value when it is not set, as text; null = none.</param>
/// <param name="Apply">Checks a value that was given and stores it; not called for the default.</param>
/// <param name="Firewall">The firewall without which it has no effect, and <c>-D</c> does not list it; null = it is always listed.</param>
internal sealed record ServerKeyword(string Name, string? Default, Func<ServerConfig, string, Place, ServerConfig> Apply, FirewallType? Firewall = null);
