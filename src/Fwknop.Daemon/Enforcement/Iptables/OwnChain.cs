namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>A chain that is ours.</summary>
/// <param name="Table">Its table, <c>filter</c>.</param>
/// <param name="Name">Its name, <c>FWKNOP_INPUT</c>.</param>
internal sealed record OwnChain(string Table, string Name);
