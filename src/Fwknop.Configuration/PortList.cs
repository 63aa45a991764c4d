using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Fwknop.Protocol;

namespace Fwknop.Configuration;

/// <summary>A set of ports as <c>tcp/22, udp/53</c> (server.md 4.3). An item that stands twice counts once (server.md 13, Q1).</summary>
public sealed class PortList
{
    private readonly HashSet<PortSpec> _set;

    private PortList(string text, List<PortSpec> items)
    {
        Text = text;
        Items = items;
        _set = [.. items];
    }

    /// <summary>The list as written.</summary>
    public string Text { get; }

    /// <summary>The ports in the order written, each once.</summary>
    public IReadOnlyList<PortSpec> Items { get; }

    /// <summary>Makes a list of ports.</summary>
    public static PortList Of(params IEnumerable<PortSpec> ports)
    {
        List<PortSpec> items = [.. ports.Distinct()];
        return new PortList(string.Join(", ", items), items);
    }

    /// <summary>Reads a list; blanks around items are skipped.</summary>
    /// <param name="text">Items <c>proto/port</c> separated by commas; tcp or udp in any case, 1 to 65535.</param>
    /// <param name="list">The list, or null.</param>
    /// <param name="errors">One message for every bad item.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out PortList? list, out IReadOnlyList<string> errors)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<PortSpec> items = [];
        List<string> problems = [];
        foreach (string part in text.Split(','))
        {
            string item = part.Trim();
            if (ParseItem(item, out PortSpec port) is string problem)
            {
                problems.Add(problem);
            }
            else if (!items.Contains(port))
            {
                items.Add(port);
            }
        }

        errors = problems;
        list = problems.Count == 0 ? new PortList(text, items) : null;
        return list is not null;
    }

    /// <summary>True when the port is in the list.</summary>
    public bool Contains(PortSpec port) => _set.Contains(port);

    /// <summary>The list as written.</summary>
    public override string ToString() => Text;

    private static string? ParseItem(string item, out PortSpec port)
    {
        port = default;
        int slash = item.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return $"[*] Parse error on access port entry: {item}";
        }

        TransportProtocol? protocol = item[..slash].ToUpperInvariant() switch
        {
            "TCP" => TransportProtocol.Tcp,
            "UDP" => TransportProtocol.Udp,
            _ => null,
        };
        if (protocol is null)
        {
            return $"[*] Invalid protocol in access port entry: {item}";
        }

        if (!int.TryParse(item.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            || number is < 1 or > ushort.MaxValue
            || item[^1] == '\0')
        {
            return $"[*] Invalid port '{item}' in access request, must be in [1,65535]";
        }

        port = new PortSpec(protocol.Value, number);
        return null;
    }
}
