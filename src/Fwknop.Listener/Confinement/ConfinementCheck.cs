using System.Globalization;
using Fwknop.Native.Libc;

namespace Fwknop.Listener.Confinement;

/// <summary>
/// Makes sure, before the first packet is read, that this process can do no more than it needs: the confinement is made by whoever started it, and
/// a mistake there must not go unnoticed. Capabilities and no_new_privs belong to a thread, and the runtime has several before Main begins, so each is looked at.
/// </summary>
internal static class ConfinementCheck
{
    private const string TaskFolder = "/proc/self/task";

    /// <summary>
    /// All that is wrong, in words for the log. Empty: confined. Turns off core dumps and tracing on the way. Last, it tries to become root:
    /// after a violation the process must end.
    /// </summary>
    /// <param name="allowed">What it may be left with.</param>
    /// <param name="mayBeRoot">A decryptor has the user whom the keyring belongs to, whoever that is.</param>
    public static IReadOnlyList<string> FindViolations(Capabilities allowed, bool mayBeRoot = false)
    {
        CurrentProcess.IsDumpable = false;
        List<string> violations = [];
        CheckThreads(allowed, mayBeRoot, violations);
        if (CurrentProcess.IsDumpable)
        {
            violations.Add("memory can be dumped and traced");
        }

        // Only a process that looks confined is put to the test: the C library would stop it if its threads disagreed.
        if (violations.Count == 0 && !mayBeRoot && CurrentProcess.TryBecomeRoot())
        {
            violations.Add("root can be regained");
        }

        return violations;
    }

    /// <summary>Until a look at the list shows no thread that is not known: one that was made meanwhile has the rights of the one that made it.</summary>
    private static void CheckThreads(Capabilities allowed, bool mayBeRoot, List<string> violations)
    {
        HashSet<string> known = new(StringComparer.Ordinal);
        Dictionary<string, int> found = new(StringComparer.Ordinal);
        bool foundNew = true;
        while (foundNew)
        {
            foundNew = false;
            foreach (string folder in Directory.GetDirectories(TaskFolder))
            {
                if (known.Add(folder))
                {
                    foundNew = true;
                    CheckThread(folder, allowed, mayBeRoot, found);
                }
            }
        }

        if (known.Count == 0)
        {
            violations.Add("no thread was found in " + TaskFolder);
        }

        violations.AddRange(found.Select(violation => string.Create(
            CultureInfo.InvariantCulture, $"{violation.Key} (in {violation.Value} of {known.Count} threads)")));
    }

    private static void CheckThread(string folder, Capabilities allowed, bool mayBeRoot, Dictionary<string, int> found)
    {
        string status;
        try
        {
            status = File.ReadAllText(Path.Combine(folder, "status"));
        }
        catch (IOException) when (!Directory.Exists(folder))
        {
            return; // The thread has ended.
        }

        foreach (string violation in ThreadStatus.Parse(status).FindViolations(allowed, mayBeRoot))
        {
            found[violation] = found.GetValueOrDefault(violation) + 1;
        }
    }
}
