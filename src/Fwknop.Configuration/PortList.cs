using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Fwknop.Protocol;

namespace Fwknop.Configuration;

/// <summary>
/// A set of ports as <c>tcp/22, udp/53</c> (server.md 4.3), also <c>tcp/8000-8010</c>, <c>tcp/*</c>, <c>*/80</c> for both protocols and
/// <c>*</c>. An item that stands twice counts once (server.md 13, Q1).
/// </summary>
public sealed class PortList
{
    private static readonly TransportProtocol[] Both = [TransportProtocol.Tcp, TransportProtocol.Udp];

    private PortList(string text, List<PortRange> ranges)
    {
        Text = text;
        Ranges = ranges;
    }

    /// <summary>The list as written.</summary>
    public string Text { get; }

    /// <summary>The items in the order written, each once; <c>*</c> stands for both protocols, first TCP, then UDP.</summary>
    public IReadOnlyList<PortRange> Ranges { get; }

    /// <summary>Every port of the list, each once: of <c>tcp/*</c> 65535.</summary>
    public IReadOnlyList<PortSpec> Items => field ??= [.. Ranges
        .SelectMany(range => Enumerable.Range(range.First, range.Count).Select(port => new PortSpec(range.Protocol, port)))
        .Distinct()];

    /// <summary>Makes a list of ports.</summary>
    public static PortList Of(params IEnumerable<PortSpec> ports)
    {
        List<PortRange> ranges = [.. ports.Distinct().Select(PortRange.Of)];
        return new PortList(string.Join(", ", ranges), ranges);
    }

    /// <summary>Reads a list; blanks around items are skipped.</summary>
    /// <param name="text">Items separated by commas: <c>proto/port</c>, <c>proto/first-last</c>, <c>proto/*</c> or <c>*</c>; tcp or udp in any case, * for both; 1 to 65535.</param>
    /// <param name="list">The list, or null.</param>
    /// <param name="errors">One message for every bad item.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out PortList? list, out IReadOnlyList<string> errors)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<PortRange> ranges = [];
        List<string> problems = [];
        foreach (string part in text.Split(','))
        {
            string item = part.Trim();
            if (ParseItem(item, out PortRange[] parsed) is string problem)
            {
                problems.Add(problem);
            }
            else
            {
                ranges.AddRange(parsed.Where(range => !ranges.Contains(range)));
            }
        }

        errors = problems;
        list = problems.Count == 0 ? new PortList(text, ranges) : null;
        return list is not null;
    }

    /// <summary>True when the port is in the list.</summary>
    public bool Contains(PortSpec port)
    {
        foreach (PortRange range in Ranges)
        {
            if (range.Contains(port))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The ports of the list that another does not have: each once, in ranges that do not overlap, in the order written.</summary>
    /// <param name="other">The other list; null for none.</param>
    public IReadOnlyList<PortRange> Without(PortList? other)
    {
        List<PortRange> kept = [];
        foreach (PortRange range in Ranges)
        {
            IEnumerable<PortRange> left = [range];
            foreach (PortRange taken in kept.Concat(other?.Ranges ?? []).ToArray())
            {
                left = left.SelectMany(piece => piece.Without(taken));
            }

            kept.AddRange(left);
        }

        return kept;
    }

    /// <summary>The list as written.</summary>
    public override string ToString() => Text;

    private static string? ParseItem(string item, out PortRange[] ranges)
    {
        ranges = [];
        if (item == "*")
        {
            ranges = [.. Both.Select(All)];
            return null;
        }

        int slash = item.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return $"[*] Parse error on access port entry: {item}";
        }

        TransportProtocol[] protocols = item[..slash].ToUpperInvariant() switch
        {
            "TCP" => [TransportProtocol.Tcp],
            "UDP" => [TransportProtocol.Udp],
            "*" => Both,
            _ => [],
        };
        if (protocols.Length == 0)
        {
            return $"[*] Invalid protocol in access port entry: {item}";
        }

        string ports = item[(slash + 1)..];
        if (ports == "*")
        {
            ranges = [.. protocols.Select(All)];
            return null;
        }

        int dash = ports.IndexOf('-', StringComparison.Ordinal);
        if (!TryParsePort(dash < 0 ? ports : ports[..dash], out int first) || !TryParsePort(ports[(dash + 1)..], out int last) || first > last)
        {
            return $"[*] Invalid port '{item}' in access request, must be in [1,65535]";
        }

        ranges = [.. protocols.Select(protocol => new PortRange(protocol, first, last))];
        return null;
    }

    private static PortRange All(TransportProtocol protocol) => new(protocol, 1, ushort.MaxValue);

    // The base library skips zero bytes at the end of a number.
    private static bool TryParsePort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= ushort.MaxValue && text[^1] != '\0';
}
