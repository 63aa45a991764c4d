namespace Fwknop.Daemon.Commands;

/// <summary>The user and group that a command runs as instead of the daemon's (server.md 8.1).</summary>
/// <param name="User">The user's name, for the groups it is a member of and for the log.</param>
/// <param name="Uid">Its number; not 0.</param>
/// <param name="Group">The group's name, for the log.</param>
/// <param name="Gid">Its number.</param>
internal sealed record RunAs(string User, uint Uid, string Group, uint Gid);
