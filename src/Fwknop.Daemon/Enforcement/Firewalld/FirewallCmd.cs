using System.Globalization;
using System.Text.RegularExpressions;
using Fwknop.Daemon.Programs;

namespace Fwknop.Daemon.Enforcement.Firewalld;

/// <summary>What firewall-cmd, the program of firewalld, does with the rich rules of a zone.</summary>
/// <param name="executable">Its path.</param>
/// <param name="timeout">How long it may take.</param>
/// <param name="log">For what is run.</param>
internal sealed partial class FirewallCmd(string executable, TimeSpan timeout, IFirewallLog log)
{
    /// <summary>Our choice: about a second of work, and far less than the kernel takes of a command line.</summary>
    private const int MaxRules = 50;

    /// <summary>The zone is not there, nor are rules in it (firewall-cmd(1), exit codes).</summary>
    private const int InvalidZone = 112;

    /// <summary>Our choice: the daemon waits meanwhile, and firewalld needs some 15 ms for a rule.</summary>
    public static readonly TimeSpan UsualTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Asks for the zone that interfaces are in that no other names.</summary>
    public bool TryFindDefaultZone(out string zone, out string error)
    {
        ExternalResult result = Run("--get-default-zone");
        zone = result.Output.Trim();
        error = !result.Succeeded ? result.Error : Name().IsMatch(zone) ? "" : $"{executable} names no default zone";
        return error.Length == 0;
    }

    /// <summary>The zones that have an interface or a source.</summary>
    public bool TryListActiveZones(out IReadOnlySet<string> zones, out string error)
    {
        ExternalResult result = Run("--get-active-zones");
        error = result.Error;
        zones = new HashSet<string>(result.Output.Split('\n').Where(line => !line.StartsWith(' ')).Select(line => line.Split(' ')[0]), StringComparer.Ordinal);
        return result.Succeeded;
    }

    /// <summary>The rich rules of a zone, one a line.</summary>
    public bool TryList(string zone, bool permanent, out IReadOnlyList<string> rules, out string error)
    {
        ExternalResult result = Run([.. Permanent(permanent), $"--zone={zone}", "--list-rich-rules"]);
        rules = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        error = result.Error;
        return result.Succeeded;
    }

    /// <summary>
    /// Adds rules, each for a time. That it has been done is certain only when they are listed: firewall-cmd ends with success when it could add one of several. A rule
    /// that is there already keeps the time it has.
    /// </summary>
    /// <param name="zone">The zone.</param>
    /// <param name="rules">The rules, and their time in whole seconds.</param>
    /// <param name="error">What the program says.</param>
    public bool TryAdd(string zone, IEnumerable<KeyValuePair<RichRule, int>> rules, out string error)
    {
        foreach (IGrouping<int, KeyValuePair<RichRule, int>> together in rules.GroupBy(rule => rule.Value))
        {
            foreach (KeyValuePair<RichRule, int>[] part in together.Chunk(MaxRules))
            {
                string timeout = string.Create(CultureInfo.InvariantCulture, $"--timeout={together.Key}");
                ExternalResult result = Run([$"--zone={zone}", timeout, .. part.Select(rule => $"--add-rich-rule={rule.Key}")]);
                if (!result.Succeeded)
                {
                    error = result.Error;
                    return false;
                }
            }
        }

        error = "";
        return true;
    }

    /// <summary>Removes rules. Those that are not there, and those of a zone that is not there, count as removed.</summary>
    public bool TryRemove(string zone, bool permanent, IEnumerable<string> rules, out string error)
    {
        foreach (string[] part in rules.Chunk(MaxRules))
        {
            ExternalResult result = Run([.. Permanent(permanent), $"--zone={zone}", .. part.Select(rule => $"--remove-rich-rule={rule}")]);
            if (!result.Succeeded && result.Status != InvalidZone)
            {
                error = result.Error;
                return false;
            }
        }

        error = "";
        return true;
    }

    /// <summary>Shows all of a zone in the program's own words.</summary>
    public ExternalResult Show(string zone) => Run($"--zone={zone}", "--list-all");

    private static string[] Permanent(bool permanent) => permanent ? ["--permanent"] : [];

    private ExternalResult Run(params IReadOnlyList<string> arguments) => FirewallProgram.Run(executable, arguments, "", timeout, log);

    [GeneratedRegex(@"\A[A-Za-z0-9_.-]{1,28}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
