namespace Fwknop.Client;

/// <summary>What <c>--connect</c> implies, and what cannot go with it, <c>--wait</c>, <c>--exec</c> and <c>--repeat</c>.</summary>
internal static class FollowingRules
{
    /// <summary><c>--connect</c> says what to ask for and where, unless something else does.</summary>
    public static void SetConnectDefaults(Settings settings)
    {
        if (settings.Connect is { } target)
        {
            settings.Access ??= $"tcp/{target.Port}";
            settings.Destination ??= target.Host;
        }
    }

    /// <summary>What must be known before anything is read.</summary>
    /// <returns>The message, or null when all is well.</returns>
    public static string? InputProblem(Settings settings) =>
        settings.Connect is not null && settings.RcFile is { } path && RcLocation.Of(path).IsStandardInput
            ? "Cannot read the rc file from standard input with --connect: it belongs to the connection."
            : null;

    /// <returns>The message, or null when all is well.</returns>
    public static string? FirstProblem(Settings settings)
    {
        if (!settings.Follows)
        {
            return null;
        }

        string? other = settings.IsKeyGeneration ? "--key-gen"
            : settings.IsLastCommand ? "--last-cmd"
            : settings.ShowLast ? "--show-last"
            : settings.RepeatSeconds > 0 && settings.OneTimePassword is not null ? "--totp"
            : settings.Connect is null ? null
            : settings.IsTest ? "--test"
            : settings.SaveStanza ? "--save-rc-stanza"
            : settings.ServerCommand is not null ? "--server-cmd"
            : settings.Command.Count > 0 ? "--exec"
            : settings.RepeatSeconds > 0 ? "--repeat"
            : null;
        return other is not null ? $"Cannot use {other} with {FirstName(settings)}."
            : settings.Connect is not null && settings.KeyDescriptor == 0
                ? "Cannot read keys from standard input with --connect: it belongs to the connection. Put them into the rc file."
            : null;
    }

    private static string FirstName(Settings settings) =>
        settings.Connect is not null ? "--connect"
        : settings.Command.Count > 0 ? "--exec"
        : settings.RepeatSeconds > 0 ? "--repeat"
        : "--wait";
}
