namespace Fwknop.Daemon.Enforcement.Ipfw;

/// <summary>The rules that one packet got, which have one number.</summary>
/// <param name="Number">Theirs, in the active set.</param>
/// <param name="Epoch">EXP in their comments.</param>
/// <param name="Keys">What they open; empty for rules of a form that is not ours.</param>
internal sealed record IpfwRule(int Number, long Epoch, IReadOnlyList<GrantKey> Keys);
