using System.Text.RegularExpressions;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>A chain of the administrator, <c>inet filter input</c>.</summary>
internal sealed partial record NftChain
{
    private NftChain(string family, string table, string name) => (Family, Table, Name) = (family, table, name);

    /// <summary><c>inet</c>, <c>ip</c> or <c>ip6</c>.</summary>
    public string Family { get; }

    public string Table { get; }

    public string Name { get; }

    /// <summary>
    /// The names become command text: only what nft reads as one identifier is accepted, so that they are words and
    /// nothing else.
    /// </summary>
    public static bool TryCreate(string family, string table, string name, out NftChain? chain)
    {
        bool valid = family is "inet" or "ip" or "ip6" && Identifier().IsMatch(table) && Identifier().IsMatch(name);
        chain = valid ? new NftChain(family, table, name) : null;
        return valid;
    }

    public override string ToString() => $"{Family} {Table} {Name}";

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_/.-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Identifier();
}
