namespace Fwknop.Configuration.Access;

/// <summary>How command messages are run (server.md 8.1). A stanza that has none does not allow them.</summary>
public sealed record CommandRules
{
    /// <summary>CMD_EXEC_USER; null = the user of the daemon.</summary>
    public CommandUser? User { get; init; }

    /// <summary>CMD_EXEC_GROUP; null = the primary group of <see cref="User"/>. Of no effect without a user.</summary>
    public CommandGroup? Group { get; init; }

    /// <summary>ENABLE_CMD_SUDO_EXEC; null = without sudo.</summary>
    public SudoRules? Sudo { get; init; }
}
