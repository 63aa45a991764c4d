using System.Globalization;

namespace Fwknop.Client;

/// <summary>
/// Compares our clock with that of a service we asked anyway: a clock that is wrong is the commonest reason why a server takes no
/// notice of a packet (client.md 20, 253).
/// </summary>
internal static class ClockCheck
{
    /// <summary>Seconds. Less may be the service's own fault; servers allow 120 by default.</summary>
    public const int Tolerance = 30;

    /// <param name="service">Time of day at the service.</param>
    /// <param name="host">Who says so.</param>
    /// <param name="now">Our time of day at the same moment.</param>
    /// <param name="offset">Seconds that the packet's time is moved by, as the user said.</param>
    /// <returns>Null when the packet's time is about right.</returns>
    public static string? Warning(DateTimeOffset service, string host, DateTimeOffset now, long offset)
    {
        long behind = (long)Math.Round((service - now).TotalSeconds);
        if (Math.Abs(behind - offset) <= Tolerance)
        {
            return null;
        }

        string state = behind == 0 ? "agrees with" : $"is {Seconds(behind)} seconds {(behind > 0 ? "behind" : "ahead of")}";
        string moved = offset == 0 ? string.Empty : $", and the packet's time is {Seconds(offset)} seconds {(offset > 0 ? "later" : "earlier")}";
        string remedy = Math.Abs(behind) <= Tolerance ? "Leave out the time offset."
            : $"Set the clock, or use --time-offset-{(behind > 0 ? "plus" : "minus")} {Seconds(behind)}s.";
        return $"[-] WARNING: The clock {state} that of {host}{moved}; a server may ignore the packet. {remedy}";
    }

    private static string Seconds(long number) => Math.Abs(number).ToString(CultureInfo.InvariantCulture);
}
