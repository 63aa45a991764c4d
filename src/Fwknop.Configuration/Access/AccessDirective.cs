namespace Fwknop.Configuration.Access;

/// <summary>A line of access.conf that leads to other files (server.md 4.1).</summary>
/// <param name="Name">With its percent sign.</param>
/// <param name="Kind">What it does.</param>
internal sealed record AccessDirective(string Name, AccessDirectiveKind Kind);
