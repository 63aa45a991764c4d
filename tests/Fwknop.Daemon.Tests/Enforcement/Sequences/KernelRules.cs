using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement.Sequences;

/// <summary>What the kernel has, as iptables-save and <c>nft -j list ruleset</c> tell it, divided into what is ours and what is not.</summary>
internal sealed partial class KernelRules
{
    private static readonly string[] Programs = ["iptables-nft", "iptables-legacy"];

    private readonly List<string> _foreign = [];
    private readonly List<(RuleItem Item, long End)> _items = [];
    private readonly List<string> _chains = [];
    private readonly List<(string Place, string Chain, string Text, int Number)> _rules = [];
    private readonly List<(string Table, string Name)> _sets = [];

    private KernelRules()
    {
    }

    /// <summary>Everything else, line by line.</summary>
    public IReadOnlyList<string> Foreign => _foreign;

    /// <summary>Rules with an end, and elements; the end of a rule in epoch seconds, that of an element in seconds from now.</summary>
    public IReadOnlyList<(RuleItem Item, long End)> Items => _items;

    /// <summary>Our chains, and tables: <c>iptables-nft 4 filter FWKNOP_INPUT</c>, <c>inet fwknop</c>.</summary>
    public IReadOnlyList<string> Chains => _chains;

    /// <summary>Rules of ours without an end, and what leads to our chains; each with its number in its chain, from 0.</summary>
    public IReadOnlyList<(string Place, string Chain, string Text, int Number)> Rules => _rules;

    /// <summary>Our sets and maps in nftables.</summary>
    public IReadOnlyList<(string Table, string Name)> Sets => _sets;

    public static KernelRules Read(NetworkNamespace space)
    {
        KernelRules rules = new();
        foreach (string program in Programs)
        {
            foreach (string family in (string[])["ip", "ip6"])
            {
                string name = program.Replace("ip", family, StringComparison.Ordinal);
                rules.ReadSaved(program, family == "ip" ? "4" : "6", space.RunChecked($"{name}-save").Output);
            }
        }

        rules.ReadSets(space.RunChecked("ipset", "save").Output);
        using JsonDocument ruleset = JsonDocument.Parse(space.RunChecked("nft", "-j", "list", "ruleset").Output);
        Dictionary<string, int> numbers = [];
        foreach (JsonElement entry in ruleset.RootElement.GetProperty("nftables").EnumerateArray())
        {
            rules.ReadEntry(entry.EnumerateObject().Single(), numbers);
        }

        return rules;
    }

    /// <summary>Lets the kernel's timeouts come nearer by so much, as if time had passed.</summary>
    public static void Age(NetworkNamespace space, int seconds)
    {
        KernelRules rules = Read(space);
        IEnumerable<string> lines =
            from found in rules._items
            where found.Item.Place.StartsWith("inet ", StringComparison.Ordinal)
            let set = found.Item.Text.Split(" { ")[0]
            let element = found.Item.Text.Split(" { ")[1].Split(" }")[0].Split(" : ")
            let value = element.Length > 1 ? $" : {element[1]}" : ""
            let left = found.End - seconds
            let again = left <= 0 ? "" : string.Create(
                CultureInfo.InvariantCulture, $"add element {found.Item.Place} {set} {{ {element[0]} timeout {left / 86400}d{left % 86400 / 3600}h{left % 3600 / 60}m{left % 60}s{value} }}\n")
            select $"delete element {found.Item.Place} {set} {{ {element[0]} }}\n{again}";
        space.RunChecked("nft", string.Concat(lines));
        foreach ((RuleItem item, long end) in rules._items.Where(found => found.Item.Place.StartsWith("ipset ", StringComparison.Ordinal)))
        {
            string set = item.Place.Split(' ')[1];
            space.RunChecked("ipset", end > seconds
                ? ["add", "-exist", set, item.Text, "timeout", (end - seconds).ToString(CultureInfo.InvariantCulture)]
                : ["del", set, item.Text]);
        }
    }

    private static bool IsOurs(string chain) => OwnChain().IsMatch(chain);

    private void ReadSaved(string program, string family, string output)
    {
        string table = "";
        Dictionary<string, int> numbers = [];
        foreach (string line in output.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            string[] words = line.Split(' ');
            table = line[0] == '*' ? line[1..] : table;
            string name = words[0] == "-A" ? words[1] : words[0].TrimStart(':');
            int number = words[0] == "-A" ? numbers[$"{table} {name}"] = numbers.GetValueOrDefault($"{table} {name}", -1) + 1 : 0;
            if (line[0] == ':' && IsOurs(name))
            {
                _chains.Add($"{program} {family} {table} {name}");
            }
            else if (words[0] == "-A" && IsOurs(name) && Expiry().Match(line) is { Success: true } expiry)
            {
                string text = line.Replace(expiry.Value, "_exp_EXP", StringComparison.Ordinal);
                _items.Add((new RuleItem($"{program} {family} {table} {name}", text), long.Parse(expiry.Groups["end"].Value, CultureInfo.InvariantCulture)));
            }
            else if (words[0] == "-A" && (IsOurs(name) || IsOurs(words[^1])))
            {
                _rules.Add(($"{program} {family} {table}", name, line, number));
            }
            else if (line[0] is ':' or '-')
            {
                _foreign.Add($"{program} {family} {table} {Counters().Replace(line, "")}");
            }
        }
    }

    private void ReadSets(string output)
    {
        foreach (string[] words in output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')))
        {
            if (!words[1].StartsWith("fwknop_", StringComparison.Ordinal))
            {
                _foreign.Add(string.Join(' ', words));
            }
            else if (words[0] == "create")
            {
                _chains.Add($"ipset {words[1]}");
            }
            else
            {
                _items.Add((new RuleItem($"ipset {words[1]}", words[2]), long.Parse(words[4], CultureInfo.InvariantCulture)));
            }
        }
    }

    private void ReadEntry(JsonProperty entry, Dictionary<string, int> numbers)
    {
        string Text(string name) => entry.Value.TryGetProperty(name, out JsonElement value) ? value.ToString() : "";

        string table = $"{Text("family")} {(entry.Name == "table" ? Text("name") : Text("table"))}";
        if (entry.Name == "metainfo" || TableOfIptables().IsMatch(table))
        {
            return;
        }

        bool isOwnTable = table == ExpectedNft.OwnTable;
        switch (entry.Name)
        {
            case "table" when isOwnTable:
                _chains.Add(table);
                break;
            case "set" or "map" when isOwnTable ? !Text("name").StartsWith("open", StringComparison.Ordinal) : InsertedSet().IsMatch(Text("name")):
                _sets.Add((table, Text("name")));
                ReadElements(table, Text("name"), entry.Value);
                break;
            case "chain" or "set" when isOwnTable:
                break;
            case "chain" when IsOurs(Text("name")):
                _chains.Add($"{table} {Text("name")}");
                break;
            case "rule":
                int number = numbers[$"{table} {Text("chain")}"] = numbers.GetValueOrDefault($"{table} {Text("chain")}", -1) + 1;
                if (isOwnTable || IsOurs(Text("chain")) || Text("comment") == "fwknopd")
                {
                    _rules.Add((table, Text("chain"), Text("expr"), number));
                    break;
                }

                goto default;
            default:
                _foreign.Add(entry.Value.GetRawText());
                break;
        }
    }

    private void ReadElements(string table, string set, JsonElement entry)
    {
        if (!entry.TryGetProperty("elem", out JsonElement elements))
        {
            return;
        }

        foreach (JsonElement element in elements.EnumerateArray())
        {
            bool isMap = element.ValueKind == JsonValueKind.Array;
            JsonElement key = (isMap ? element[0] : element).GetProperty("elem");
            string text = isMap ? $"{TextOf(key.GetProperty("val"))} : {TextOf(element[1])}" : TextOf(key.GetProperty("val"));
            _items.Add((new RuleItem(table, $"{set} {{ {text} }}"), key.GetProperty("expires").GetInt64()));
        }
    }

    private static string TextOf(JsonElement value) => value.ValueKind == JsonValueKind.Object
        ? string.Join(" . ", value.GetProperty("concat").EnumerateArray().Select(part => part.ToString()))
        : value.ToString();

    [GeneratedRegex(@"\A(FW|MY)KNOP_(INPUT|OUTPUT|FORWARD|PREROUTING|POSTROUTING|MASQUERADE)\z", RegexOptions.CultureInvariant)]
    private static partial Regex OwnChain();

    [GeneratedRegex(@"\Afwknop_(grants|forward|local)[46](_|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex InsertedSet();

    [GeneratedRegex("\"?_exp_(?<end>[0-9]+)\"?", RegexOptions.CultureInvariant)]
    private static partial Regex Expiry();

    [GeneratedRegex(@" \[[0-9]+:[0-9]+\]\z", RegexOptions.CultureInvariant)]
    private static partial Regex Counters();

    [GeneratedRegex(@"\Aip6? (filter|nat|mangle)\z", RegexOptions.CultureInvariant)]
    private static partial Regex TableOfIptables();
}
