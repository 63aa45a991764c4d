using System.Diagnostics.CodeAnalysis;

namespace Fwknop.Configuration.Server;

/// <summary>The interfaces of PCAP_INTF: names separated by commas or blanks. Two lists of the same names in the same order are equal.</summary>
public sealed class InterfaceList : IEquatable<InterfaceList>
{
    /// <summary>libpcap's name for all interfaces.</summary>
    public const string All = "any";

    /// <summary>Linux: IFNAMSIZ without the terminating zero.</summary>
    private const int LongestName = 15;

    private static readonly char[] Separators = [',', ' ', '\t'];

    private InterfaceList(IReadOnlyList<string> names)
    {
        Names = names;
    }

    /// <summary>What is captured when PCAP_INTF is not set.</summary>
    public static InterfaceList Default { get; } = new(["eth0"]);

    /// <summary>At least one, each once.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Reads a list.</summary>
    /// <param name="text">The value of PCAP_INTF.</param>
    /// <param name="list">The list, or null.</param>
    /// <param name="error">What is wrong.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out InterfaceList? list, out string error)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] names = [.. text.Split(Separators, StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];
        string? tooLong = names.FirstOrDefault(name => name.Length > LongestName);
        error = names.Length == 0 ? "[*] PCAP_INTF names no interface"
            : tooLong is not null ? $"[*] PCAP_INTF: '{tooLong}' is longer than the name of an interface can be"
            : names.Length > 1 && names.Contains(All) ? "[*] PCAP_INTF: 'any' stands for all interfaces and cannot be combined with others"
            : "";
        list = error.Length == 0 ? new InterfaceList(names) : null;
        return list is not null;
    }

    /// <inheritdoc/>
    public bool Equals(InterfaceList? other) => other is not null && Names.SequenceEqual(other.Names, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as InterfaceList);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The names with commas between them.</summary>
    public override string ToString() => string.Join(", ", Names);
}
