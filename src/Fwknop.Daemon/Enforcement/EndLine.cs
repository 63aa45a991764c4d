using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement;

/// <summary>Lines about ends of grants.</summary>
internal static class EndLine
{
    /// <summary>Tells the ends of grants whose rules have no number that could be told: the kernel has removed them, or they went with others.</summary>
    /// <param name="log">Where to.</param>
    /// <param name="ended">The grants.</param>
    /// <param name="rulesOf">The rules of a grant, and what they were in: chains, a zone.</param>
    /// <param name="why">Why before their time; null at that.</param>
    public static void Tell(
        IFirewallLog log, IEnumerable<LiveGrant> ended, Func<GrantKey, IEnumerable<(string Name, string Place)>> rulesOf, string? why = null)
    {
        foreach ((GrantKey key, GrantEnd end) in ended)
        {
            foreach ((string _, string place) in rulesOf(key))
            {
                log.Info(
                    $"Removed rule for {key.SourceText} -> {key.DestinationText} {key.Ports} from {place} {why ?? $"with expire time of {end.Epoch}"}",
                    key.About(LogEventKind.GrantClosed, place, end.Epoch));
            }
        }
    }

    /// <summary>Tells that a grant of the back end before cannot go on in the one that follows.</summary>
    public static void TellLeftOut(IFirewallLog log, GrantKey key, string reason) =>
        log.Warning($"The grant of {key.Ports} for {key.SourceText} ends: {reason}");
}
