using System.Globalization;

namespace Fwknop.Configuration.Server;

/// <summary>What <c>--dump-serv-err-codes</c> shows (server.md 1.6). The spelling is the reference's.</summary>
public static class ServerErrorCodes
{
    private static readonly (int First, string[] Texts)[] Groups =
    [
        (4096,
        [
            "Data is not a valid SPA message format",
            "Not enough data to be a valid SPA message",
            "Data is not an SPA message",
            "SPA via HTTP request, but ENABLE_SPA_OVER_HTTP is not set",
            "Error creating FKO context for incoming data.",
            "Unable to retrieve digest from the SPA data.",
            "Error trying to access the digest.cache file",
            "Detected SPA message replay",
            "SPA message timestamp is outside the allowable window",
            "SPA message did not pass access checks",
            "An error occurred while executing an SPA command message",
            "Unsupported SPA message operation",
            "Undefined/unknown fwknopd Error",
            "General SPA message processing error",
        ]),
        (8192,
        [
            "An error occurred while tring to add a firewall rule",
            "An error occurred while tring to delete a firewall rule",
            "Unknown/unclassified firewall rule processing error",
        ]),
    ];

    /// <summary>Writes the table.</summary>
    /// <param name="output">Where to.</param>
    public static void Write(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        foreach ((int first, string[] texts) in Groups)
        {
            for (int i = 0; i < texts.Length; i++)
            {
                output.Write(string.Create(CultureInfo.InvariantCulture, $"err code: {first + i}, err string: '{texts[i]}'\n"));
            }
        }
    }
}
