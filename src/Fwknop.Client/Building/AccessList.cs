using System.Globalization;
using System.Net;
using System.Text;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>The <c>-A</c> text as it goes into a packet (client.md 11.1).</summary>
internal static class AccessList
{
    /// <summary>The word for a request that leaves the ports to the server (ALLOW_NO_PORTS of fwknop for .NET).</summary>
    public const string ServersChoice = "none";

    /// <summary>The same as packets have it.</summary>
    public const string NoPorts = "none/0";

    // Servers read no more; how many fit into a packet depends on their numbers.
    private const int MaxRange = 32;

    /// <summary>
    /// Takes blanks around commas away, which are typing and not meaning, and writes a range as the list that it stands for: packets have none.
    /// Anything else but <see cref="ServersChoice"/> stays as it is, to be judged with the message.
    /// </summary>
    /// <param name="text">Such as <c>tcp/22, udp/5000-5002</c>.</param>
    /// <param name="problem">Why it cannot be written so, or null.</param>
    public static string Normalize(string text, out string? problem)
    {
        problem = null;
        if (LeavesPortsToServer(text))
        {
            return NoPorts;
        }

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
                    $"[*] '{item}' names {last - first + 1} ports, more than a packet has room for. Ask for fewer.");
                return text;
            }

            list.AddRange(Enumerable.Range(first, last - first + 1).Select(port => $"{protocol}/{port}"));
        }

        return string.Join(',', list);
    }

    /// <summary>True for a list that names no ports on purpose.</summary>
    public static bool LeavesPortsToServer(string text) => text.Trim() is ServersChoice or NoPorts;

    /// <summary>Says in words what is wrong with a list.</summary>
    /// <param name="text">The <c>-A</c> text; null when there is none.</param>
    /// <param name="why">Why its message was refused.</param>
    /// <returns>A line to print after the error; null when there is nothing to add.</returns>
    public static string? Explain(string? text, Rejection why)
    {
        if (text is null)
        {
            return why == Rejection.InvalidSpaAccessMessage ? "[*] Nothing is asked for: name the ports with -A, for example -A tcp/22." : null;
        }

        if (LeavesPortsToServer(text))
        {
            return why == Rejection.InvalidSpaAccessMessage ? "[*] -A none does not go with NAT: name the port that is to lead to the other host." : null;
        }

        if (why != Rejection.InvalidSpaAccessMessage)
        {
            return why == Rejection.DataTooLarge ? "[*] The list of -A is too long for a packet. Ask for fewer ports." : null;
        }

        string? wrong = text.Split(',', StringSplitOptions.TrimEntries).FirstOrDefault(item => !TryParseRange(item, out _, out _, out _) && !IsPort(item));
        return wrong is null ? null : $"[*] -A: '{wrong}' is not of the form PROTOCOL/PORT, such as tcp/22, or PROTOCOL/FIRST-LAST.";
    }

    private static bool IsPort(string item) =>
        item != NoPorts && MessageRules.CheckMessage(MessageType.Access, Encoding.UTF8.GetBytes($"{AllowAddress.PacketSource},{item}")) == Rejection.None;

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
