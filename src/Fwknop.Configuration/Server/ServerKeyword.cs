using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Server;

/// <summary>One row of the table of fwknopd.conf variables.</summary>
/// <param name="Name">The variable.</param>
/// <param name="Default">Its value when it is not set, as text; null = none.</param>
/// <param name="Apply">Checks a value that was given and stores it; not called for the default.</param>
/// <param name="IsShown">False for variables of other builds of the reference, which have no effect here and which <c>-D</c> does not list.</param>
internal sealed record ServerKeyword(string Name, string? Default, Func<ServerConfig, string, Place, ServerConfig> Apply, bool IsShown = true);
