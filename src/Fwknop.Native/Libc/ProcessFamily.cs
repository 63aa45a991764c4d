using System.Globalization;
using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>
/// The session of a process and its descendants, as far as /proc shows them: under <c>hidepid</c> and without the right to trace, those of other users are
/// not seen.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class ProcessFamily
{
    /// <summary>All of them but the process itself; the caller disposes them. None on kernels before 5.3.</summary>
    public static IReadOnlyList<ProcessWatch> Open(int leader)
    {
        Dictionary<int, ProcessWatch> opened = [];
        foreach (int id in Find(leader))
        {
            if (ProcessWatch.TryOpen(id, out ProcessWatch? member, out _))
            {
                opened.Add(id, member);
            }
        }

        // Asked again: a number may have become that of another process before it was opened.
        HashSet<int> family = opened.Count == 0 ? [] : Find(leader);
        foreach ((int id, ProcessWatch stranger) in opened.Where(member => !family.Contains(member.Key)))
        {
            stranger.Dispose();
            opened.Remove(id);
        }

        return [.. opened.Values];
    }

    private static HashSet<int> Find(int leader)
    {
        List<Entry> others = [.. Directory.EnumerateDirectories("/proc").Select(Read).OfType<Entry>().Where(entry => entry.Id != leader)];
        HashSet<int> family = [.. others.Where(entry => entry.Session == leader).Select(entry => entry.Id)];
        int known;
        do
        {
            known = family.Count;
            family.UnionWith(others.Where(entry => entry.Parent == leader || family.Contains(entry.Parent)).Select(entry => entry.Id));
        }
        while (family.Count > known);

        return family;
    }

    /// <summary>Number, name in brackets, state, parent, process group, session. The name may hold anything, brackets too. proc(5).</summary>
    private static Entry? Read(string folder)
    {
        if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id))
        {
            return null;
        }

        try
        {
            string text = File.ReadAllText(Path.Join(folder, "stat"));
            string[] fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return new Entry(id, int.Parse(fields[1], CultureInfo.InvariantCulture), int.Parse(fields[3], CultureInfo.InvariantCulture));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile, or is none of our business.
            return null;
        }
    }

    private sealed record Entry(int Id, int Parent, int Session);
}
