namespace Fwknop.Daemon.Enforcement.Pf;

/// <summary>Lines about rules of PF (server.md 9.5).</summary>
internal sealed class PfLines(string anchor) : IRuleLines
{
    public IEnumerable<(string Text, string Chain)> Opened(FirewallGrant request, GrantKey key, long epoch, bool isNew) =>
        [($"{(isNew ? "Added" : "Extended")} Rule for {NetworkText.Of(request.Source)}, {string.Join(',', request.Ports)} expires at {epoch}", anchor)];

    public (string Text, string Chain) Failed(FirewallGrant request) => ($"Could not add rule to pf anchor {anchor} for {request.Description}", anchor);
}
