namespace Fwknop.Daemon.Enforcement.Ipfw;

/// <summary>Lines about rules of ipfw (server.md 9.4).</summary>
/// <param name="set">The active set.</param>
/// <param name="number">The number of the rule that opens a grant, once it is there.</param>
internal sealed class IpfwLines(string set, Func<GrantKey, int> number) : IRuleLines
{
    public IEnumerable<(string Text, string Chain)> Opened(FirewallGrant request, GrantKey key, long epoch, bool isNew) =>
        [($"{(isNew ? "Added" : "Extended")} Rule {number(key)} for {NetworkText.Of(request.Source)}, {string.Join(',', request.Ports)} expires at {epoch}", set)];

    public (string Text, string Chain) Failed(FirewallGrant request) => ($"Could not add rule to {set} for {request.Description}", set);
}
