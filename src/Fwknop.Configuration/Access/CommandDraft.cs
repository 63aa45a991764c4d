using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Access;

/// <summary>CMD_EXEC_* and CMD_SUDO_* of a stanza while its lines are read.</summary>
internal sealed class CommandDraft
{
    public bool IsEnabled { get; set; }

    public bool UsesSudo { get; set; }

    public CommandUser? User { get; set; }

    /// <summary>True when CMD_EXEC_USER is there, though it may be wrong.</summary>
    public bool NamesUser { get; set; }

    public CommandGroup? Group { get; set; }

    public CommandUser? SudoUser { get; set; }

    public CommandGroup? SudoGroup { get; set; }

    /// <summary>Says which group is taken (server.md 4.4 step 6).</summary>
    /// <param name="sourceText">By what messages name the stanza.</param>
    /// <param name="place">Its SOURCE.</param>
    public void Remark(string sourceText, Place place)
    {
        if (User is not null && Group is null)
        {
            place.Info(
                $"Setting gid to group associated with CMD_EXEC_USER '{User.Name}' for setgid() execution in stanza source: '{sourceText}'");
        }

        if (SudoUser is not null && SudoGroup is null)
        {
            place.Info($"Setting gid to group associated with CMD_SUDO_EXEC_USER '{SudoUser.Name}' in stanza source: '{sourceText}'");
        }

        if (Group is not null && !NamesUser)
        {
            place.Warning($"[*] CMD_EXEC_GROUP has no effect without CMD_EXEC_USER in stanza source '{sourceText}'");
        }
    }

    public CommandRules? Make() => !IsEnabled ? null : new CommandRules
    {
        User = User,
        Group = Group,
        Sudo = UsesSudo ? new SudoRules(SudoUser, SudoGroup) : null,
    };
}
