using Fwknop.Daemon.Expiry;

namespace Fwknop.Daemon.Enforcement;

/// <summary>What a back end does where only one grant can have a door (<see cref="GrantDoors"/>).</summary>
internal interface IDoorRules
{
    /// <summary>Why a grant cannot be made, or null.</summary>
    string? WhyNot(FirewallGrant grant);

    /// <summary>Opens what a plan says, and shuts what it replaces. Null, or why nothing of it was done.</summary>
    string? Apply(GrantPlan plan, IReadOnlySet<GrantKey> replaced, Moment now);

    /// <summary>What log lines call the rules of a grant, and the chains that they are in.</summary>
    IEnumerable<(string Name, string Chain)> RulesOf(GrantKey key);
}
