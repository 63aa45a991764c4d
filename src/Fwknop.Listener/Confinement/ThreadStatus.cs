using System.Globalization;

namespace Fwknop.Listener.Confinement;

/// <summary>The lines of one thread's /proc/self/task/N/status that say what it may do.</summary>
internal sealed class ThreadStatus
{
    private static readonly string[] IdentityLines = ["Uid", "Gid"];
    private static readonly string[] CapabilityLines = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"];

    private readonly Dictionary<string, string> _lines;
    private readonly List<string> _repeated;

    private ThreadStatus(Dictionary<string, string> lines, List<string> repeated)
    {
        _lines = lines;
        _repeated = repeated;
    }

    /// <summary>Takes any text; what is missing or wrong in it becomes a violation.</summary>
    public static ThreadStatus Parse(string text)
    {
        Dictionary<string, string> lines = new(StringComparer.Ordinal);
        List<string> repeated = [];
        foreach (string line in text.Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && !lines.TryAdd(line[..colon], line[(colon + 1)..]))
            {
                repeated.Add(line[..colon]);
            }
        }

        return new ThreadStatus(lines, repeated);
    }

    /// <summary>Everything about the thread that goes beyond what a confined listener may do. Empty: it is confined.</summary>
    public IReadOnlyList<string> FindViolations(Capabilities allowed, bool mayBeRoot = false)
    {
        List<string> violations = [];
        foreach (string name in IdentityLines)
        {
            CheckIdentity(name, mayBeRoot, violations);
        }

        CheckGroups(violations);
        CheckNoNewPrivileges(violations);
        foreach (string name in CapabilityLines)
        {
            CheckCapabilities(name, allowed, violations);
        }

        return violations;
    }

    /// <summary>Real, effective, saved and file system id, none of which may be root's unless that is allowed.</summary>
    private void CheckIdentity(string name, bool mayBeRoot, List<string> violations)
    {
        if (!TryRead(name, violations, out string value))
        {
            return;
        }

        string[] ids = value.Split('\t', StringSplitOptions.RemoveEmptyEntries);
        if (ids.Length != 4 || !ids.All(id => uint.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            violations.Add($"{name} cannot be read: '{value.Trim()}'");
        }
        else if (!mayBeRoot && ids.Any(id => uint.Parse(id, NumberStyles.None, CultureInfo.InvariantCulture) == 0))
        {
            violations.Add($"{name} is root's: {string.Join(' ', ids)}");
        }
    }

    private void CheckGroups(List<string> violations)
    {
        if (TryRead("Groups", violations, out string value) && value.Trim().Length > 0)
        {
            violations.Add($"supplementary groups are left: {value.Trim()}");
        }
    }

    private void CheckNoNewPrivileges(List<string> violations)
    {
        if (TryRead("NoNewPrivs", violations, out string value) && value.Trim() != "1")
        {
            violations.Add($"new privileges can be gained: NoNewPrivs is '{value.Trim()}'");
        }
    }

    private void CheckCapabilities(string name, Capabilities allowed, List<string> violations)
    {
        if (!TryRead(name, violations, out string value))
        {
            return;
        }

        if (!ulong.TryParse(value.Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong held))
        {
            violations.Add($"{name} cannot be read: '{value.Trim()}'");
        }
        else if ((held & ~(ulong)allowed) is var excess and not 0)
        {
            violations.Add(string.Create(CultureInfo.InvariantCulture, $"{name} holds capabilities beyond those needed: {excess:x16}"));
        }
    }

    private bool TryRead(string name, List<string> violations, out string value)
    {
        if (!_lines.TryGetValue(name, out value!))
        {
            violations.Add($"{name} is missing");
            return false;
        }

        if (_repeated.Contains(name))
        {
            violations.Add($"{name} is there more than once");
        }

        return true;
    }
}
