namespace Fwknop.Configuration.Server;

/// <summary>A chain of the administrator's nftables rules, in front of which fwknopd puts its own rule (NFT_INSERT).</summary>
/// <param name="Family">Family of the table.</param>
/// <param name="Table">Its name.</param>
/// <param name="Chain">The chain.</param>
public sealed record NftHook(NftFamily Family, string Table, string Chain)
{
    // nft's own bound for names is 255; anything near that is a mistake.
    private const int MaxName = 127;

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

    private static NftHook? ParseItem(string item)
    {
        string[] words = item.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        NftFamily? family = words is [string name, ..] ? FamilyOf(name) : null;
        return family is not null && words.Length == 3 && IsName(words[1]) && IsName(words[2]) ? new NftHook(family.Value, words[1], words[2]) : null;
    }

    private static NftFamily? FamilyOf(string name) => name switch
    {
        "inet" => NftFamily.Inet,
        "ip" => NftFamily.Ip,
        "ip6" => NftFamily.Ip6,
        _ => null,
    };

    /// <summary>An identifier of nft's language: the names become part of nft commands, so nothing else may get through.</summary>
    private static bool IsName(string text) =>
        text.Length is > 0 and <= MaxName && (char.IsAsciiLetter(text[0]) || text[0] == '_')
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');
}
