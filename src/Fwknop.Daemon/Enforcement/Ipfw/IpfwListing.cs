using System.Globalization;
using System.Text.RegularExpressions;

namespace Fwknop.Daemon.Enforcement.Ipfw;

/// <summary>What <c>ipfw list</c> says. Lines of any other form are passed over.</summary>
internal static partial class IpfwListing
{
    private const string DynamicRules = "## Dynamic rules";

    /// <summary>Reads rules.</summary>
    /// <param name="output">What the program has printed.</param>
    /// <param name="set">The set that was asked for; lines that name theirs (<c>-S</c>) are of that one.</param>
    public static IReadOnlyList<ListedRule> Read(string output, int set = 0) => [.. output.Split('\n').Select(line => ReadRule(line, set)).OfType<ListedRule>()];

    /// <summary>
    /// Reads which rules of a disabled set connections hold on to. Without any connection ipfw prints no heading, and rules of a disabled set it does
    /// not print without <c>-S</c>.
    /// </summary>
    /// <param name="output">What <c>ipfw -d list</c> has printed.</param>
    /// <param name="isInForce">True when it has printed rules all the same: the set is not disabled.</param>
    /// <param name="numbers">The numbers of those rules.</param>
    /// <returns>False when it is nothing that ipfw prints.</returns>
    public static bool TryReadHeld(string output, out bool isInForce, out IReadOnlySet<int> numbers)
    {
        HashSet<int> held = [];
        (isInForce, numbers) = (false, held);
        bool isDynamic = false;
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith(DynamicRules, StringComparison.Ordinal))
            {
                isDynamic = true;
            }
            else if (isDynamic && TryReadNumber(DynamicRule().Match(line), out int number))
            {
                held.Add(number);
            }
            else if (isDynamic || ReadRule(line, 0) is null)
            {
                return false;
            }
            else
            {
                isInForce = true;
            }
        }

        return true;
    }

    private static ListedRule? ReadRule(string line, int set)
    {
        Match match = StaticRule().Match(line);
        return TryReadNumber(match, out int number)
            ? new ListedRule(
                number,
                match.Groups["set"] is { Success: true } named ? int.Parse(named.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : set,
                match.Groups["disabled"].Success,
                match.Groups["text"].Value)
            : null;
    }

    private static bool TryReadNumber(Match match, out int number)
    {
        number = 0;
        return match.Success
            && int.TryParse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number is > 0 and <= ushort.MaxValue;
    }

    /// <summary><c>10000 set 1 allow tcp from …</c>, with a mark in front where the set is disabled.</summary>
    [GeneratedRegex(
        @"\A(?<disabled># DISABLED )?(?<number>[0-9]{1,5}) (set (?<set>[0-9]{1,2}) )?(?<text>[a-z][ -~]*)\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex StaticRule();

    /// <summary><c>10000 STATE tcp 192.0.2.1 40000 &lt;-&gt; 192.0.2.2 22 :default</c>; earlier versions have counters behind the number.</summary>
    [GeneratedRegex(@"\A(?<number>[0-9]{1,5}) +[ -~]+\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex DynamicRule();
}
