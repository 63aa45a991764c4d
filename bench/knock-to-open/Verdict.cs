using System.Globalization;

namespace Fwknop.Benchmarks;

/// <summary>The comparison the figures are for.</summary>
internal static class Verdict
{
    /// <summary>Returns the exit status: 1 when ours is not below the limit.</summary>
    public static int Print(Dictionary<Candidate, Distribution> results, double limit)
    {
        Distribution? ours = Of(CandidateRole.Ours);
        Distribution? reference = Of(CandidateRole.Reference);
        if (ours is null || reference is null)
        {
            return 0;
        }

        Console.WriteLine();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"p50, pcap: {reference.Median:0.0} ms / {ours.Median:0.00} ms = {reference.Median / ours.Median:0.0} times as fast"));
        if (ours.Median < limit)
        {
            return 0;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Not below {limit} ms."));
        return 1;

        Distribution? Of(CandidateRole role) => results.FirstOrDefault(entry => entry.Key.Role == role).Value;
    }
}
