namespace Fwknop.Daemon.Enforcement;

/// <summary>What a batch changes about one key; <paramref name="Before"/> is null if nothing is open yet.</summary>
internal sealed record GrantChange(GrantKey Key, GrantEnd? Before, GrantEnd After);
