namespace Fwknop.OpenPgp;

/// <summary>The environment gpg runs in: what it needs by name, and nothing else of ours.</summary>
public static class GpgEnvironment
{
    private const string DefaultPath = "/usr/local/bin:/usr/bin:/bin";

    // gpg finds its files and its agent by these.
    private static readonly string[] Places = ["HOME", "GNUPGHOME", "XDG_RUNTIME_DIR", "TMPDIR"];

    // gpg-agent and its pinentry find the user's terminal or screen by these (gpg(1), gpg-agent(1)).
    private static readonly string[] Dialogue =
    [
        "GPG_AGENT_INFO", "GPG_TTY", "TERM", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "PINENTRY_USER_DATA",
        "LANG", "LC_CTYPE", "LC_MESSAGES",
    ];

    /// <summary>Takes over what gpg needs.</summary>
    /// <param name="variable">An environment variable, or null.</param>
    /// <param name="usesAgent">Also what an agent needs to ask the user; without, gpg does not hear of an agent (client.md 8.5).</param>
    public static IReadOnlyDictionary<string, string> From(Func<string, string?> variable, bool usesAgent)
    {
        ArgumentNullException.ThrowIfNull(variable);
        Dictionary<string, string> environment = new() { ["PATH"] = variable("PATH") is { Length: > 0 } path ? path : DefaultPath };
        foreach (string name in usesAgent ? [.. Places, .. Dialogue] : Places)
        {
            if (variable(name) is { } value)
            {
                environment[name] = value;
            }
        }

        if (!usesAgent)
        {
            environment["LC_ALL"] = "C";
        }

        return environment;
    }
}
