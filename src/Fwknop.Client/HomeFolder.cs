namespace Fwknop.Client;

/// <summary>The user's home, from the environment alone: the account database is not asked (client.md 6.1).</summary>
internal static class HomeFolder
{
    /// <returns>Null when the environment does not tell.</returns>
    public static string? Find(Func<string, string?> environment) => environment(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME");
}
