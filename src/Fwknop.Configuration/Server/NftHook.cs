namespace Fwknop.Configuration.Server;

/// <summary>
/// A chain of the administrator's nftables rules, in front of which fwknopd puts its own rule (NFT_INSERT). Its names are text of nft
/// commands, so reading the setting, which checks them, is the only way to make one.
/// </summary>
public sealed record NftHook
{
    // nft's own bound for names is 255; anything near that is a mistake.
    private const int MaxName = 127;

    private NftHook(NftFamily family, string table, string chain) => (Family, Table, Chain) = (family, table, chain);

    /// <summary>Family of the table.</summary>
    public NftFamily Family { get; }

    /// <summary>Its name.</summary>
    public string Table { get; }

    /// <summary>The chain.</summary>
    public string Chain { get; }

    /// <summary>Reads <c>family table chain</c>, one or more separated by commas.</summary>
    /// <param name="text">The value.</param>
    /// <param name="hooks">The chains; empty after an error.</param>
    /// <param name="errors">One message for every bad item.</param>
    public static bool TryParseList(string text, out IReadOnlyList<NftHook> hooks, out IReadOnlyList<string> errors)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<NftHook> found = [];
        List<string> problems = [];
        foreach (string item in text.Split(','))
        {
            if (ParseItem(item) is not NftHook hook)
            {
                problems.Add($"[*] Invalid NFT_INSERT item '{item.Trim()}', need <inet|ip|ip6> <table> <chain>");
            }
            else if (!found.Contains(hook))
            {
                found.Add(hook);
            }
        }

        errors = problems;
        hooks = problems.Count == 0 ? found : [];
        return problems.Count == 0;
    }

    /// <summary><c>inet filter input</c>, as nft names the chain.</summary>
    public override string ToString() => $"{NftFamilyNames.GetName(Family)} {Table} {Chain}";

    private static NftHook? ParseItem(string item) =>
        item.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is [string family, string table, string chain]
        && NftFamilyNames.TryParse(family, out NftFamily known) && IsName(table) && IsName(chain)
            ? new NftHook(known, table, chain)
            : null;

    /// <summary>An identifier of nft's language: the names become part of nft commands, so nothing else may get through.</summary>
    private static bool IsName(string text) =>
        text.Length is > 0 and <= MaxName && (char.IsAsciiLetter(text[0]) || text[0] == '_')
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');
}
