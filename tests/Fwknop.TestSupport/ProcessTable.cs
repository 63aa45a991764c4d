using System.Globalization;

namespace Fwknop.TestSupport;

/// <summary>What /proc says about processes.</summary>
public static class ProcessTable
{
    public static bool Exists(int processId) => StateOf(processId) is not null and not 'Z';

    /// <summary>False when there is no such process, or it may not be signalled.</summary>
    public static bool Send(int processId, Signal signal) => LibC.Kill(processId, (int)signal);

    public static IReadOnlyList<int> ChildrenOf(int processId)
    {
        string path = $"/proc/{processId}/task";
        return Directory.Exists(path)
            ? [.. Directory.GetDirectories(path).SelectMany(task => Numbers(Path.Combine(task, "children")))]
            : [];
    }

    /// <summary>A line of /proc/PID/status without its label, or null when there is none.</summary>
    public static string? Status(int processId, string label) =>
        ReadLines($"/proc/{processId}/status").FirstOrDefault(line => line.StartsWith(label + ":", StringComparison.Ordinal))
            ?[(label.Length + 1)..].Trim();

    /// <summary>Words of the command line, separated by blanks; empty for what has ended.</summary>
    public static string CommandLine(int processId) => string.Join(' ', ReadLines($"/proc/{processId}/cmdline")).Replace('\0', ' ').Trim();

    /// <summary>Process numbers of the threads.</summary>
    public static IReadOnlyList<int> Threads(int processId) =>
        [.. Directory.GetDirectories($"/proc/{processId}/task").Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture))];

    /// <summary>How often each thread, by its number, has gone to sleep: an idle program that polls does so again and again.</summary>
    public static IReadOnlyDictionary<int, long> Sleeps(int processId) => Threads(processId)
        .Select(thread => (Thread: thread, Times: Status(thread, "voluntary_ctxt_switches")))
        .Where(count => count.Times is not null)
        .ToDictionary(count => count.Thread, count => long.Parse(count.Times!, CultureInfo.InvariantCulture));

    private static char? StateOf(int processId) => Status(processId, "State") is { Length: > 0 } state ? state[0] : null;

    private static IEnumerable<int> Numbers(string path) =>
        ReadLines(path).SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(word => int.Parse(word, CultureInfo.InvariantCulture));

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (IOException)
        {
            return []; // the process ended in between
        }
    }
}
