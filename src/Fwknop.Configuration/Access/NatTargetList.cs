using System.Diagnostics.CodeAnalysis;
using System.Net;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Access;

/// <summary>NAT_TARGETS: where packets may ask to be forwarded to. Ours.</summary>
public sealed class NatTargetList
{
    private readonly IReadOnlyList<NatTarget> _items;

    private NatTargetList(string text, IReadOnlyList<NatTarget> items)
    {
        Text = text;
        _items = items;
    }

    /// <summary>The list as written.</summary>
    public string Text { get; }

    /// <summary>Reads a list.</summary>
    /// <param name="text">
    /// Items separated by commas: an address, a network or <c>ANY</c> as in <see cref="AddressList"/>; behind it, after blanks, ports as in <see cref="PortList"/>:
    /// <c>192.168.1.0/24 tcp/22 tcp/8000-8010, 10.0.0.5</c>.
    /// </param>
    /// <param name="list">The list, or null.</param>
    /// <param name="errors">One message for every fault.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out NatTargetList? list, out IReadOnlyList<string> errors)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<NatTarget> items = [];
        List<string> problems = [];
        foreach (string item in text.Split(','))
        {
            string[] words = item.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (!AddressList.TryParse(words.FirstOrDefault(""), out AddressList? hosts, out IReadOnlyList<string> hostErrors))
            {
                problems.AddRange(hostErrors);
                continue;
            }

            PortList? ports = null;
            if (words.Length > 1 && !PortList.TryParse(string.Join(',', words.Skip(1)), out ports, out IReadOnlyList<string> portErrors))
            {
                problems.AddRange(portErrors);
                continue;
            }

            items.Add(new NatTarget(hosts, ports));
        }

        errors = problems;
        list = problems.Count == 0 ? new NatTargetList(text, items) : null;
        return list is not null;
    }

    /// <summary>True when packets may ask for it.</summary>
    /// <param name="address">The host.</param>
    /// <param name="port">Its port; null for all of them (FORWARD_ALL).</param>
    public bool Contains(IPAddress address, PortSpec? port) => _items.Any(item => item.Contains(address, port));

    /// <summary>The list as written.</summary>
    public override string ToString() => Text;
}
