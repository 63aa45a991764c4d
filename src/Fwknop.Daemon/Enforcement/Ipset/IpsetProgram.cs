using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Fwknop.Daemon.Programs;

namespace Fwknop.Daemon.Enforcement.Ipset;

/// <summary>ipset(8): what can be asked of it and done by it.</summary>
internal sealed partial class IpsetProgram(string executable, int maxElements, IFirewallLog log)
{
    /// <summary>The kernel's limit for a timeout.</summary>
    public static readonly TimeSpan LongestTimeout = TimeSpan.FromSeconds(2_147_483);

    /// <summary>Our choice: a program that hangs is noticed.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private const int InUseRetries = 5;

    private static readonly TimeSpan InUseDelay = TimeSpan.FromMilliseconds(20);

    /// <summary>Reads the types and numbers of elements of all sets, without the elements.</summary>
    /// <param name="sets">By name: <c>hash:net,port inet</c> and how many elements.</param>
    /// <param name="error">Why not.</param>
    public bool TryList(out IReadOnlyDictionary<string, (string Type, int Count)> sets, out string error)
    {
        ExternalResult result = Run(["list", "-terse"], "");
        sets = SetHeader().Matches(result.Output).DistinctBy(match => match.Groups["name"].Value).ToDictionary(
            match => match.Groups["name"].Value,
            match => ($"{match.Groups["type"].Value} {match.Groups["family"].Value}", int.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture)));
        error = result.Error;
        return result.Succeeded;
    }

    /// <summary>The elements of a set, as <c>ipset save</c> prints them.</summary>
    public bool TrySave(IpsetSet set, out string saved, out string error)
    {
        ExternalResult result = Run(["save", set.Name], "");
        (saved, error) = (result.Output, result.Error);
        return result.Succeeded;
    }

    /// <summary>Does a script. What is before a line that fails may have been done.</summary>
    public bool TryRestore(StringBuilder script, out string error)
    {
        error = "";
        if (script.Length == 0)
        {
            return true;
        }

        ExternalResult result = Run(["restore", "-exist"], script.ToString());
        error = result.Error;
        return result.Succeeded;
    }

    /// <summary>Shows a set in the program's own words.</summary>
    public ExternalResult Show(IpsetSet set) => Run(["list", set.Name], "");

    /// <summary>Adds an element, or gives it another end. It ends by itself: a timeout of 0, which would be for ever, is never written.</summary>
    public static void AppendAdd(StringBuilder script, string set, GrantKey key, TimeSpan remaining)
    {
        double seconds = Math.Clamp(Math.Ceiling(remaining.TotalSeconds), 1, LongestTimeout.TotalSeconds);
        script.Append(CultureInfo.InvariantCulture, $"add {set} {IpsetSet.Element(key)} timeout {seconds:0}\n");
    }

    public static void AppendDelete(StringBuilder script, string set, GrantKey key) => script.Append(CultureInfo.InvariantCulture, $"del {set} {IpsetSet.Element(key)}\n");

    /// <summary>Takes a set away. One that is in use is emptied.</summary>
    /// <param name="name">A set that is there.</param>
    /// <param name="error">Why it is still there.</param>
    public bool TryDestroy(string name, out string error)
    {
        // Rules of nftables' iptables that have been deleted let go of their sets a moment later.
        ExternalResult result = Run(["destroy", name], "");
        for (int i = 0; i < InUseRetries && !result.Succeeded; i++)
        {
            Thread.Sleep(InUseDelay);
            result = Run(["destroy", name], "");
        }

        error = result.Error;
        if (!result.Succeeded && Run(["flush", name], "").Succeeded)
        {
            error += "; it has been emptied";
        }

        return result.Succeeded;
    }

    /// <summary>Makes a set with these elements, in place of the one of that name: to packets that is one step.</summary>
    /// <param name="script">What it is appended to.</param>
    /// <param name="set">The set.</param>
    /// <param name="present">What <see cref="TryList"/> has found.</param>
    /// <param name="elements">All elements.</param>
    public void AppendReplacement(
        StringBuilder script, IpsetSet set, IReadOnlyDictionary<string, (string Type, int Count)> present, IEnumerable<(GrantKey Key, TimeSpan Remaining)> elements)
    {
        if (present.ContainsKey(set.NextName))
        {
            script.Append(CultureInfo.InvariantCulture, $"destroy {set.NextName}\n");
        }

        script.Append(CultureInfo.InvariantCulture, $"create {set.NextName} {set.Definition(maxElements)}\n");
        foreach ((GrantKey key, TimeSpan remaining) in elements)
        {
            AppendAdd(script, set.NextName, key, remaining);
        }

        script.Append(present.ContainsKey(set.Name)
            ? $"swap {set.NextName} {set.Name}\ndestroy {set.NextName}\n"
            : $"rename {set.NextName} {set.Name}\n");
    }

    private ExternalResult Run(IReadOnlyList<string> arguments, string input) => FirewallProgram.Run(executable, arguments, input, Timeout, log);

    [GeneratedRegex(
        @"^Name: (?<name>[^\n]{1,31})\nType: (?<type>[a-z0-9:,]{1,32})\n(?:Revision: [^\n]*\n)?Header: (?:family )?(?<family>inet6?)\b[^\n]*\n(?:(?!Name: )[^\n]*\n)*?Number of entries: (?<count>[0-9]{1,9})$",
        RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex SetHeader();
}
