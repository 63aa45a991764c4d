namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>A rule with an <c>_exp_</c> comment in our chain.</summary>
/// <param name="Number">Its place in the chain, from 1.</param>
/// <param name="Text">What follows <c>-A CHAIN</c>.</param>
/// <param name="Epoch">EXP of its comment.</param>
/// <param name="Key">What it opens, if it is of the form that we make; another program's rule may be of any form.</param>
internal sealed record ListedRule(int Number, string Text, long Epoch, GrantKey? Key);
