namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>A rule with an <c>_exp_</c> comment in a chain of ours.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Number">Its place in the chain, from 1.</param>
/// <param name="Text">What follows <c>-A CHAIN</c>.</param>
/// <param name="Epoch">EXP of its comment.</param>
/// <param name="Rule">What it does, if it is of a form that we make; another program's rule may be of any form.</param>
internal sealed record ListedRule(OwnChain Chain, int Number, string Text, long Epoch, IptablesRule? Rule);
