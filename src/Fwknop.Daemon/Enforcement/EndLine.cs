using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement;

/// <summary>Lines about ends of grants.</summary>
internal static class EndLine
{
    /// <summary>Tells the end of one whose rule has no number that could be told: the kernel has removed it, or it went with others.</summary>
    /// <param name="log">Where to.</param>
    /// <param name="key">The grant.</param>
    /// <param name="place">What its rule was in: a chain, a zone.</param>
    /// <param name="end">When it was to end.</param>
    /// <param name="why">Why before that; null at its time.</param>
    public static void Tell(IFirewallLog log, GrantKey key, string place, GrantEnd end, string? why = null) => log.Info(
        $"Removed rule for {key.SourceText} -> {key.DestinationText} {key.Ports} from {place} {why ?? $"with expire time of {end.Epoch}"}",
        key.About(LogEventKind.GrantClosed, place, end.Epoch));

    /// <summary>Tells that a grant of the back end before cannot go on in the one that follows.</summary>
    public static void TellLeftOut(IFirewallLog log, GrantKey key, string reason) =>
        log.Warning($"The grant of {key.Ports} for {key.SourceText} ends: {reason}");
}
