namespace Fwknop.Configuration.Server;

/// <summary>What fwknopd.conf and the command line tell where the daemon cannot start with them. Defaults stand in place of what is wrong.</summary>
/// <param name="LeadingToAccess">Null when it is not known from it where access.conf is.</param>
/// <param name="LeadingToRun">Null when the folders and the PID file of an earlier run are not known from it for sure.</param>
/// <param name="StateFolder">Where that run has probably kept what must outlive a reboot. Others may have written it: it is fit to be named, and for nothing else.</param>
public sealed record PartialServerConfig(ServerConfig? LeadingToAccess, ServerConfig? LeadingToRun, string StateFolder);
