namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>A rule that is in a chain of ours as long as the chain is there, and is of no grant.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Text">What follows <c>-A CHAIN</c>, exactly as iptables lists it.</param>
internal sealed record StandingRule(OwnChain Chain, string Text);
