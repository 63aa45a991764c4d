namespace Fwknop.Daemon.Enforcement;

/// <summary>A grant that is open.</summary>
/// <param name="Key">What it opens.</param>
/// <param name="End">Until when.</param>
internal readonly record struct LiveGrant(GrantKey Key, GrantEnd End);
