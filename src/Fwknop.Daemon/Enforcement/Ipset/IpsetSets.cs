using System.Text;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Programs;

namespace Fwknop.Daemon.Enforcement.Ipset;

/// <summary>Our sets in the kernel; those of others that have their names are left alone.</summary>
internal sealed class IpsetSets(IpsetProgram program)
{
    /// <summary>Finds the sets that are there, of others too; fails where one has a name of ours.</summary>
    public bool TryLook(out IReadOnlyDictionary<string, (string Type, int Count)> present, out string error) =>
        program.TryList(out present, out error) && !IsTaken(present, out error);

    /// <summary>The elements of a set, as <c>ipset save</c> prints them.</summary>
    public bool TrySave(IpsetSet set, out string saved, out string error) => program.TrySave(set, out saved, out error);

    /// <summary>Does a script. What is before a line that fails may have been done.</summary>
    public bool TryChange(StringBuilder script, out string error) => program.TryRestore(script, out error);

    /// <summary>Shows them in the program's own words.</summary>
    public IEnumerable<ExternalResult> Show() => IpsetSet.All.Select(program.Show);

    /// <summary>Makes the sets of a family anew, with these grants. Null, or why not.</summary>
    public string? Replace(
        bool ipv6, IReadOnlyDictionary<string, (string Type, int Count)> present, IReadOnlyCollection<LiveGrant> grants, Moment now)
    {
        StringBuilder script = new();
        foreach (IpsetSet set in IpsetSet.All.Where(set => set.IsIPv6 == ipv6))
        {
            program.AppendReplacement(
                script,
                set,
                present,
                grants.Where(grant => grant.End.Due > now.Monotonic && IpsetSet.Of(grant.Key) == set).Select(grant => (grant.Key, grant.End.Due - now.Monotonic)));
        }

        if (program.TryRestore(script, out string error))
        {
            return null;
        }

        TryDestroy([.. IpsetSet.All.Where(set => set.IsIPv6 == ipv6).Select(set => (set, set.NextName))], (_, _) => { });
        return error;
    }

    /// <summary>Those of our sets that are there.</summary>
    public bool TryGetNames(out IReadOnlySet<string> names, out string error)
    {
        bool done = program.TryList(out IReadOnlyDictionary<string, (string Type, int Count)> present, out error);
        names = new HashSet<string>(present.Keys.Intersect(IpsetSet.All.SelectMany(set => (string[])[set.Name, set.NextName])));
        return done;
    }

    /// <summary>Takes all of them away.</summary>
    /// <param name="failed">Told what is left, and why.</param>
    public bool TryDestroy(Action<string, string> failed) =>
        TryDestroy([.. IpsetSet.All.SelectMany(set => ((IpsetSet, string)[])[(set, set.Name), (set, set.NextName)])], failed);

    /// <summary>A set of that name that we would not have made.</summary>
    private static bool IsTaken(IReadOnlyDictionary<string, (string Type, int Count)> present, out string error)
    {
        foreach (IpsetSet set in IpsetSet.All)
        {
            foreach (string name in (string[])[set.Name, set.NextName])
            {
                if (present.TryGetValue(name, out (string Type, int Count) found) && found.Type != $"{set.Type} {set.Family}")
                {
                    error = $"there is a set {name} of type {found.Type} that is not fwknopd's; rename it or destroy it";
                    return true;
                }
            }
        }

        error = "";
        return false;
    }

    private bool TryDestroy(IReadOnlyList<(IpsetSet Set, string Name)> sets, Action<string, string> failed)
    {
        if (!program.TryList(out IReadOnlyDictionary<string, (string Type, int Count)> present, out string error))
        {
            failed("the sets of fwknopd", error);
            return false;
        }

        bool removed = true;
        foreach ((IpsetSet set, string name) in sets)
        {
            if (present.TryGetValue(name, out (string Type, int Count) found) && found.Type == $"{set.Type} {set.Family}" && !program.TryDestroy(name, out error))
            {
                failed($"the set {name}", error);
                removed = false;
            }
        }

        return removed;
    }
}
