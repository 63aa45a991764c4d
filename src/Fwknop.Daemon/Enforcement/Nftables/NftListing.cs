using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>Reads what nft lists. What does not have exactly the expected form is not ours.</summary>
internal static partial class NftListing
{
    /// <summary>The elements of a listed set that have not timed out, with the time they have left.</summary>
    public static IReadOnlyList<(GrantKey Key, TimeSpan Remaining)> Elements(string listing)
    {
        List<(GrantKey, TimeSpan)> elements = [];
        foreach (Match match in ElementPattern().Matches(listing))
        {
            if (TryReadKey(match, out GrantKey? key) && TryParseDuration(match.Groups["left"].Value, out TimeSpan left))
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

    private static bool TryReadKey(Match match, [NotNullWhen(true)] out GrantKey? key)
    {
        key = null;
        IPAddress? destination = null;
        if (!IPAddress.TryParse(match.Groups["source"].Value, out IPAddress? source)
            || (match.Groups["destination"] is { Success: true } to && !IPAddress.TryParse(to.Value, out destination))
            || (destination is not null && destination.AddressFamily != source.AddressFamily)
            || !int.TryParse(match.Groups["port"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            || port is < 1 or > ushort.MaxValue
            || source.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
        {
            return false;
        }

        key = new GrantKey(source, destination, match.Groups["protocol"].Value == "udp" ? PortSpec.Udp(port) : PortSpec.Tcp(port));
        return true;
    }

    [GeneratedRegex(
        @"(?<![^\s{,])(?<source>[0-9a-f.:]{2,45}) \. (?:(?<destination>[0-9a-f.:]{2,45}) \. )?(?<protocol>tcp|udp) \. (?<port>[0-9]{1,5})"
        + @" timeout [0-9dhms]+ expires (?<left>[0-9dhms]+)(?![^\s,}])",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ElementPattern();

    [GeneratedRegex(
        @"\A((?<d>[0-9]{1,5})d)?((?<h>[0-9]{1,2})h)?((?<m>[0-9]{1,2})m)?((?<s>[0-9]{1,2})s)?((?<ms>[0-9]{1,3})ms)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex DurationPattern();
}
