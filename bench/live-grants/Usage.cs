using System.Globalization;
using Fwknop.TestSupport;

namespace Fwknop.Benchmarks;

/// <summary>What a daemon and its listener use of the machine in some time.</summary>
/// <param name="Processor">Time on a processor, in steps of 10 ms.</param>
/// <param name="WakeUps">How often one of their threads went to sleep again.</param>
internal sealed record Usage(TimeSpan Processor, long WakeUps)
{
    public static Usage During(TimeSpan time, SpaDaemon daemon)
    {
        int[] processes = [daemon.Process.Id, .. daemon.Process.Children()];
        TimeSpan processor = ProcessorTime(processes);
        Dictionary<int, long> sleeps = Sleeps(processes);
        Thread.Sleep(time);
        return new Usage(
            ProcessorTime(processes) - processor,
            Sleeps(processes).Sum(thread => thread.Value - sleeps.GetValueOrDefault(thread.Key)));
    }

    /// <summary>Since they were started (proc(5), stat: utime and stime in hundredths of a second).</summary>
    private static TimeSpan ProcessorTime(int[] processes) => TimeSpan.FromMilliseconds(10 * processes.Sum(Ticks));

    private static long Ticks(int process)
    {
        string stat = File.ReadAllText($"/proc/{process}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
    }

    private static Dictionary<int, long> Sleeps(int[] processes) => new(processes.SelectMany(ProcessTable.Sleeps));
}
