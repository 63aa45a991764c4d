using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Protocol;

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
        foreach (Match match in (set.Range is null ? ElementPattern() : RangeElementPattern()).Matches(listing))
        {
            if (TryReadKey(match, set, out GrantKey? key) && TryParseDuration(match.Groups["left"].Value, out TimeSpan left))
            {
                elements.Add((key, left));
            }
        }

        return elements;
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

    private static bool TryReadKey(Match match, NftSet set, [NotNullWhen(true)] out GrantKey? key)
    {
        key = null;
        IPAddress? destination = null;
        if (!NetworkText.TryRead(match.Groups["source"].Value, set.PrefixLength, out IPNetwork source)
            || (match.Groups["destination"] is { Success: true } to && !IPAddress.TryParse(to.Value, out destination))
            || (destination is not null && destination.AddressFamily != source.BaseAddress.AddressFamily)
            || !GrantPrefix.MayBe(source)
            || (set.Range ?? ReadPort(match)) is not { } ports)
        {
            return false;
        }

        // What is not of the set's shape is not ours.
        GrantKey found = new(source, destination, ports);
        key = NftSet.Of(found) == set ? found : null;
        return key is not null;
    }

    private static PortRange? ReadPort(Match match)
    {
        bool isGood = int.TryParse(match.Groups["port"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port is >= 1 and <= ushort.MaxValue;
        TransportProtocol protocol = match.Groups["protocol"].Value == "udp" ? TransportProtocol.Udp : TransportProtocol.Tcp;
        return isGood ? new PortRange(protocol, port, port) : null;
    }

    /// <summary>From its name to the brace that ends it, which stands alone: elements are in lines that go on after theirs.</summary>
    [GeneratedRegex(
        @"^\tset (?<name>[A-Za-z0-9_]{1,128}) \{( # handle [0-9]+)?\n(.*\n)*?\t\}$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline)]
    private static partial Regex SetPattern();

    [GeneratedRegex(
        @"(?<![^\s{,])(?<source>[0-9a-f.:]{2,45}) \. (?:(?<destination>[0-9a-f.:]{2,45}) \. )?(?<protocol>tcp|udp) \. (?<port>[0-9]{1,5})"
        + @" timeout [0-9dhms]+ expires (?<left>[0-9dhms]+)(?![^\s,}])",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ElementPattern();

    [GeneratedRegex(
        @"(?<=[{,]\s*)(?<source>[0-9a-f.:]{2,45})(?: \. (?<destination>[0-9a-f.:]{2,45}))?"
        + @" timeout [0-9dhms]+ expires (?<left>[0-9dhms]+)(?![^\s,}])",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex RangeElementPattern();

    [GeneratedRegex(
        @"\A((?<d>[0-9]{1,5})d)?((?<h>[0-9]{1,2})h)?((?<m>[0-9]{1,2})m)?((?<s>[0-9]{1,2})s)?((?<ms>[0-9]{1,3})ms)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex DurationPattern();
}
