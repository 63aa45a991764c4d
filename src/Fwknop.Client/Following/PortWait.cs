using System.Net;

namespace Fwknop.Client;

/// <summary>
/// Tries to connect until it works. Attempts are short at first, since a packet filter drops what comes before the grant, and become
/// longer, since servers may be far away. An attempt that fails early waits out its time.
/// </summary>
internal sealed class PortWait(IConnector connector, TimeProvider clock)
{
    private static readonly TimeSpan FirstAttempt = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestAttempt = TimeSpan.FromSeconds(3);

    /// <summary>How long after a packet another one is worth sending.</summary>
    private static readonly TimeSpan PacketInterval = TimeSpan.FromSeconds(3);

    /// <summary>Tries until the port is open or the time is over.</summary>
    /// <param name="target">Address and port.</param>
    /// <param name="limit">The time.</param>
    /// <param name="sendAgain">Sends a fresh packet when none may have arrived; null to leave it at the first one.</param>
    /// <returns>The attempt that worked, or the last one that did not.</returns>
    public PortWaitResult Run(IPEndPoint target, TimeSpan limit, Action? sendAgain)
    {
        long started = clock.GetTimestamp();
        long sent = started;
        TimeSpan slot = FirstAttempt;
        ConnectAttempt? last = null;
        while (true)
        {
            long begun = clock.GetTimestamp();
            TimeSpan left = limit - clock.GetElapsedTime(started, begun);
            if (left <= TimeSpan.Zero && last is not null)
            {
                return new PortWaitResult(last, clock.GetElapsedTime(started));
            }

            bool isCut = left < slot;
            ConnectAttempt attempt = connector.Connect(target, isCut ? left : slot);
            if (attempt.Outcome == ConnectOutcome.Open)
            {
                return new PortWaitResult(attempt, clock.GetElapsedTime(started));
            }

            // The last attempt has too little time for an answer that earlier ones may have got.
            last = isCut && attempt.Outcome == ConnectOutcome.NoAnswer ? last ?? attempt : attempt;
            Pause((isCut ? left : slot) - clock.GetElapsedTime(begun));
            slot = slot * 2 < LongestAttempt ? slot * 2 : LongestAttempt;
            if (sendAgain is not null && clock.GetElapsedTime(sent) >= PacketInterval && clock.GetElapsedTime(started) < limit)
            {
                sendAgain();
                sent = clock.GetTimestamp();
                slot = FirstAttempt;
            }
        }
    }

    private void Pause(TimeSpan time)
    {
        if (time > TimeSpan.Zero)
        {
            Task.Delay(time, clock).GetAwaiter().GetResult();
        }
    }
}
