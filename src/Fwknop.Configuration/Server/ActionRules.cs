namespace Fwknop.Configuration.Server;

/// <summary>
/// What may be asked for at once. The reference does one of several actions and says nothing of the others (server.md 1.1); where one of them changes something,
/// or is one that the reference does not have, that is refused: who asks to flush and to list must not believe that both was done.
/// </summary>
internal static class ActionRules
{
    private static readonly ServerAction[] Exclusive =
        [ServerAction.DumpConfig, ServerAction.Kill, ServerAction.Restart, ServerAction.ShowStatus];

    private static readonly ServerAction[] Alone =
    [
        ServerAction.Kill, ServerAction.Restart, ServerAction.FlushFirewall,
        ServerAction.ListGrants, ServerAction.Revoke, ServerAction.Explain,
    ];

    private static readonly ServerAction[] Answered = [ServerAction.ShowStatus, ServerAction.ListGrants, ServerAction.Revoke];

    /// <summary>Why what is asked for cannot be done; null when it can.</summary>
    public static string? FindConflict(ServerOptions options)
    {
        SortedSet<ServerAction> asked = options.Asked;
        if (asked.Count(Exclusive.Contains) > 1)
        {
            return "The -D, -K, -R, and -S options are mutually exclusive.  Pick only one.";
        }

        List<ServerAction> actions = [.. asked];
        if (options.IsKeyGenerationAsked)
        {
            actions.Insert(0, ServerAction.GenerateKeys);
        }

        return actions.Count > 1 && actions.Any(action => IsAlone(action, options))
            ? $"[*] {string.Join(" and ", actions.Select(NameOf))} do not go together.  Pick only one."
            : FindMissingAction(options, asked);
    }

    private static bool IsAlone(ServerAction action, ServerOptions options) =>
        Alone.Contains(action) || (action == ServerAction.ShowStatus && options.ShowsJson);

    private static string? FindMissingAction(ServerOptions options, SortedSet<ServerAction> asked) =>
        options.CutsConnections && !asked.Contains(ServerAction.Revoke) ? "[*] --cut goes with --revoke ADDRESS[,PORT]"
        : options.ShowsJson && !asked.Overlaps(Answered) ? "[*] --json goes with --list-grants, --revoke or --status"
        : options.ExplainSource is not null && !asked.Contains(ServerAction.Explain) ? "[*] --explain-source goes with --explain FILE"
        : null;

    private static string NameOf(ServerAction action) => action switch
    {
        ServerAction.GenerateKeys => "--key-gen",
        ServerAction.ShowErrorCodes => "--dump-serv-err-codes",
        ServerAction.Kill => "--kill",
        ServerAction.Restart => "--restart",
        ServerAction.ShowStatus => "--status",
        ServerAction.ListGrants => "--list-grants",
        ServerAction.Revoke => "--revoke",
        ServerAction.ListFirewall => "--fw-list",
        ServerAction.ListWholeFirewall => "--fw-list-all",
        ServerAction.FlushFirewall => "--fw-flush",
        ServerAction.DumpConfig => "--dump-config",
        ServerAction.CheckConfig => "--exit-parse-config",
        ServerAction.CheckDigestCache => "--exit-parse-digest-cache",
        ServerAction.Explain => "--explain",
        _ => throw new ArgumentOutOfRangeException(nameof(action), action, "No option asks for it beside others."),
    };
}
