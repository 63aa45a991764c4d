using System.Text;
using System.Text.Json;

namespace Fwknop.Daemon.Control;

/// <summary>Grants as the daemon's answer has them, for people.</summary>
internal static class GrantTable
{
    private const string Unknown = "-";

    private static readonly string[] Header = ["ADDRESS", "PORT", "STANZA", "USER", "SINCE", "UNTIL", "LEFT", "BY", "STATE"];

    /// <summary>Writes a line for each grant, in columns.</summary>
    public static void Write(TextWriter output, IEnumerable<JsonElement> grants)
    {
        List<string[]> rows = [Header];
        rows.AddRange(grants.Select(Row));
        int[] widths = [.. Enumerable.Range(0, Header.Length).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            output.Write(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd() + "\n");
        }
    }

    /// <summary>One grant in a sentence: <c>tcp/22 for 192.0.2.7, user 'alice'</c>, <c>tcp/8022 to 192.168.1.10:22 for 192.0.2.7, user 'alice'</c>.</summary>
    public static string Describe(JsonElement grant)
    {
        string user = Text(grant, "user");
        return $"{Port(grant)} for {Address(grant)}{(user == Unknown ? "" : $", user '{user}'")}";
    }

    /// <summary>A field as it may be shown on a terminal: a packet may have put anything into a user name.</summary>
    public static string Text(JsonElement element, string name)
    {
        if (!element.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return Unknown;
        }

        StringBuilder text = new();
        foreach (Rune rune in value.ToString().EnumerateRunes())
        {
            text.Append(Rune.IsControl(rune) || IsFormat(rune) ? "?" : rune.ToString());
        }

        return text.Length == 0 ? "''" : text.ToString();
    }

    // Marks that turn the direction of writing, and line separators.
    private static bool IsFormat(Rune rune) => Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format
        or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator;

    private static string[] Row(JsonElement grant)
    {
        string name = Text(grant, "stanza_name");
        string stanza = Text(grant, "stanza");
        return
        [
            Address(grant),
            Port(grant),
            stanza == Unknown ? stanza : $"#{stanza}{(name == Unknown ? "" : " " + name)}",
            Text(grant, "user"),
            Text(grant, "since"),
            Text(grant, "until"),
            Text(grant, "remaining") + "s",
            Text(grant, "back_end"),
            Text(grant, "state"),
        ];
    }

    private static string Port(JsonElement grant)
    {
        string forward = Text(grant, "forward");
        return Text(grant, "port") + (forward == Unknown ? "" : $" to {forward}");
    }

    private static string Address(JsonElement grant)
    {
        string destination = Text(grant, "destination");
        return Text(grant, "address") + (destination == Unknown ? "" : $" to {destination}");
    }
}
