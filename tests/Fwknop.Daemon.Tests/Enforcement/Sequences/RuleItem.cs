namespace Fwknop.Daemon.Tests.Enforcement.Sequences;

/// <summary>A rule, or an element of a set, that a grant comes to.</summary>
/// <param name="Place">The chain, or the table of the set: <c>iptables-nft 4 filter FWKNOP_INPUT</c>, <c>inet fwknop</c>.</param>
/// <param name="Text">As the kernel has it, with EXP for its end.</param>
internal sealed record RuleItem(string Place, string Text);
