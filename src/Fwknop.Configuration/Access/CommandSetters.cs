using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Access;

/// <summary>Accounts that commands run as (server.md 4.2).</summary>
internal static class CommandSetters
{
    /// <summary>A user; what is set is null, after an error, where there is none.</summary>
    public static AccessKeyword User(string name, Action<CommandDraft, CommandUser?> set) => AccessKeywords.Text(name, (stanza, value, place) =>
        set(stanza.Commands, Find(stanza.Context.System.FindUser, value, $"UID for {name}", "Not a user on this system", place)));

    /// <summary>A group, or else the primary group of a user of that name, which is all the reference knows (server.md 13, Q12).</summary>
    public static AccessKeyword Group(string name, Action<CommandDraft, CommandGroup> set) => AccessKeywords.Text(name, (stanza, value, place) =>
    {
        AccessSystem system = stanza.Context.System;
        if (Find(FindGroup, value, $"GID for {name}", "Not a group on this system", place) is CommandGroup group)
        {
            set(stanza.Commands, group);
        }

        CommandGroup? FindGroup(string wanted) =>
            system.FindGroup(wanted) ?? (system.FindUser(wanted) is CommandUser user ? new CommandGroup(wanted, user.PrimaryGid) : null);
    });

    private static T? Find<T>(Func<string, T?> find, string value, string what, string none, Place place)
        where T : class
    {
        string reason = none;
        try
        {
            if (find(value) is T found)
            {
                return found;
            }
        }
        catch (IOException e)
        {
            reason = e.Message;
        }

        place.Error($"[*] Unable to determine {what}: {reason}.");
        return null;
    }
}
