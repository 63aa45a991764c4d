namespace Fwknop.Configuration.Access;

/// <summary>Commands are run by sudo (server.md 8.1).</summary>
/// <param name="User">CMD_SUDO_EXEC_USER, for <c>-u</c>; null = not given.</param>
/// <param name="Group">CMD_SUDO_EXEC_GROUP, for <c>-g</c>; null = not given.</param>
public sealed record SudoRules(CommandUser? User, CommandGroup? Group);
