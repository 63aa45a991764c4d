namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>A rule that jumps to a chain of ours.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="From">The chain that jumps, <c>INPUT</c>; of the same table.</param>
internal sealed record ChainJump(OwnChain Chain, string From);
