using System.Globalization;
using System.Text.RegularExpressions;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>Reads what nft lists. What does not have exactly the expected form is not ours.</summary>
internal static partial class NftListing
{
    /// <summary>Our sets in a listed table, each with its part of the listing.</summary>
    public static IReadOnlyList<(NftSet Set, string Listing)> Sets(string listing, NftPlace place)
    {
        List<(NftSet, string)> sets = [];
        foreach (Match match in SetPattern().Matches(listing))
        {
            string name = match.Groups["name"].Value;
            if (name.StartsWith(place.SetPrefix, StringComparison.Ordinal) && NftSet.TryParse(name[place.SetPrefix.Length..], out NftSet? set))
            {
                sets.Add((set, match.Value));
            }
        }

        return sets;
    }

    /// <summary>The elements of a listed set that have not timed out, with the time they have left.</summary>
    public static IReadOnlyList<(GrantKey Key, TimeSpan Remaining)> Elements(string listing, NftSet set)
    {
        List<(GrantKey, TimeSpan)> elements = [];
        foreach (Match match in ElementPattern().Matches(listing))
        {
            if (set.Read(match.Groups["element"].Value) is { } key && TryParseDuration(match.Groups["left"].Value, out TimeSpan left))
            {
                elements.Add((key, left));
            }
        }

        return elements;
    }

    /// <summary>At which hooks a chain of a listed table comes to be: its own, or those of the chains that lead to it.</summary>
    public static IReadOnlySet<string> HooksOf(string listing, string chain)
    {
        Dictionary<string, string> bodies = [];
        foreach (Match match in ChainPattern().Matches(listing))
        {
            bodies[match.Groups["name"].Value] = CommentPattern().Replace(match.Groups["body"].Value, "");
        }

        HashSet<string> leading = [chain];
        HashSet<string> hooks = [];
        for (Queue<string> next = new([chain]); next.TryDequeue(out string? name);)
        {
            if (bodies.TryGetValue(name, out string? body) && HookPattern().Match(body) is { Success: true } hook)
            {
                hooks.Add(hook.Groups["hook"].Value);
            }

            foreach ((string from, string rules) in bodies)
            {
                if (JumpPattern().Matches(rules).Any(jump => jump.Groups["to"].Value == name) && leading.Add(from))
                {
                    next.Enqueue(from);
                }
            }
        }

        return hooks;
    }

    /// <summary>The handles of the rules with this exact text in a listed chain.</summary>
    public static IReadOnlyList<ulong> Handles(string listing, string rule)
    {
        List<ulong> handles = [];
        string start = rule + " # handle ";
        foreach (string line in listing.Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line.StartsWith(start, StringComparison.Ordinal)
                && ulong.TryParse(line.AsSpan(start.Length), NumberStyles.None, CultureInfo.InvariantCulture, out ulong handle))
            {
                handles.Add(handle);
            }
        }

        return handles;
    }

    /// <summary>The chains of a listed table in which rules with this exact text are, with their handles.</summary>
    public static IReadOnlyList<(string Chain, ulong Handle)> Find(string listing, string rule) =>
    [
        .. from Match chain in ChainPattern().Matches(listing)
           from handle in Handles(chain.Groups["body"].Value, rule)
           select (chain.Groups["name"].Value, handle),
    ];

    /// <summary>The reason in an error text, without the command and the carets below it.</summary>
    public static string Reason(string error)
    {
        const string Mark = "Error: ";
        string line = error.Split('\n').FirstOrDefault(text => text.Contains(Mark, StringComparison.Ordinal)) ?? error;
        int mark = line.IndexOf(Mark, StringComparison.Ordinal);
        return (mark < 0 ? line : line[(mark + Mark.Length)..]).Trim();
    }

    /// <summary><c>1d2h3m4s5ms</c>, any of the units, in this order.</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        duration = default;
        Match match = DurationPattern().Match(text);
        if (text.Length == 0 || !match.Success)
        {
            return false;
        }

        duration = new TimeSpan(Number("d"), Number("h"), Number("m"), Number("s"), Number("ms"));
        return true;

        int Number(string unit) =>
            match.Groups[unit] is { Success: true } group ? int.Parse(group.Value, CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>From its name to the brace that ends it, which stands alone: elements are in lines that go on after theirs.</summary>
    [GeneratedRegex(
        @"^\tset (?<name>[A-Za-z0-9_]{1,128}) \{( # handle [0-9]+)?\n(.*\n)*?\t\}$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline)]
    private static partial Regex SetPattern();

    [GeneratedRegex(
        @"(?<=[{,]\s*)(?<element>[0-9a-z.:]{2,45}( \. [0-9a-z.:]{1,45}){0,5})"
        + @" timeout [0-9dhms]+ expires (?<left>[0-9dhms]+)(?![^\s,}])",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ElementPattern();

    [GeneratedRegex(
        @"^\tchain (?<name>[A-Za-z0-9_./\\-]{1,256}) \{( # handle [0-9]+)?\n(?<body>(.*\n)*?)\t\}$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline)]
    private static partial Regex ChainPattern();

    /// <summary>What the administrator has written, not nft.</summary>
    [GeneratedRegex("\"[^\"\n]*\"", RegexOptions.CultureInvariant)]
    private static partial Regex CommentPattern();

    [GeneratedRegex(@"^\t\ttype (filter|nat|route) hook (?<hook>[a-z]+) ", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline)]
    private static partial Regex HookPattern();

    [GeneratedRegex(@"\b(jump|goto) (?<to>[A-Za-z0-9_./\\-]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex JumpPattern();

    [GeneratedRegex(
        @"\A((?<d>[0-9]{1,5})d)?((?<h>[0-9]{1,2})h)?((?<m>[0-9]{1,2})m)?((?<s>[0-9]{1,2})s)?((?<ms>[0-9]{1,3})ms)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex DurationPattern();
}
