namespace Fwknop.Configuration.Access;

/// <summary>A group that commands run in.</summary>
/// <param name="Name">As access.conf has it: a group, or a user whose primary group it is (server.md 13, Q12).</param>
/// <param name="Gid">Its number.</param>
public sealed record CommandGroup(string Name, uint Gid);
