namespace Fwknop.Client;

/// <summary>What <c>-V</c> and <c>-h</c> print (client.md 2).</summary>
internal static class VersionText
{
    public const string Project = "https://www.cipherdyne.org/fwknop/";

    public static string Number { get; } = typeof(VersionText).Assembly.GetName().Version?.ToString(3) ?? "0";

    public static string Line => $"fwknop client {Number}, FKO protocol version {Protocol.SpaMessage.CurrentVersion}";

    /// <summary>What servers of the reference take HTTP requests from must begin like this (client.md 4.1, <c>-u</c>).</summary>
    public static string UserAgent => $"Fwknop/{Number}";

    public static string Help => $"""

        fwknop client version {Number}
        Single Packet Authorization client - {Project}

        Usage: fwknop -A <port list> [-s|-R|-a] -D <spa_server> [options]

        {CommandLine.FormatHelp()}
        """;
}
