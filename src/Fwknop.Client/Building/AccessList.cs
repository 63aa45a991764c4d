using System.Globalization;
using System.Net;

namespace Fwknop.Client;

/// <summary>The <c>-A</c> text as it goes into a packet (client.md 11.1).</summary>
internal static class AccessList
{
    // More do not fit into a message, and servers read no more.
    private const int MaxRange = 32;

    /// <summary>
    /// Takes blanks around commas away, which are typing and not meaning, and writes a range as the list that it stands for: packets have none.
    /// Anything else stays as it is, to be judged with the message.
    /// </summary>
    /// <param name="text">Such as <c>tcp/22, udp/5000-5002</c>.</param>
    /// <param name="problem">Why it cannot be written so, or null.</param>
    public static string Normalize(string text, out string? problem)
    {
        problem = null;
        List<string> list = [];
        foreach (string item in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!TryParseRange(item, out string protocol, out int first, out int last))
            {
                list.Add(item);
                continue;
            }

            if (last - first >= MaxRange)
            {
                problem = string.Create(
                    CultureInfo.InvariantCulture,
                    $"[*] '{item}' names {last - first + 1} ports; a packet has room for {MaxRange} at most. Ask for fewer.");
                return text;
            }

            list.AddRange(Enumerable.Range(first, last - first + 1).Select(port => $"{protocol}/{port}"));
        }

        return string.Join(',', list);
    }

    private static bool TryParseRange(string item, out string protocol, out int first, out int last)
    {
        int slash = item.IndexOf('/', StringComparison.Ordinal);
        int dash = item.IndexOf('-', StringComparison.Ordinal);
        protocol = slash < 0 ? string.Empty : item[..slash];
        first = 0;
        last = 0;
        return slash >= 0 && dash > slash
            && int.TryParse(item.AsSpan(slash + 1, dash - slash - 1), NumberStyles.None, CultureInfo.InvariantCulture, out first)
            && int.TryParse(item.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out last)
            && first > IPEndPoint.MinPort && first <= last && last <= IPEndPoint.MaxPort;
    }
}
