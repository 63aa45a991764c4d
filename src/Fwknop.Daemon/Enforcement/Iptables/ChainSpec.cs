namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>One chain of the configuration (server.md 9.2.1), <c>ACCEPT, filter, INPUT, 1, FWKNOP_INPUT, 1</c>.</summary>
/// <param name="Target">What a matching rule does: <c>ACCEPT</c>.</param>
/// <param name="Table"><c>filter</c>.</param>
/// <param name="FromChain">The chain that jumps to ours.</param>
/// <param name="JumpPosition">Where in it, from 1.</param>
/// <param name="ToChain">Our chain.</param>
internal sealed record ChainSpec(string Target, string Table, string FromChain, int JumpPosition, string ToChain);
