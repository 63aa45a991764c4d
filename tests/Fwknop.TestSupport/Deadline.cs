using System.Diagnostics;

namespace Fwknop.TestSupport;

/// <summary>A moment by which something has to have happened, on the monotonic clock.</summary>
public readonly record struct Deadline(long Timestamp)
{
    public static Deadline In(TimeSpan time) => new(Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency));

    public bool IsOver => Left == TimeSpan.Zero;

    public TimeSpan Left
    {
        get
        {
            long ticks = Timestamp - Stopwatch.GetTimestamp();
            return ticks <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)ticks / Stopwatch.Frequency);
        }
    }

    /// <summary>Asks again and again until the answer is yes, and fails with the description when it never is.</summary>
    public static void WaitUntil(Func<bool> condition, TimeSpan timeout, string description)
    {
        Deadline deadline = In(timeout);
        while (true)
        {
            // Asked before the condition: on a busy machine much time may pass in between.
            bool isLast = deadline.IsOver;
            if (condition())
            {
                return;
            }

            if (isLast)
            {
                throw new TimeoutException($"Not within {timeout.TotalSeconds:0.#} s: {description}");
            }

            Thread.Sleep(10);
        }
    }
}
