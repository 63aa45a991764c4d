using Fwknop.Daemon.Expiry;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>A rule with an <c>_exp_</c> comment in a chain of ours.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Number">Its place in the chain, from 1.</param>
/// <param name="Text">What follows <c>-A CHAIN</c>.</param>
/// <param name="Epoch">EXP of its comment.</param>
/// <param name="Rule">What it does, if it is of a form that we make; another program's rule may be of any form.</param>
internal sealed record ListedRule(OwnChain Chain, int Number, string Text, long Epoch, IptablesRule? Rule)
{
    /// <summary>By its comment.</summary>
    public TimeSpan TimeLeft(Moment now) => TimeLeft(Epoch, now);

    /// <summary>Until that second; at most some 30 years, so that no absurd date overflows.</summary>
    public static TimeSpan TimeLeft(long epoch, Moment now) =>
        TimeSpan.FromSeconds(Math.Min(epoch - (now.WallClock.ToUnixTimeMilliseconds() / 1000.0), 1e9));
}
