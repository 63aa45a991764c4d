using System.Diagnostics;
using System.Globalization;

namespace Fwknop.EndToEnd.Tests;

internal static class Processes
{
    /// <summary>The numbers by which the kernel knows its netlink sockets of the kind that firewalls are changed with.</summary>
    public static IReadOnlyList<string> NetfilterSockets(int processId)
    {
        const string netfilter = "12";
        HashSet<string> known = [.. File.ReadLines($"/proc/{processId}/net/netlink")
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[1] == netfilter).Select(fields => $"socket:[{fields[^1]}]")];
        return [.. Descriptors(processId).Where(known.Contains)];
    }

    /// <summary>What its descriptors are.</summary>
    public static IReadOnlyList<string> Descriptors(int processId) =>
        [.. Directory.GetFiles(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/fd")).Select(path => new FileInfo(path).LinkTarget ?? "")];

    /// <summary>kill -9; no error when it has ended already.</summary>
    public static void Kill(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // There is no such process any more.
        }
    }
}
